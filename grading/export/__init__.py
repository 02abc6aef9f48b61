"""Plugins for `nbgrader export --exporter=grading.export.<name>`; docs/exports.md describes the files."""

from .canvas import CanvasExporter
from .moodle import MoodleExporter
from .plain import CsvExporter, XlsxExporter

__all__ = ["CanvasExporter", "CsvExporter", "MoodleExporter", "XlsxExporter"]

"""Plugins for `nbgrader export --exporter=nbgrader_apart.export.NAME`; docs/exports.md describes them."""

from nbgrader_apart.export.canvas import CanvasExporter
from nbgrader_apart.export.moodle import MoodleExporter
from nbgrader_apart.export.spreadsheets import CsvExporter, XlsxExporter

__all__ = ["CanvasExporter", "CsvExporter", "MoodleExporter", "XlsxExporter"]

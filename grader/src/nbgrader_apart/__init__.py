"""Grading in a sandbox: learners' code cannot leave it, and tests that run apart cannot be fooled.

intake → run, judge → record → feedback; docs/grading.md shows the way. In nbgrader_config.py:

    import nbgrader_apart
    nbgrader_apart.use(c)
"""

from typing import TYPE_CHECKING

from nbgrader_apart.messages import speak

if TYPE_CHECKING:  # what needs no nbgrader starts without its packages
    from traitlets.config import Config


def use(config: "Config", language: str = "en") -> None:
    """Set nbgrader's own lists so that `nbgrader autograde` and the formgrader grade this way.

    `nbgrader generate_assignment` writes the due date into the notebooks, `nbgrader export` without options
    a table that is safe to open. `language`, "en" or "ru", is that of the commands; learners are spoken to in
    the language that the notebooks of an assignment name in their metadata, `{"apart": {"language": "en"}}`.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import ClearSolutions

    speak(language)
    config.Autograde.exporter_class = "nbgrader_apart.autograde.intake_exporter.IntakeExporter"
    config.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
    config.Autograde.autograde_preprocessors = [
        "nbgrader_apart.autograde.preprocessors.RunAndJudge",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader_apart.autograde.preprocessors.SaveGrades",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.GenerateAssignment.preprocessors = [
        "nbgrader_apart.model.language_stubs.LanguageStubs" if step is ClearSolutions else step
        for step in GenerateAssignment.preprocessors.default()
    ] + ["nbgrader_apart.deadlines.due_date.DueDate"]
    config.ExportApp.plugin_class = "nbgrader_apart.export.CsvExporter"
    config.GenerateFeedback.exporter_class = "nbgrader_apart.feedback.page_exporter.FeedbackPageExporter"
    config.GenerateFeedback.preprocessors = ["nbgrader_apart.feedback.notebook_marks.ReadMarks"]
    config.ExchangeFactory.release_feedback = "nbgrader_apart.feedback.release_feedback.ReleaseFeedback"

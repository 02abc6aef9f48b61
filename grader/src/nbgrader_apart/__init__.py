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
    Preprocessors of the course's own stay in the lists.
    """
    from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback

    from nbgrader_apart.own_steps import AFTER, BEFORE, merged, replaced, theirs
    from nbgrader_apart.startup import without_autoflush_warnings

    speak(language)
    without_autoflush_warnings()
    config.Autograde.exporter_class = "nbgrader_apart.autograde.intake_exporter.IntakeExporter"
    metadata = "nbgrader.preprocessors.CheckCellMetadata"
    config.Autograde.sanitize_preprocessors = merged(config, Autograde, BEFORE, [metadata])
    steps = [
        "nbgrader_apart.autograde.preprocessors.RunAndJudge",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader_apart.autograde.preprocessors.SaveGrades",
        metadata,
    ]
    config.Autograde.autograde_preprocessors = merged(config, Autograde, AFTER, steps)
    stubs, header = (
        "nbgrader_apart.model.language_stubs.LanguageStubs",
        "nbgrader_apart.deadlines.due_date.DueDate",
    )
    released = replaced(theirs(config, GenerateAssignment, "preprocessors"), {"ClearSolutions": stubs})
    config.GenerateAssignment.preprocessors = [step for step in released if step != header] + [header]
    config.ExportApp.plugin_class = "nbgrader_apart.export.CsvExporter"
    config.GenerateFeedback.exporter_class = "nbgrader_apart.feedback.page_exporter.FeedbackPageExporter"
    marks = "nbgrader_apart.feedback.notebook_marks.ReadMarks"
    config.GenerateFeedback.preprocessors = merged(config, GenerateFeedback, "preprocessors", [marks])
    config.ExchangeFactory.release_feedback = "nbgrader_apart.feedback.release_feedback.ReleaseFeedback"

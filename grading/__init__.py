"""Grading that cannot be fooled: learners' code in a sandbox, tests in a process of their own.

take_in → run → judge → record → feedback; docs/grading.md shows the way. In nbgrader_config.py:

    import grading
    grading.use(c)
"""


def use(config):
    """Set nbgrader's own lists so that `nbgrader autograde` and the formgrader's button grade this way.

    `nbgrader export` without options writes a table that is safe to open.
    """
    config.Autograde.exporter_class = "grading.take_in.exporter.TakeIn"
    config.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
    config.Autograde.autograde_preprocessors = [
        "grading.preprocessor.RunAndJudge",
        "nbgrader.preprocessors.LimitOutput",
        "grading.preprocessor.SaveGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.ExportApp.plugin_class = "grading.export.CsvExporter"
    config.GenerateFeedback.exporter_class = "grading.feedback.page.FeedbackPage"
    config.GenerateFeedback.preprocessors = ["grading.feedback.marks.ReadMarks"]

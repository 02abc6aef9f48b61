"""The course in the current folder, as nbgrader's own commands find it."""

from pathlib import Path

from nbgrader.apps import NbGrader
from nbgrader.exchange.default import Exchange

from .messages import text
from .settings import Grading
from .take_in.staging import submitted_folders


class CourseError(Exception):
    """What is wrong with the course or its gradebook, in one sentence for the instructor."""


class Course:
    """Settings and folders, from nbgrader_config.py."""

    def __init__(self):
        app = NbGrader()
        app.initialize([])
        self.config = app.config
        self.directory = app.coursedir
        self.settings = Grading(config=self.config)
        self.inbound = Path(Exchange(config=self.config).root) / self.directory.course_id / "inbound"

    def source(self, assignment):
        """The assignment's source folder. Raises CourseError when there is none."""
        folder = Path(self.directory.format_path(self.directory.source_directory, ".", assignment))
        if not any(folder.glob("*.ipynb")):
            raise CourseError(text("course.no_assignment", name=assignment, folder=folder))
        return folder

    def submitted(self, assignment, students=()):
        """{student: submitted folder}, of all students or of those named."""
        found = {}
        for student in students or ["*"]:
            folders = submitted_folders(self.directory, student, assignment)
            if not folders:
                pattern = self.directory.format_path(self.directory.submitted_directory, student, assignment)
                raise CourseError(text("course.no_submission", pattern=pattern))
            found |= folders
        return found

    def autograded(self, assignment, student):
        """Where the student's graded notebooks are."""
        return Path(self.directory.format_path(self.directory.autograded_directory, student, assignment))

"""The course in the current folder, as nbgrader's own commands find it."""

import os
from contextlib import contextmanager
from pathlib import Path

from nbgrader.apps import NbGrader
from nbgrader.exchange.default import Exchange
from sqlalchemy.exc import SQLAlchemyError

from .messages import text
from .settings import Grading
from .take_in.staging import submitted_folders


class CourseError(Exception):
    """What is wrong with the course or its gradebook, in one sentence for the instructor."""


def load():
    """nbgrader's application with the settings of nbgrader_config.py.

    nbgrader alone goes on without a file that fails. Raises CourseError.
    """
    app = NbGrader()
    app.raise_config_file_errors = True
    try:
        app.initialize([])
    except Exception as error:  # the file is a program: anything can go wrong in it
        raise CourseError(text("doctor.bad_config", reason=f"{type(error).__name__}: {error}")) from error
    return app


@contextmanager
def explained():
    """Say in one sentence what the database says. Raises CourseError."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise CourseError(text("batch.gradebook", reason=reason)) from error


def forbidden(submitted, autograded):
    """Why a submitted folder cannot be read, or its graded one cannot be written; "" when they can."""
    if submitted.is_dir() and not os.access(submitted, os.R_OK | os.X_OK):
        return text("course.unreadable", folder=submitted)
    above = next(folder for folder in autograded.parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        return text("course.unwritable", folder=above)
    return ""


class Course:
    """Settings and folders, from nbgrader_config.py. Raises CourseError."""

    def __init__(self):
        app = load()
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

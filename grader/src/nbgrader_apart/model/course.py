"""The course in the current folder, as nbgrader's own commands find it."""

import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import InvalidEntry
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from sqlalchemy.exc import SQLAlchemyError

from nbgrader_apart import scratch
from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.settings import Grading

FULL = errno.ENOSPC, errno.EDQUOT, errno.EFBIG
LOG = logging.getLogger("tornado.application")  # to which nbgrader's gradebook logs


class CourseError(Exception):
    """What is wrong with the course or its gradebook, in one sentence for the instructor."""


class GradebookError(CourseError):
    """The gradebook's database has failed; its own exception is the cause."""


def load() -> NbGrader:
    """nbgrader's application with the settings of nbgrader_config.py.

    nbgrader itself would ignore a file that fails. Raises CourseError.
    """
    app = NbGrader()
    app.raise_config_file_errors = True
    try:
        app.initialize([])
    except Exception as error:  # the file is a program: anything can go wrong in it
        raise CourseError(text("doctor.bad_config", reason=f"{type(error).__name__}: {error}")) from error
    return app


class DiskFull(CourseError):
    """The disk is full: the next submission would fail too."""


@contextmanager
def explained(folder: Path | str | None = None) -> Iterator[None]:
    """Turn errors of the database, or of a full disk under `folder`, into one sentence.

    Raises GradebookError, DiskFull; CourseError when there is space, but too little for what is written.
    """
    LOG.addFilter(is_news)
    try:
        yield
    except (SQLAlchemyError, InvalidEntry) as error:
        cause = error.__context__ or error if isinstance(error, InvalidEntry) else error
        said = str(getattr(cause, "orig", None) or cause).strip() or type(cause).__name__
        raise GradebookError(text("batch.gradebook", reason=said.splitlines()[0])) from cause
    except OSError as error:
        places = [existing(Path(place)) for place in (folder, tempfile.gettempdir()) if place]
        full = [place for place in places if scratch.is_full(place)]
        if error.errno not in FULL and not (full and isinstance(error, shutil.Error)):  # which has no number
            raise
        kind = DiskFull if full else CourseError
        reason = error.strerror or os.strerror(errno.ENOSPC)
        raise kind(text("course.full_disk", folder=(full or places)[0], reason=reason)) from error
    finally:
        LOG.removeFilter(is_news)


def is_news(record: logging.LogRecord) -> bool:
    """False for the traceback that nbgrader logs before it raises InvalidEntry, which says as much."""
    return not record.getMessage().startswith("Rolling back session")


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def forbidden(student: str, submitted: Path, autograded: Path) -> str:
    """Why a student's submission cannot be graded: its folder's name, or the rights; "" when it can."""
    if not student.isprintable():
        return text("course.bad_name", name=shown(student))
    if submitted.is_dir() and not os.access(submitted, os.R_OK | os.X_OK):
        return text("course.unreadable", folder=submitted)
    above = existing(autograded.parent)
    inside = [folder for folder in (autograded, *autograded.rglob("*")) if folder.is_dir()]
    for folder in (above, *inside):
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            return text("course.unwritable", folder=folder)
    return ""


def submitted_folders(course: CourseDirectory, student: str, assignment: str) -> dict[str, Path]:
    """{student: submitted folder} of nbgrader's CourseDirectory `course`; `student` is an id or "*"."""
    pattern = Path(course.format_path(course.submitted_directory, student, assignment))
    place = Path(course.format_path(course.submitted_directory, "\0", assignment)).parts.index("\0")
    folders = Path(course.root).glob(str(pattern.relative_to(course.root)))
    return {folder.parts[place]: folder for folder in sorted(folders)}


def folders(course: CourseDirectory, step: str, name: str) -> dict[str, Path]:
    """{student: folder} of a step of nbgrader's, such as "autograded", for the students asked for."""
    excluded = course.student_id_exclude.split(",")
    found = matching(course, step, course.student_id, name)
    return {student: folder for student, folder in found.items() if student not in excluded}


def matching(course: CourseDirectory, step: str, student: str, name: str) -> dict[str, Path]:
    """{student: folder} of a step, sorted; `student` is an id or a pattern, such as "*"."""
    pattern = Path(course.format_path(step, student, name))
    place = Path(course.format_path(step, "\0", name)).parts.index("\0")
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    return {folder.parts[place]: folder for folder in sorted(found) if folder.is_dir()}


class Course:
    """Settings and folders, from nbgrader_config.py. Raises CourseError."""

    def __init__(self) -> None:
        app = load()
        self.config = app.config
        self.directory = app.coursedir
        self.settings = Grading(config=self.config)
        self.inbound = Path(Exchange(config=self.config).root) / self.directory.course_id / "inbound"

    def source(self, assignment: str) -> Path:
        """The assignment's source folder. Raises CourseError when there is none."""
        folder = Path(self.directory.format_path(self.directory.source_directory, ".", assignment))
        if not any(folder.glob("*.ipynb")):
            raise CourseError(text("course.no_assignment", name=assignment, folder=folder))
        return folder

    def submitted(self, assignment: str, students: Iterable[str] = ()) -> dict[str, Path]:
        """{student: submitted folder}, of all students or of those named."""
        found: dict[str, Path] = {}
        for student in students or ["*"]:
            folders = submitted_folders(self.directory, student, assignment)
            if not folders:
                pattern = self.directory.format_path(self.directory.submitted_directory, student, assignment)
                raise CourseError(text("course.no_submission", pattern=pattern))
            found |= folders
        return found

    def autograded(self, assignment: str, student: str) -> Path:
        """Where the student's graded notebooks are."""
        return Path(self.directory.format_path(self.directory.autograded_directory, student, assignment))

"""Takes submissions in for `nbgrader autograde`: set as `c.Autograde.exporter_class`.

nbgrader makes the exporter after it has listed the submissions and before it touches the first one. This one
points the converter at clean copies of them: nothing of `submitted/` is opened, followed or copied later.
A failure of one submission is raised where nbgrader continues with the next one and exits with 1 at the end.
"""

import functools
import logging
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange

from nbgrader_apart import scratch
from nbgrader_apart.autograde.marking import Expected, Marking
from nbgrader_apart.intake.staging import read, submitted_at, take_in, write_files, written_time
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.model import assignment
from nbgrader_apart.model.course import CourseError, explained, forbidden, submitted_folders
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.own_steps import are_in_force
from nbgrader_apart.processes import bounded, sandbox
from nbgrader_apart.processes.failed import sentence
from nbgrader_apart.processes.signals import Cancelled, end_cleanly
from nbgrader_apart.record import gradebook_rows
from nbgrader_apart.record.fingerprint import fingerprint
from nbgrader_apart.record.last_grading import HandIn

Returned = TypeVar("Returned")


class CleanCourse(CourseDirectory):
    """The same course, with clean copies in place of the submitted folder."""

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """The time in timestamp.txt if that is a regular file, else None."""
        path = Path(dest_path) / "timestamp.txt"
        return super().get_existing_timestamp(dest_path) if path.is_file() and not path.is_symlink() else None


class IntakeExporter(NotebookExporter):
    """A notebook exporter that takes all submissions in before it exports the first."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.left: dict[str, float] = {}  # {student: seconds that may still be spent on the submission}
        self.refused: dict[str, tuple[str, Exception]] = {}  # {nbgrader's name: (student, why)}
        if isinstance(self.parent, Autograde):
            if not are_in_force(self.parent.autograde_preprocessors):
                self.log.error(text("use.late"))
                raise NbGraderException(text("use.late"))
            if isinstance(self.parent.parent, AutogradeApp):  # the formgrader's server handles signals itself
                end_cleanly(functools.partial(text, "batch.interrupted"), Cancelled)
            try:
                with explained():
                    self._folder = tempfile.TemporaryDirectory(prefix="intake-", dir=scratch.folder())
                    self._take_in(self.parent, Path(self._folder.name))
            except CourseError as error:
                self.log.error(error)
                raise NbGraderException(str(error)) from error

    def _take_in(self, converter: Autograde, folder: Path) -> None:
        course, settings = converter.coursedir, Grading(parent=self)
        if not settings.unsafe_without_sandbox:
            check_sandbox(self.log)
        source = assignment.load(course.format_path(course.source_directory, ".", course.assignment_id))
        clean = CleanCourse(parent=course.parent)
        for name in course.trait_names(config=True):
            setattr(clean, name, getattr(course, name))
        clean.submitted_directory = str(folder / "submitted")
        with Gradebook(course.db_url, course.course_id) as book:
            gradebook_rows.check(book)
        expected = {}
        inbound = Path(Exchange(parent=self).root) / course.course_id / "inbound"
        converter.assignments = {}
        found = submitted_folders(course, course.student_id, course.assignment_id)
        for student in set(course.student_id_exclude.split(",")) & set(found):
            del found[student]
        for student, submitted in found.items():
            self.left[student] = settings.submission_seconds
            autograded = course.format_path(course.autograded_directory, student, course.assignment_id)
            target = Path(clean.format_path(clean.submitted_directory, student, course.assignment_id))
            copy = submitted, student, course.assignment_id, source, settings, inbound, target
            try:
                if problem := forbidden(student, submitted, Path(autograded)):
                    raise CourseError(problem)
                digest, hand_in = self.within(student, clean_copy, *copy)
            except Exception as error:
                self._refuse(converter, clean, student, error)
                continue
            asked = sorted(map(str, target.glob(f"{course.notebook_id}.ipynb")))
            if asked:
                converter.assignments[str(target)] = asked
                expected[student] = Expected(target, Path(autograded), digest, hand_in)
        converter.coursedir = clean
        converter.init_destination = functools.partial(self._init_destination, converter.init_destination)
        Marking(converter, expected)

    def within(self, student: str, function: Callable[..., Returned], *arguments: object) -> Returned:
        """Call the function within the seconds that are left for the student's submission."""
        started = time.monotonic()
        try:
            return bounded.call(function, *arguments, seconds=self.left[student])
        finally:
            self.left[student] -= time.monotonic() - started

    def _refuse(self, converter: Autograde, clean: CleanCourse, student: str, error: Exception) -> None:
        """Have nbgrader reach the student and fail there.

        It does so under another name: its regular expressions may not match the student's own, and it
        would remove a folder that perhaps cannot be removed.
        """
        name = repr(student)
        self.refused[name] = student, error
        self.log.error("%s %s: %s", text("batch.not_graded"), shown(student), sentence(error))
        converter.assignments[clean.format_path(clean.submitted_directory, name, clean.assignment_id)] = []

    def _init_destination(
        self, init_destination: Callable[[str, str], bool], assignment_id: str, student_id: str
    ) -> bool:
        """nbgrader's first step of a submission. Removes the scores of an earlier grading."""
        if student_id in self.refused:
            student, error = self.refused[student_id]
            self._forget(assignment_id, student)
            raise error
        if not init_destination(assignment_id, student_id):
            return False
        self._forget(assignment_id, student_id)
        return True

    def from_filename(
        self, filename: str, resources: dict | None = None, **kwargs: object
    ) -> tuple[NotebookNode, dict]:
        """Export one notebook; if that fails, the whole submission is without a score."""
        try:
            return super().from_filename(filename, resources=resources, **kwargs)
        except Exception:
            if isinstance(self.parent, Autograde) and resources is not None:
                self._forget(resources["nbgrader"]["assignment"], resources["nbgrader"]["student"])
            raise

    def _forget(self, assignment_id: str, student_id: str) -> None:
        converter: Autograde = self.parent
        course = converter.coursedir
        gradebook_rows.forget_submission(course.db_url, assignment_id, student_id, course.notebook_id)


def clean_copy(
    submitted: Path,
    student: str,
    name: str,
    source: assignment.Assignment,
    settings: Grading,
    inbound: Path,
    target: Path,
) -> tuple[str, HandIn]:
    """Write what is graded of a student's submission of the assignment `name` into the folder `target`.

    Returns its fingerprint, and what was handed in.
    """
    target.mkdir(parents=True)
    files = read(submitted, source, settings)
    with speaking(source.language):
        notebooks, data = take_in(files, source, settings)
    for notebook, taken in notebooks.items():
        nbformat.write(taken, target / f"{notebook}.ipynb", version=4)
    write_files(data, target)
    time = submitted_at(submitted, inbound, student, name)
    when = f"{time:%Y-%m-%d %H:%M:%S.%f} UTC" if time else None
    if when is not None:
        written, words = written_time(submitted)
        (target / "timestamp.txt").write_text(words if written == time else f"{when}\n")
    version = assignment.version(source.folder, settings)
    return fingerprint(version, when, files), HandIn.of(when, files)


def check_sandbox(log: logging.Logger | logging.LoggerAdapter) -> None:
    """Stop before anything is graded where learners' code cannot be confined. Raises NbGraderException."""
    try:
        sandbox.check()
    except sandbox.SandboxUnavailable as error:
        log.error(str(error))
        raise NbGraderException(str(error)) from error

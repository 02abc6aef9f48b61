"""nbgrader's way in: `c.Autograde.exporter_class`.

nbgrader makes the exporter after it has listed the submissions and before it touches the first one. This one
points the converter at clean copies of them: nothing of `submitted/` is opened, followed or copied later.
"""

import tempfile
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange

from .. import assignment
from ..course import forbidden
from ..run import sandbox
from ..settings import Grading
from .staging import read, submitted_at, submitted_folders, take_in, write_files


class CleanCourse(CourseDirectory):
    """The same course, with clean copies in place of the submitted folder."""

    def get_existing_timestamp(self, dest_path):
        """A time stamp is a line that this package wrote, or none."""
        path = Path(dest_path) / "timestamp.txt"
        return super().get_existing_timestamp(dest_path) if path.is_file() and not path.is_symlink() else None


class TakeIn(NotebookExporter):
    """A notebook exporter that has taken the submissions in before it exports the first."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if isinstance(self.parent, Autograde):
            self._folder = tempfile.TemporaryDirectory(prefix="grading-intake-")
            self._take_in(self.parent, Path(self._folder.name))

    def _take_in(self, converter, folder):
        course, settings = converter.coursedir, Grading(parent=self)
        if not settings.unsafe_without_sandbox:
            refuse(missing_sandbox(), self.log)
        source = assignment.load(course.format_path(course.source_directory, ".", course.assignment_id))
        clean = CleanCourse(parent=course.parent)
        for name in course.trait_names(config=True):
            setattr(clean, name, getattr(course, name))
        clean.submitted_directory = str(folder / "submitted")
        inbound = Path(Exchange(parent=self).root) / course.course_id / "inbound"
        converter.assignments = {}
        found = submitted_folders(course, course.student_id, course.assignment_id)
        for student, submitted in found.items():
            graded = course.format_path(course.autograded_directory, student, course.assignment_id)
            refuse(forbidden(submitted, Path(graded)), self.log)
        for student, submitted in found.items():
            target = Path(clean.format_path(clean.submitted_directory, student, course.assignment_id))
            target.mkdir(parents=True)
            notebooks, data = take_in(read(submitted, source, settings), source, settings)
            for name, notebook in notebooks.items():
                nbformat.write(notebook, target / f"{name}.ipynb", version=4)
            write_files(data, target)
            time = submitted_at(submitted, inbound, student, course.assignment_id)
            if time is not None:
                (target / "timestamp.txt").write_text(f"{time:%Y-%m-%d %H:%M:%S.%f} UTC\n")
            asked = sorted(map(str, target.glob(f"{course.notebook_id}.ipynb")))
            if asked:
                converter.assignments[str(target)] = asked
        converter.coursedir = clean


def missing_sandbox():
    """Why learners' code cannot be confined here; "" when it can."""
    try:
        sandbox.check()
    except sandbox.SandboxUnavailable as error:
        return str(error)
    return ""


def refuse(problem, log):
    """Where there is a problem, end before anything is graded or removed. Raises NbGraderException."""
    if problem:
        log.error(problem)
        raise NbGraderException(problem)

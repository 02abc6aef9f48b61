"""Has `nbgrader autograde` mark what it has recorded, as `apart grade` does: a killed run can be resumed."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde

from nbgrader_apart.model import marks
from nbgrader_apart.model.course import CourseError, DiskFull, GradebookError, explained
from nbgrader_apart.model.late_penalties import LatePenalties
from nbgrader_apart.model.marks import Mark
from nbgrader_apart.processes.signals import Cancelled
from nbgrader_apart.record import graded_folder
from nbgrader_apart.record.last_grading import HandIn, LastGrading, following

CONCERNS_ALL = DiskFull, GradebookError


@dataclass(frozen=True)
class Expected:
    """A submission that may be graded: the folders of its clean copy and of the graded one; what it is."""

    clean: Path
    graded: Path
    fingerprint: str
    hand_in: HandIn


class Marking:
    """Wraps the steps of nbgrader's Autograde `converter`; `expected` is {student: Expected}.

    nbgrader grades in the folder itself and skips what is there: a folder without a mark is removed before.
    Penalties for lateness are brought up to date of all submissions first, then of each that is graded.
    """

    def __init__(self, converter: Autograde, expected: dict[str, Expected]) -> None:
        self.converter, self.expected = converter, expected
        self.penalties = LatePenalties(converter.config)
        self.before: dict[str, tuple[LastGrading | None, Mark]] = {}  # of each student in the gradebook
        self.course = converter.coursedir
        self.whole = self.course.notebook_id == "*"  # every notebook is graded
        self.convert, converter.convert_notebooks = converter.convert_notebooks, self.run
        self.choose, converter.init_destination = converter.init_destination, self.init_destination
        self.lay_out, converter.init_assignment = converter.init_assignment, self.init_assignment
        self.grade, converter.convert_single_notebook = (
            converter.convert_single_notebook,
            self.convert_one,
        )
        self.finish, converter.set_permissions = converter.set_permissions, self.end

    def run(self) -> None:
        """In place of the converter's `convert_notebooks`."""
        wanted = [each.graded for each in self.expected.values()] if self.whole else []
        with self._explained((CourseError,)):
            graded_folder.clean_up(self.course, self.course.assignment_id, wanted)
            self._settle()
            for each in self.expected.values():
                if self.converter.force or self._is_newer(each.clean, each.graded):
                    graded_folder.unmark(each.graded)  # nbgrader will remove it, file by file
        with graded_folder.alive(self.course):
            self.convert()

    def _settle(self) -> None:
        """Bring all penalties up to date, and note what there was before the run."""
        name = self.course.assignment_id
        with Gradebook(self.course.db_url, self.course.course_id) as gradebook:
            if name not in marks.assignments(gradebook):
                return  # nbgrader will say so
            if self.penalties.settle(gradebook, name):
                gradebook.db.commit()
            for mark in marks.read(gradebook, self.course, name):
                if mark.student in self.expected:
                    earlier = graded_folder.graded(self.expected[mark.student].graded)
                    self.before[mark.student] = earlier, mark

    def _is_newer(self, clean: Path, folder: Path) -> bool:
        submitted, graded = (
            self.converter.coursedir.get_existing_timestamp(str(path)) for path in (clean, folder)
        )
        return bool(submitted and graded and submitted > graded)

    def init_destination(self, assignment: str, student: str) -> bool:
        """In place of the converter's, the first step: whether to grade the submission."""
        with self._explained():
            return self.choose(assignment, student)

    def init_assignment(self, assignment: str, student: str) -> None:
        """In place of the converter's: what follows may be killed."""
        graded_folder.unmark(self.expected[student].graded)
        with self._explained():
            self.lay_out(assignment, student)

    def convert_one(self, notebook: str) -> None:
        """In place of `convert_single_notebook`."""
        with self._explained():
            self.grade(notebook)

    def end(self, assignment: str, student: str) -> None:
        """In place of `set_permissions`, the last step."""
        with self._explained():
            self.finish(assignment, student)
            with Gradebook(self.course.db_url, self.course.course_id) as gradebook:
                self.penalties.settle(gradebook, assignment, student)
                gradebook.db.commit()
                after = marks.read_one(gradebook, assignment, student)
            if self.whole:
                each = self.expected[student]
                earlier, before = self.before.get(student, (None, None))
                grading = following(earlier, each.hand_in, before, after)
                graded_folder.mark(each.graded, each.fingerprint, grading)

    @contextlib.contextmanager
    def _explained(self, kinds: tuple[type[CourseError], ...] = CONCERNS_ALL) -> Iterator[None]:
        """End the run with one sentence when no submission is to blame; nbgrader then cleans up.

        `kinds` are the exceptions that say so.
        """
        try:
            with explained(Path(self.course.root, self.course.autograded_directory)):
                yield
        except kinds as error:
            self.converter.log.error(error)
            raise Cancelled(1) from None

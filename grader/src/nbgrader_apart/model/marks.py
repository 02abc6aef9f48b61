"""The marks of a class from nbgrader's gradebook, in a few queries, however many learners there are.

`final` is the one place where a mark is computed: summary, report, feedback and exports show what it gives.
"""

import datetime
import enum
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Row, Select, case, exists, func, select
from sqlalchemy.orm import aliased

from nbgrader_apart.messages import text
from nbgrader_apart.model.course import matching
from nbgrader_apart.model.disk import shown


class State(enum.StrEnum):
    """How final a mark is."""

    FINAL = "final"  # nothing is left to do
    PROVISIONAL = "provisional"  # a person still has to look at some check
    UNGRADED = "ungraded"  # handed in, not yet graded
    MISSING = "missing"  # nothing was handed in


def final(raw: float, penalty: float) -> float:
    """The mark: points after the penalty for being late, never below 0, as nbgrader counts them."""
    return max(0.0, points(raw - penalty))


def points(number: float) -> float:
    """Points without what adding binary fractions leaves: 9.7, not 9.700000000000001."""
    return round(number, 9)


@dataclass(frozen=True)
class NotebookMark:
    """The points of one notebook; those of `extra` credit are among the `raw` ones."""

    name: str
    raw: float
    extra: float
    penalty: float
    possible: float

    @property
    def score(self) -> float:
        """The notebook's mark, as `final`."""
        return final(self.raw, self.penalty)


@dataclass(frozen=True)
class Mark:
    """One learner's mark for one assignment, in points. Times are UTC without a zone, as in nbgrader.

    Without a state in which there is a mark, `notebooks` is empty. `problem` says what the gradebook has in
    place of a mark that can be read.
    """

    assignment: str
    student: str
    first_name: str
    last_name: str
    email: str
    state: State
    possible: float
    notebooks: tuple[NotebookMark, ...] = ()
    duedate: datetime.datetime | None = None  # of the class
    extension: datetime.timedelta | None = None
    submitted: datetime.datetime | None = None
    has_folder: bool = True  # what was handed in is still there
    problem: str = ""

    @property
    def raw(self) -> float:
        """Points before the penalty, of extra credit too."""
        return points(sum(notebook.raw for notebook in self.notebooks))

    @property
    def extra(self) -> float:
        """Points of extra credit."""
        return points(sum(notebook.extra for notebook in self.notebooks))

    @property
    def penalty(self) -> float:
        """Points that lateness has cost."""
        return points(sum(notebook.penalty for notebook in self.notebooks))

    @property
    def score(self) -> float:
        """The mark, as `final`."""
        return final(self.raw, self.penalty)

    @property
    def is_mark(self) -> bool:
        """Whether there is a mark, final or not: else `score` says nothing."""
        return self.state in (State.FINAL, State.PROVISIONAL)

    @property
    def due(self) -> datetime.datetime | None:
        """The due date for this learner, with the extension."""
        return due_for(self.duedate, self.extension)

    @property
    def seconds_late(self) -> float:
        """Seconds after the learner's due date."""
        return lateness(self.submitted, self.due)

    @property
    def name(self) -> str:
        """«Last First», or the id of a learner without a name."""
        return f"{self.last_name} {self.first_name}".strip() or self.student


def due_for(due: datetime.datetime | None, extension: datetime.timedelta | None) -> datetime.datetime | None:
    """The due date of a learner with this extension; None when the assignment has none."""
    return due + (extension or datetime.timedelta()) if due else None


def lateness(submitted: datetime.datetime | None, due: datetime.datetime | None) -> float:
    """Seconds between the due date and a later submission, else 0."""
    return max(0.0, (submitted - due).total_seconds()) if submitted and due else 0.0


def assignments(gradebook: Gradebook) -> list[str]:
    """The names of the gradebook's assignments, sorted."""
    return sorted(gradebook.db.scalars(select(Assignment.name)))


def read(gradebook: Gradebook, coursedir: CourseDirectory, assignment: str) -> list[Mark]:
    """[Mark] of every student in the gradebook, and of whoever else has handed in, sorted by name.

    `assignment` is one of `assignments`.
    """
    folders = handed_in(coursedir, assignment)
    marks = list(_marks(gradebook, assignment, folders))
    possible, due = _about(gradebook, assignment)
    for stranger in folders - {mark.student for mark in marks}:
        marks.append(Mark(assignment, shown(stranger), "", "", "", State.UNGRADED, possible, duedate=due))
    return sorted(marks, key=lambda mark: (mark.name.casefold(), mark.student))


def read_one(gradebook: Gradebook, assignment: str, student: str) -> Mark:
    """The Mark of a student who is in the gradebook."""
    (mark,) = _marks(gradebook, assignment, None, student)
    return mark


def handed_in(coursedir: CourseDirectory, assignment: str) -> set[str]:
    """The ids that have a folder in the course's submitted folder."""
    found = matching(coursedir, coursedir.submitted_directory, "*", assignment)
    return {student for student in found if not student.startswith(".")}


def notebook_rows(assignment: str, student: str | None = None) -> Select:
    """A query with one row per submitted notebook, of all students or of one: what its cells add up to."""
    wanted = [Assignment.name == assignment]
    wanted += [] if student is None else [SubmittedAssignment.student_id == student]
    notebooks = (
        select(SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(*wanted)
    )
    cells = (
        select(
            Grade.notebook_id,
            func.sum(Grade.score).label("raw"),
            func.sum(case((_is_graded(), func.coalesce(Grade.extra_credit, 0.0)), else_=0.0)).label("extra"),
            func.count(func.coalesce(Grade.manual_score, Grade.auto_score)).label("graded"),
            func.sum(case((Grade.needs_manual_grade, 1), else_=0)).label("waiting"),
            func.count().label("all"),
        )
        .where(Grade.notebook_id.in_(notebooks))  # one learner's mark waits for nobody else's sums
        .group_by(Grade.notebook_id)
        .subquery()
    )
    return (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty.label("penalty"),
            Notebook.name,
            Notebook.max_score.label("possible"),
            func.coalesce(cells.c.raw, 0.0).label("raw"),
            func.coalesce(cells.c.extra, 0.0).label("extra"),
            func.coalesce(cells.c.graded, 0).label("graded"),
            func.coalesce(cells.c.waiting, 0).label("waiting"),
            func.coalesce(cells.c.all, 0).label("cells"),
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .outerjoin(cells, cells.c.notebook_id == SubmittedNotebook.id)
        .where(*wanted)
        .order_by(SubmittedAssignment.student_id, Notebook.name)
    )


def due_date(gradebook: Gradebook, assignment: str) -> datetime.datetime | None:
    """When the assignment is due for whoever has no extension."""
    return _about(gradebook, assignment)[1]


def _is_graded():
    """nbgrader counts extra credit only beside a score."""
    return func.coalesce(Grade.manual_score, Grade.auto_score).is_not(None)


def _about(gradebook: Gradebook, assignment: str) -> tuple[float, datetime.datetime | None]:
    """(possible points, due date)"""
    columns = Assignment.max_score, Assignment.duedate
    possible, due = gradebook.db.execute(select(*columns).where(Assignment.name == assignment)).one()
    return float(possible), due


def _marks(
    gradebook: Gradebook, assignment: str, folders: Collection[str] | None, student: str | None = None
) -> Iterator[Mark]:
    """The Mark of every student in the gradebook, or of one; `folders` are not known when None."""
    possible, due = _about(gradebook, assignment)
    has_tests = _has_tests(gradebook, assignment)
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for row in gradebook.db.execute(notebook_rows(assignment, student)):
        rows[row.student_id].append(row)
    students = select(Student.id, Student.first_name, Student.last_name, Student.email)
    if student is not None:
        students = students.where(Student.id == student)
    for person in gradebook.db.execute(students):
        found = rows[person.id]
        has_folder = folders is None or person.id in folders
        # Where no folders are known, scores tell that something was handed in, if there can be any.
        state = _state(found, has_folder and not (folders is None and has_tests), has_tests)
        notebooks = [
            NotebookMark(row.name, float(row.raw), float(row.extra), row.penalty or 0.0, float(row.possible))
            for row in found
            if row.name is not None and state in (State.FINAL, State.PROVISIONAL)
        ]
        problem = ""
        if not all(math.isfinite(number.raw) and math.isfinite(number.penalty) for number in notebooks):
            state, notebooks, problem = State.UNGRADED, [], text("marks.no_number")
        extension, submitted = (found[0].extension, found[0].timestamp) if found else (None, None)
        yield Mark(
            assignment, person.id, person.first_name or "", person.last_name or "", person.email or "", state,
            possible, tuple(notebooks), due, extension, submitted, has_folder, problem,
        )  # fmt: skip


def _state(rows: Sequence[Row], has_folder: bool, has_tests: bool) -> State:
    """nbgrader makes the rows of a submission before it grades it: rows without a score are not a mark.

    But written answers have none until a person gives it, and what has no graded cells needs none.
    """
    if any(row.graded for row in rows):
        return State.PROVISIONAL if any(row.waiting for row in rows) else State.FINAL
    if not has_folder and all(row.timestamp is None for row in rows):
        return State.MISSING
    if not has_tests and any(row.waiting for row in rows):
        return State.PROVISIONAL
    is_recorded, has_cells = any(row.name is not None for row in rows), any(row.cells for row in rows)
    return State.FINAL if is_recorded and not has_cells else State.UNGRADED


def _has_tests(gradebook: Gradebook, assignment: str) -> bool:
    """Whether grading gives points to some cell of the assignment: not a task, nor a written answer."""
    answer = aliased(SolutionCell)
    is_answer = exists().where(answer.notebook_id == GradeCell.notebook_id, answer.name == GradeCell.name)
    tests = (
        select(GradeCell.id)
        .join(Notebook, Notebook.id == GradeCell.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == assignment, ~is_answer)
    )
    return gradebook.db.execute(tests.limit(1)).first() is not None

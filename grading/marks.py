"""The marks of a class out of nbgrader's gradebook: a few queries, however many learners there are."""

import datetime
import enum
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Assignment, Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import case, func, select


class State(enum.StrEnum):
    """How far a mark has come."""

    FINAL = "final"  # nothing is left to do
    PROVISIONAL = "provisional"  # a person still has to look at some check
    UNGRADED = "ungraded"  # handed in, not yet graded
    MISSING = "missing"  # nothing was handed in


@dataclass(frozen=True)
class Mark:
    """One learner's mark for one assignment, in points. Times are UTC without a zone, as in nbgrader."""

    assignment: str
    student: str
    first_name: str
    last_name: str
    email: str
    state: State
    raw: float
    penalty: float
    possible: float
    duedate: datetime.datetime | None  # of the class, without the learner's extension
    submitted: datetime.datetime | None
    seconds_late: float

    @property
    def score(self):
        """Points after the penalty for being late, never below 0: as nbgrader counts them."""
        return max(0.0, self.raw - self.penalty)

    @property
    def name(self):
        """«Last First», or the id of a learner without a name."""
        return f"{self.last_name} {self.first_name}".strip() or self.student


def assignments(gradebook):
    """The names of the gradebook's assignments, sorted."""
    return sorted(gradebook.db.scalars(select(Assignment.name)))


def read(gradebook, coursedir, assignment):
    """[Mark] of every student in the gradebook, sorted by name. `assignment` is one of `assignments`."""
    about = gradebook.db.execute(
        select(Assignment.id, Assignment.duedate, Assignment.max_score).where(Assignment.name == assignment)
    ).one()
    folders = handed_in(coursedir, assignment)
    submissions = {row.student_id: row for row in gradebook.db.execute(_submissions(about.id))}
    students = gradebook.db.execute(select(Student.id, Student.first_name, Student.last_name, Student.email))
    marks = [_mark(assignment, about, row, submissions.get(row.id), folders) for row in students]
    return sorted(marks, key=lambda mark: (mark.name.casefold(), mark.student))


def handed_in(coursedir, assignment):
    """The ids that have a folder in the course's submitted folder."""
    pattern = Path(coursedir.format_path(coursedir.submitted_directory, "*", assignment))
    place = pattern.parts.index("*")
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    return {path.parts[place] for path in found if path.is_dir()}


def _submissions(assignment_id):
    """A query with one row per submission: what its cells and notebooks add up to."""
    cells = (
        select(
            SubmittedNotebook.assignment_id,
            func.sum(Grade.score).label("raw"),
            func.count(func.coalesce(Grade.manual_score, Grade.auto_score)).label("graded"),
            func.sum(case((Grade.needs_manual_grade, 1), else_=0)).label("waiting"),
        )
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .group_by(SubmittedNotebook.assignment_id)
        .subquery()
    )
    penalties = (
        select(
            SubmittedNotebook.assignment_id, func.sum(SubmittedNotebook.late_submission_penalty).label("sum")
        )
        .group_by(SubmittedNotebook.assignment_id)
        .subquery()
    )
    submission = SubmittedAssignment
    return (
        select(
            submission.student_id,
            submission.timestamp,
            submission.extension,
            func.coalesce(cells.c.raw, 0.0).label("raw"),
            func.coalesce(cells.c.graded, 0).label("graded"),
            func.coalesce(cells.c.waiting, 0).label("waiting"),
            func.coalesce(penalties.c.sum, 0.0).label("penalty"),
        )
        .outerjoin(cells, cells.c.assignment_id == submission.id)
        .outerjoin(penalties, penalties.c.assignment_id == submission.id)
        .where(submission.assignment_id == assignment_id)
    )


def _mark(assignment, about, student, submission, folders):
    late = 0.0
    if submission and submission.timestamp and about.duedate:
        due = about.duedate + (submission.extension or datetime.timedelta())
        late = max(0.0, (submission.timestamp - due).total_seconds())
    return Mark(
        assignment=assignment,
        student=student.id,
        first_name=student.first_name or "",
        last_name=student.last_name or "",
        email=student.email or "",
        state=_state(submission, student.id in folders),
        raw=float(submission.raw) if submission else 0.0,
        penalty=float(submission.penalty) if submission else 0.0,
        possible=float(about.max_score),
        duedate=about.duedate,
        submitted=submission.timestamp if submission else None,
        seconds_late=late,
    )


def _state(submission, has_folder):
    """nbgrader makes the rows of a submission before it grades it: rows without a score are not a mark."""
    if submission is None or not submission.graded:
        handed_in = has_folder or (submission is not None and submission.timestamp is not None)
        return State.UNGRADED if handed_in else State.MISSING
    return State.PROVISIONAL if submission.waiting else State.FINAL

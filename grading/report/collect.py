"""What is known of a class: marks from the gradebook, diagnoses and ticks from the autograded notebooks."""

import enum
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    GradeCell,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import select

from .. import marks
from ..marks import Mark, State
from . import notebooks


class Outcome(enum.StrEnum):
    """What came of one check."""

    FULL = "full"
    PART = "part"
    ZERO = "zero"
    UNDONE = "undone"


@dataclass(frozen=True)
class Check:
    """A graded cell: the notebook it stands in, its grade id, its name for people, its points."""

    notebook: str
    name: str
    title: str
    possible: float


@dataclass(frozen=True)
class Result:
    """One learner's result of one check."""

    points: float
    outcome: Outcome
    waiting: bool  # for a person
    graded_by_hand: bool
    key: str | None = None
    message: str | None = None


@dataclass
class Learner:
    """One learner. Everything but the mark is empty until the work is graded."""

    mark: Mark
    results: dict = field(default_factory=dict)  # {Check: Result}
    asks: list = field(default_factory=list)  # notebooks whose tick box is ticked
    refused: dict = field(default_factory=dict)  # {notebook: reason}
    comments: dict = field(default_factory=dict)  # {notebook: [why a person should look]}


@dataclass
class Group:
    """A class: its assignment, {notebook: title}, [Check] in their order and [Learner] sorted by name."""

    assignment: str
    titles: dict
    checks: list
    learners: list

    @property
    def graded(self):
        """Learners who have a mark, final or not."""
        marked = (State.FINAL, State.PROVISIONAL)
        return [learner for learner in self.learners if learner.mark.state in marked]


def collect(gradebook, coursedir, assignment, undone, log):
    """The Group of an assignment that is in the gradebook.

    `undone` are keys that mean «not attempted». A notebook that cannot be read is named in the log.
    """
    titles, checks = _checks(gradebook, coursedir, assignment)
    learners = [Learner(mark) for mark in marks.read(gradebook, coursedir, assignment)]
    group = Group(assignment, titles, list(checks.values()), learners)
    grades = {}
    for row in gradebook.db.execute(_grades(assignment)):
        grades.setdefault(row.student_id, []).append(row)
    for learner in group.graded:
        folder = Path(coursedir.format_path(coursedir.autograded_directory, learner.mark.student, assignment))
        records = {name: notebooks.record(folder / f"{name}.ipynb", log) for name in titles}
        _fill(learner, checks, grades[learner.mark.student], records, undone)
    return group


def _checks(gradebook, coursedir, assignment):
    """({notebook: title}, {(notebook, grade id): Check}) in the order of the source notebooks."""
    possible = {}
    for kind in (GradeCell, TaskCell):
        query = (
            select(Notebook.name, kind.name, kind.max_score)
            .join(Notebook, Notebook.id == kind.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .where(Assignment.name == assignment)
        )
        possible |= {(notebook, name): points for notebook, name, points in gradebook.db.execute(query)}
    source = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
    titles, checks = {}, {}
    for notebook in sorted({notebook for notebook, _ in possible}):
        titles[notebook], named = notebooks.titles(source / f"{notebook}.ipynb")
        titles[notebook] = titles[notebook] or notebook
        known = [name for place, name in possible if place == notebook]
        for name in sorted(known, key=lambda name: list(named).index(name) if name in named else len(named)):
            checks[notebook, name] = Check(
                notebook, name, named.get(name) or name, possible[notebook, name] or 0
            )
    return titles, checks


def _grades(assignment):
    """A query with one row per graded cell of each submission."""
    return (
        select(
            SubmittedAssignment.student_id,
            Notebook.name.label("notebook"),
            BaseCell.name,
            Grade.score,
            Grade.manual_score,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(Assignment.name == assignment)
    )


def _fill(learner, checks, grades, records, undone):
    for row in grades:
        check = checks[row.notebook, row.name]
        record = records[row.notebook]
        diagnosis = record.diagnoses.get(row.name, notebooks.Diagnosis())
        untouched = record.absent or record.refused or diagnosis.key in undone
        learner.results[check] = Result(
            points=row.score,
            outcome=_outcome(row.score, check.possible, untouched),
            waiting=row.needs_manual_grade,
            graded_by_hand=row.manual_score is not None,
            key=diagnosis.key,
            message=diagnosis.message,
        )
    for name, record in records.items():
        if record.asks:
            learner.asks.append(name)
        if record.refused:
            learner.refused[name] = record.refused
        if record.comments:
            learner.comments[name] = record.comments


def _outcome(points, possible, undone):
    if points >= possible:
        return Outcome.FULL
    if points > 0:
        return Outcome.PART
    return Outcome.UNDONE if undone else Outcome.ZERO

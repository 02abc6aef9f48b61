"""What is known of a class: marks from the gradebook, diagnoses and ticks from the autograded notebooks."""

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import (
    Assignment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    TaskCell,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Row, Select, func, select

from nbgrader_apart.messages import text
from nbgrader_apart.model import marks
from nbgrader_apart.model.autograded_notebook import Unreadable
from nbgrader_apart.model.cell_rows import cell_rows
from nbgrader_apart.model.marks import Mark, State
from nbgrader_apart.record import graded_folder
from nbgrader_apart.record.last_grading import LastGrading
from nbgrader_apart.report import graded_notebooks
from nbgrader_apart.report.graded_notebooks import Record


class Outcome(enum.StrEnum):
    """The outcome of one check."""

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
    results: dict[Check, Result] = field(default_factory=dict)
    asks: list[str] = field(default_factory=list)  # notebooks whose tick box is ticked
    refused: dict[str, str] = field(default_factory=dict)  # {notebook: reason}
    comments: dict[str, list[str]] = field(default_factory=dict)  # {notebook: [why a person should look]}
    absent: list[str] = field(default_factory=list)  # notebooks that were not handed in
    last: LastGrading | None = None


@dataclass
class Group:
    """A class: its assignment, {notebook: title}, the checks in their order and the learners by name.

    `problems` are marks whose rows or notebooks cannot be read completely.
    """

    assignment: str
    titles: dict[str, str]
    checks: list[Check]
    learners: list[Learner]
    problems: list[tuple[Mark, str]] = field(default_factory=list)  # (Mark, why not all is known)

    @property
    def graded(self) -> list[Learner]:
        """Learners who have a mark, final or not."""
        marked = (State.FINAL, State.PROVISIONAL)
        return [learner for learner in self.learners if learner.mark.state in marked]


def collect(
    gradebook: Gradebook, coursedir: CourseDirectory, assignment: str, undone: Collection[str]
) -> Group:
    """The Group of an assignment that is in the gradebook; `undone` are keys that mean «not attempted»."""
    titles, checks = _checks(gradebook, coursedir, assignment)
    learners = [Learner(mark) for mark in marks.read(gradebook, coursedir, assignment)]
    group = Group(assignment, titles, list(checks.values()), learners)
    grades: dict[str, list[Row]] = {}
    for row in gradebook.db.execute(_grades(assignment)):
        grades.setdefault(row.student_id, []).append(row)
    for learner in learners:
        if learner.mark.problem:
            group.problems.append((learner.mark, learner.mark.problem))
    for learner in group.graded:
        rows, mark = grades.get(learner.mark.student, []), learner.mark
        folder = Path(coursedir.format_path(coursedir.autograded_directory, mark.student, assignment))
        scored = {row.notebook for row in rows if row.auto_score}
        records, problems = _records(folder, titles, scored)
        group.problems += [(mark, problem) for problem in problems]
        learner.last = graded_folder.graded(folder)
        _fill(learner, checks, rows, records, undone)
    return group


def _records(folder: Path, names: Iterable[str], graded: set[str]) -> tuple[dict[str, Record], list[str]]:
    """({notebook: Record}, [what could not be read]); `graded` are those that grading gave points.

    Where the whole folder is gone, nobody knows what was handed in.
    """
    records, problems = {}, []
    for name in names:
        try:
            records[name] = graded_notebooks.record(folder / f"{name}.ipynb")
        except Unreadable as problem:
            records[name] = Record()
            problems.append(str(problem))
    lost = [
        name for name, record in records.items() if record.absent and (name in graded or not folder.is_dir())
    ]
    if lost:
        problems.append(text("autograded.lost", names=", ".join(lost)))
        records |= {name: Record() for name in lost}
    return records, problems


def _checks(
    gradebook: Gradebook, coursedir: CourseDirectory, assignment: str
) -> tuple[dict[str, str], dict[tuple[str, str], Check]]:
    """({notebook: title}, {(notebook, grade id): Check}) in the order of the source notebooks."""
    possible: dict[tuple[str, str], float] = {}
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
        heading, named = graded_notebooks.titles(source / f"{notebook}.ipynb")
        titles[notebook] = heading or notebook
        known = [name for place, name in possible if place == notebook]
        for name in sorted(known, key=lambda name: list(named).index(name) if name in named else len(named)):
            checks[notebook, name] = Check(
                notebook, name, named.get(name) or name, possible[notebook, name] or 0
            )
    return titles, checks


def _grades(assignment: str) -> Select:
    """A query with one row per graded cell of each submission."""
    extra = func.coalesce(Grade.extra_credit, 0.0).label("extra")
    scores = Grade.score, extra, Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade
    return cell_rows(Grade, scores, assignment)


def _fill(
    learner: Learner,
    checks: dict[tuple[str, str], Check],
    grades: list[Row],
    records: dict[str, Record],
    undone: Collection[str],
) -> None:
    for row in grades:
        check = checks[row.notebook, row.name]
        record = records[row.notebook]
        diagnosis = record.diagnoses.get(row.name, graded_notebooks.Diagnosis())
        untouched = record.absent or bool(record.refused) or diagnosis.key in undone
        learner.results[check] = Result(
            points=row.score,
            outcome=_outcome(row.score - row.extra, check.possible, untouched),
            waiting=row.needs_manual_grade,
            graded_by_hand=row.manual_score is not None,
            key=diagnosis.key,
            message=diagnosis.message,
        )
    for name, record in records.items():
        if record.absent:
            learner.absent.append(name)
        if record.asks:
            learner.asks.append(name)
        if record.refused:
            learner.refused[name] = record.refused
        if record.comments:
            learner.comments[name] = record.comments


def _outcome(points: float, possible: float, undone: bool) -> Outcome:
    if points >= possible:
        return Outcome.FULL
    if points > 0:
        return Outcome.PART
    return Outcome.UNDONE if undone else Outcome.ZERO

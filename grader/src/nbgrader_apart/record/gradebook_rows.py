"""Writes verdicts into the gradebook: every automatic score, and what a person has to look at.

It takes the place of nbgrader's SaveAutoGrades, which keeps the scores of an earlier run where a cell has
none now, resets «needs manual grade», and asks the database for each cell.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch

from alembic.script import ScriptDirectory
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, joinedload

from nbgrader_apart.messages import text
from nbgrader_apart.model.course import CourseError
from nbgrader_apart.model.source_notebook import ReleasedCell, grade_id


class UnknownTest(CourseError):
    """The gradebook does not know a test of the source notebook; the message says what to do."""


class NotebookRows:
    """The gradebook's rows for one submitted notebook; `db` is a session of SQLAlchemy."""

    def __init__(self, db: Session, submitted: SubmittedNotebook) -> None:
        self.db = db
        self.submitted = submitted

    def _rows(self, table: type[Grade] | type[Comment]) -> list:
        query = self.db.query(table).options(joinedload(table.cell))
        return query.filter(table.notebook_id == self.submitted.id).all()

    def forget_scores(self) -> None:
        """Clear the automatic scores and what waits for a person, which belong to an earlier grading."""
        for grade in self._rows(Grade):
            grade.auto_score, grade.needs_manual_grade = None, grade.manual_score is not None

    def released(self) -> dict[str, ReleasedCell]:
        """{grade id: ReleasedCell}"""
        return released(self.submitted.notebook)

    def zero(self) -> None:
        """Give every cell 0 points: the notebook was not submitted."""
        for grade in self._rows(Grade):
            grade.auto_score, grade.needs_manual_grade = 0, False

    def save(self, verdicts: "Verdicts") -> None:
        """Record the Verdicts on the notebook. Raises UnknownTest."""
        grades = {grade.name: grade for grade in self._rows(Grade)}
        for name, score in verdicts.scores.items():
            if name not in grades:
                raise UnknownTest(text("record.unknown_test", name=name, notebook=self.submitted.name))
            grade = grades[name]
            grade.auto_score = score
            seen = grade.manual_score is not None or score is None
            grade.needs_manual_grade = seen or name in verdicts.asked
        for comment in self._rows(Comment):
            comment.auto_comment = verdicts.comments.get(comment.name)


@dataclass(frozen=True)
class Verdicts:
    """What a graded notebook tells the gradebook, as plain data."""

    scores: dict[str, float | None]  # {test: points, or None where a person gives them}
    asked: list[str]  # tests that a person is asked to look at
    comments: dict[str, str]  # {cell: automatic comment}


def verdicts(notebook: NotebookNode) -> Verdicts:
    """The Verdicts of a graded notebook (nbformat)."""
    cells = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    asked = notebook.metadata.get("grading", {}).get("manual", {"tests": [], "comments": {}})
    scores = {name: utils.determine_grade(cell)[0] for name, cell in cells.items() if utils.is_grade(cell)}
    nothing = {name: text("record.no_response") for name, cell in cells.items() if is_unanswered(cell)}
    return Verdicts(scores, asked["tests"], nothing | asked["comments"])


def forget(db: Session, submission: SubmittedAssignment, notebooks: str = "*") -> None:
    """Clear the automatic scores of the submission's `notebooks` (a pattern), which are not graded."""
    for submitted in submission.notebooks:
        if fnmatch(submitted.name, notebooks):
            NotebookRows(db, submitted).forget_scores()
            submitted.late_submission_penalty = None


def forget_submission(db_url: str, assignment: str, student: str, notebooks: str = "*") -> None:
    """`forget` in a separate transaction; nothing to do for a submission that is not recorded."""
    with Gradebook(db_url) as gradebook, contextlib.suppress(MissingEntry):
        forget(gradebook.db, gradebook.find_submission(assignment, student), notebooks)
        gradebook.db.commit()


def is_unanswered(cell: NotebookNode) -> bool:
    """Whether the learner has left the cell as it was released."""
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)


def released(notebook: Notebook) -> dict[str, ReleasedCell]:
    """{grade id: ReleasedCell} of the gradebook's row for a notebook of the assignment."""
    return {cell.name: ReleasedCell(cell.checksum, cell.source or "") for cell in notebook.source_cells}


def check(gradebook: Gradebook) -> None:
    """Check that the gradebook fits this version of nbgrader and is writable. Raises CourseError."""
    found = gradebook.db.execute(sql("SELECT version_num FROM alembic_version")).scalar()
    expected = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    if found != expected:
        raise CourseError(text("batch.schema", found=found, expected=expected))
    # changes nothing, but fails where writing is not allowed
    gradebook.db.execute(sql("UPDATE alembic_version SET version_num = version_num"))
    gradebook.db.rollback()


@contextlib.contextmanager
def opened(about: Mapping[str, str]) -> Iterator[NotebookRows]:
    """NotebookRows in a separate transaction; `about` holds the resources of nbgrader's converter."""
    with Gradebook(about["db_url"]) as gradebook:
        yield NotebookRows(
            gradebook.db,
            gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"]),
        )
        gradebook.db.commit()

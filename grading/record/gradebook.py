"""Puts verdicts into the gradebook: every automatic score anew, and questions for a person.

It takes the place of nbgrader's SaveAutoGrades, which leaves scores of an earlier run where a cell has got
none, resets «needs manual grade», and asks the database for each cell.
"""

import contextlib

from nbgrader import utils
from nbgrader.api import Comment, Grade, Gradebook
from sqlalchemy.orm import joinedload

from ..course import CourseError
from ..messages import text
from ..take_in.rebuild import grade_id


class UnknownTest(CourseError):
    """The gradebook does not know a test of the source notebook; the message says what to do."""


class NotebookRows:
    """The gradebook's rows for one submitted notebook; `db` is a session of SQLAlchemy."""

    def __init__(self, db, submitted):
        self.db = db
        self.submitted = submitted

    def _rows(self, table):
        query = self.db.query(table).options(joinedload(table.cell))
        return query.filter(table.notebook_id == self.submitted.id).all()

    def forget_scores(self):
        """Forget the automatic scores before the notebook is graded again."""
        for grade in self._rows(Grade):
            grade.auto_score = None

    def checksums(self):
        """{grade id: checksum of the released cell}"""
        return checksums(self.submitted.notebook)

    def zero(self):
        """The notebook was not submitted."""
        for grade in self._rows(Grade):
            grade.auto_score, grade.needs_manual_grade = 0, False

    def save(self, notebook):
        """Record the graded `notebook` (nbformat). Raises UnknownTest."""
        cells = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
        asked = notebook.metadata.get("grading", {}).get("manual", {"tests": [], "comments": {}})
        grades = {grade.name: grade for grade in self._rows(Grade)}
        for name, cell in cells.items():
            if not utils.is_grade(cell):
                continue
            if name not in grades:
                raise UnknownTest(text("record.unknown_test", name=name, notebook=self.submitted.name))
            grade = grades[name]
            grade.auto_score, _ = utils.determine_grade(cell)
            seen = grade.manual_score is not None or grade.auto_score is None
            grade.needs_manual_grade = seen or name in asked["tests"]
        for comment in self._rows(Comment):
            cell = cells.get(comment.name)
            nothing = text("record.no_response") if cell is not None and is_unanswered(cell) else None
            comment.auto_comment = asked["comments"].get(comment.name, nothing)


def is_unanswered(cell):
    """Whether the learner has left the cell as it was released."""
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)


def checksums(notebook):
    """{grade id: checksum of the released cell} of the gradebook's row for a notebook of the assignment."""
    return {cell.name: cell.checksum for cell in notebook.source_cells}


@contextlib.contextmanager
def opened(about):
    """NotebookRows in a transaction of its own; `about` is what nbgrader's converter says of the notebook."""
    with Gradebook(about["db_url"]) as gradebook:
        yield NotebookRows(
            gradebook.db,
            gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"]),
        )
        gradebook.db.commit()

"""What the gradebook has for each cell of a class, in one query."""

from collections.abc import Iterable

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import Select, select


def cell_rows(table: type[Grade] | type[Comment], columns: Iterable, assignment: str) -> Select:
    """A query with one row per cell of each submission: student_id, notebook, name and the `columns`."""
    return (
        select(SubmittedAssignment.student_id, Notebook.name.label("notebook"), BaseCell.name, *columns)
        .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == table.cell_id)
        .where(Assignment.name == assignment)
    )

"""Penalties for lateness: nbgrader's own plugin says how many points, and the gradebook is kept up to date.

They follow from the due date, the learner's extension, the points and the plugin's settings. None of these
needs a learner's code to run again when it changes.
"""

import math
from collections.abc import Iterable

from nbgrader.api import Gradebook, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import Row, update
from traitlets import TraitError
from traitlets.config import Config

from nbgrader_apart.messages import text
from nbgrader_apart.model import marks
from nbgrader_apart.model.course import CourseError


class LatePenalties:
    """The plugin that the course's settings name as `c.AssignLatePenalties.plugin_class`, or nbgrader's.

    Raises CourseError when there is none of that name.
    """

    def __init__(self, config: Config) -> None:
        try:
            step = AssignLatePenalties(config=config)
            step.init_plugin()
        except TraitError as error:
            raise CourseError(text("marks.no_plugin", reason=error)) from error
        self.plugin = step.plugin_inst

    def settle(self, gradebook: Gradebook, assignment: str, student: str | None = None) -> list[str]:
        """Bring the penalties of all submissions, or of one, up to date; the students whose have changed.

        The caller commits. Raises CourseError when the plugin fails.
        """
        due = marks.due_date(gradebook, assignment)
        changed: dict[str, None] = {}  # in order, each once
        for row in gradebook.db.execute(marks.notebook_rows(assignment, student)).all():
            late = marks.lateness(row.timestamp, marks.due_for(due, row.extension))
            if row.id is None or not math.isfinite(row.raw):
                continue
            penalty = self._penalty(row, late) if late and row.graded else None
            if not _same(penalty, row.penalty):
                rows = update(SubmittedNotebook).where(SubmittedNotebook.id == row.id)
                gradebook.db.execute(rows.values(late_submission_penalty=penalty))
                changed[row.student_id] = None
        return list(changed)

    def _penalty(self, row: Row, late: float) -> float | None:
        """What the plugin takes from a notebook: no more than its points, and never a reward."""
        try:
            penalty = self.plugin.late_submission_penalty(row.student_id, row.raw, late)
            return None if penalty is None else min(max(float(penalty), 0.0), max(row.raw, 0.0))
        except Exception as error:  # the plugin is the course's: anything can go wrong in it
            about = {"plugin": type(self.plugin).__name__, "student": row.student_id}
            raise CourseError(
                text("marks.penalty", **about, reason=f"{type(error).__name__}: {error}")
            ) from error


def _same(one: float | None, other: float | None) -> bool:
    """Whether two penalties are the same, as far as any database keeps them."""
    return one is other if one is None or other is None else math.isclose(one, other, rel_tol=1e-6)


def settle(gradebook: Gradebook, config: Config, assignments: Iterable[str]) -> None:
    """Bring the penalties of whole assignments up to date and commit, before their marks are shown.

    Raises CourseError.
    """
    penalties = LatePenalties(config)
    for assignment in assignments:
        if penalties.settle(gradebook, assignment):
            gradebook.db.commit()

"""What Moodle's and Canvas's importers have in common: one assignment, one row per student who has a mark."""

from traitlets import Bool, Unicode

from ..marks import State
from . import roster
from .exporter import GradesExporter, listed
from .files import ExportError, write_csv


class LmsExporter(GradesExporter):
    """A file for a learning management system's own import.

    An empty cell would delete a mark there, so a student without a mark has no row.
    """

    roster = Unicode(
        "", help="CSV file with student_id, and email, login, id_number, canvas_id, section as known there."
    ).tag(config=True)
    column = Unicode("", help="What the mark is called there; by default the assignment's name.").tag(
        config=True
    )
    provisional = Bool(False, help="Export marks that still wait for a person's look, too.").tag(config=True)
    missing_as_zero = Bool(False, help="Give 0 to those who handed in nothing.").tag(config=True)

    def header(self, column):
        """The first row."""
        raise NotImplementedError

    def before(self, possible):
        """Rows between the header and the students; `possible` are the points of the assignment."""
        return []

    def row(self, mark, person):
        """A student's row without the mark. `person` is the student's row of the roster, if there is one."""
        raise NotImplementedError

    def write(self, target, marks):
        people = roster.read(self.roster) if self.roster else None
        if not marks:
            raise ExportError("The gradebook has no student or no assignment to export.")
        names = sorted({mark.assignment for mark in marks})
        if len(names) != 1:
            raise ExportError(f"Name one assignment with --assignment: the gradebook has {listed(names)}.")
        exported = [mark for mark in marks if self.is_exported(mark)]
        absent = [mark.student for mark in exported if people is not None and mark.student not in people]
        if absent:
            raise ExportError(f"The roster {self.roster} has no row for {listed(absent)}: add them.")
        rows = [[*self.row(mark, people and people[mark.student]), points(mark.score)] for mark in exported]
        before = self.before(points(marks[0].possible))
        write_csv(target, self.header(self.column or names[0]), [*before, *rows])
        return ", ".join([f"{len(rows)} marks", *self.left_out(marks)])

    def is_exported(self, mark):
        """Whether the student gets a row."""
        if mark.state == State.MISSING:
            return self.missing_as_zero
        return mark.state == State.FINAL or (self.provisional and mark.state == State.PROVISIONAL)

    def left_out(self, marks):
        """How many have no row, by the state of their mark."""
        left = [str(mark.state) for mark in marks if not self.is_exported(mark)]
        return [f"left out {left.count(state)} {state}" for state in dict.fromkeys(left)]


def points(number):
    """Points as both systems keep them: at most two decimals after a point."""
    return f"{number:.2f}".rstrip("0").rstrip(".")

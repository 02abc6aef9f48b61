"""What Moodle's and Canvas's importers have in common: one assignment, one row per student who has a mark."""

from collections import Counter

from traitlets import Bool, Unicode

from nbgrader_apart.export import roster
from nbgrader_apart.export.grades_exporter import GradesExporter, listed
from nbgrader_apart.export.written_files import ExportError, Value, write_csv
from nbgrader_apart.messages import text
from nbgrader_apart.model.marks import Mark, State


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
    provisional = Bool(False, help="Export marks that still need manual grading, too.").tag(config=True)
    missing_as_zero = Bool(False, help="Give 0 to those who handed in nothing.").tag(config=True)

    def header(self, column: str) -> list[str]:
        """The first row."""
        raise NotImplementedError

    def before(self, possible: str) -> list[list[Value]]:
        """Rows between the header and the students; `possible` are the points of the assignment."""
        return []

    def row(self, mark: Mark, person: dict[str, str] | None) -> list[Value]:
        """A student's row without the mark. `person` is the student's row of the roster, if there is one."""
        raise NotImplementedError

    def write(self, target: str, marks: list[Mark]) -> str:
        people = roster.read(self.roster) if self.roster else None
        if not marks:
            raise ExportError(text("export.nothing"))
        names = sorted({mark.assignment for mark in marks})
        if len(names) != 1:
            raise ExportError(text("export.many_assignments", names=listed(names)))
        exported = [mark for mark in marks if self.is_exported(mark)]
        absent = [mark.student for mark in exported if people is not None and mark.student not in people]
        if absent:
            raise ExportError(text("export.roster.absent", path=self.roster, names=listed(absent)))
        rows = [
            [*self.row(mark, None if people is None else people[mark.student]), points(mark.score)]
            for mark in exported
        ]
        before = self.before(points(marks[0].possible))
        write_csv(target, self.header(self.column or names[0]), [*before, *rows])
        written = text("export.marks", count=len(rows))
        return "; ".join([written, *self.above(exported), *self.left_out(marks)])

    def is_exported(self, mark: Mark) -> bool:
        """Whether the student gets a row."""
        if mark.state == State.MISSING:
            return self.missing_as_zero
        return mark.state == State.FINAL or (self.provisional and mark.state == State.PROVISIONAL)

    def above(self, marks: list[Mark]) -> list[str]:
        """How many are above the maximum, which the system may refuse."""
        count = sum(mark.score > mark.possible for mark in marks)
        return [text("export.above", count=count)] * bool(count)

    def left_out(self, marks: list[Mark]) -> list[str]:
        """How many have no row, by the state of their mark."""
        left = Counter(mark.state for mark in marks if not self.is_exported(mark))
        return [text(f"export.left.{state}", count=count) for state, count in left.items()]


def points(number: float) -> str:
    """Points as both systems store them: at most two decimals after a point."""
    return f"{number:.2f}".rstrip("0").rstrip(".")

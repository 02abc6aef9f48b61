"""What a run reports at its end: the marks as the gradebook has them, and what to look at."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from statistics import median

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from nbgrader_apart.class_run.gradebook_writer import Change
from nbgrader_apart.class_run.task import Graded
from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import shown
from nbgrader_apart.model.marks import Mark, State
from nbgrader_apart.processes.failed import sentence

SHOWN = 30  # rows of marks; the class report shows all
SLOWEST = 3
LOG = 140  # columns of what is no terminal


@dataclass
class Row:
    """A learner whose mark this run has made or changed; `graded` is None when no code was run."""

    change: Change
    graded: Graded | None = None
    absent: Collection[str] = ()  # notebooks that were not handed in

    def cells(self) -> tuple[str, str, str, str, str]:
        """Student, points, where they were lost, remarks, seconds."""
        before, mark = self.change.before, self.change.mark
        points = f"{mark.score:g}"
        if before.is_mark and before.score != mark.score:
            points = text("batch.changed", points=points, before=f"{before.score:g}")
        lost = [
            each.name
            for each in mark.notebooks
            if each.raw - each.extra < each.possible and each.name not in self.absent
        ]
        seconds = f"{self.graded.seconds:.1f}" if self.graded else "–"
        return escape(shown(mark.student)), points, escape(", ".join(lost)), self.remarks(), seconds

    def remarks(self) -> str:
        """What else there is to say about the mark."""
        mark = self.change.mark
        numbers = {"absent": len(self.absent), "penalty": mark.penalty, "extra": mark.extra}
        return ", ".join(text(f"batch.{kind}", **numbers) for kind in self.kinds())

    def kinds(self) -> list[str]:
        """The kinds of remarks that hold."""
        mark = self.change.mark
        holds = {
            "absent": bool(self.absent),
            "waiting": mark.state == State.PROVISIONAL,
            "late": bool(mark.seconds_late and not mark.penalty),
            "penalty": bool(mark.penalty),
            "extra": bool(mark.extra),
            "joined": self.change.joined,
            "settled": self.graded is None,
        }
        return [kind for kind, held in holds.items() if held]


class RunSummary:
    """Collects the outcome of each submission."""

    def __init__(self) -> None:
        self.skipped = 0  # submissions that have not changed
        self.rows: dict[str, Row] = {}  # {student: Row}
        self.failures: dict[str, str] = {}  # {student: reason}

    @property
    def graded(self) -> list[Graded]:
        """The outcomes of what this run has graded, by student."""
        return [row.graded for _, row in sorted(self.rows.items()) if row.graded]

    def settled(self, changes: Collection[Change]) -> None:
        """Add the learners whose penalty has changed."""
        self.rows |= {change.mark.student: Row(change) for change in changes}

    def add(self, outcome: Graded, change: Change, absent: Collection[str]) -> None:
        """Add a recorded outcome."""
        outcome.notebooks, outcome.data = {}, {}  # recorded: what follows needs neither
        earlier = self.rows.get(outcome.student)
        change = replace(change, before=earlier.change.before) if earlier else change
        self.rows[outcome.student] = Row(change, outcome, absent)

    def fail(self, student: str, error: Exception) -> None:
        """Add a submission that is not graded."""
        self.failures[shown(student)] = shown(sentence(error))

    def show(self, marks: Mapping[str, Mark], rate: float, quiet: bool) -> None:
        """Print the summary; when quiet, only the failures. `marks` are those of the whole class."""
        console = Console(highlight=False, width=None if Console().is_terminal else LOG)
        if not quiet:
            self._marks(console)
            self._remarks(console)
            gone = [
                shown(name) for name, mark in sorted(marks.items()) if mark.is_mark and not mark.has_folder
            ]
            if gone:
                console.print(f"[yellow]{text('batch.gone')}[/yellow] {escape(', '.join(gone))}")
            numbers = {"graded": len(self.graded), "skipped": self.skipped, "failed": len(self.failures)}
            console.print(text("batch.total", **numbers, rate=rate))
        for student, reason in sorted(self.failures.items()):
            console.print(f"[red]{text('batch.not_graded')}[/red] {escape(student)}: {escape(reason)}")

    def _marks(self, console: Console) -> None:
        if not self.rows:
            return
        totals = [row.change.mark.score for row in self.rows.values()]
        console.print(text("batch.marks", lowest=min(totals), median=median(totals), highest=max(totals)))
        if len(self.rows) > SHOWN:
            console.print(text("batch.many", count=len(self.rows)))
            counts = Counter(kind for row in self.rows.values() for kind in row.kinds())
            for kind, count in counts.items():
                console.print(text(f"batch.count.{kind}", count=count))
            return
        table = Table()
        for title in ("student", "points", "lost", "remarks", "seconds"):
            justify: JustifyMethod = "right" if title in ("points", "seconds") else "left"
            table.add_column(text(f"batch.column_{title}"), justify=justify)
        for _, row in sorted(self.rows.items()):
            table.add_row(*row.cells())
        console.print(table)

    def _remarks(self, console: Console) -> None:
        for graded in self.graded:
            for name, reason in (graded.refused | graded.asks).items():
                kind = text("batch.refused" if name in graded.refused else "batch.asks")
                console.print(f"[yellow]{kind}[/yellow] {escape(graded.student)}, {name}: {escape(reason)}")
        slowest = sorted(self.graded, key=lambda graded: -graded.seconds)[:SLOWEST]
        if slowest:
            named = ", ".join(f"{escape(graded.student)} ({graded.seconds:.1f})" for graded in slowest)
            console.print(text("batch.slowest", names=named))

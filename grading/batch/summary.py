"""What a run says at its end."""

from statistics import median

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..messages import text

SHOWN = 30  # rows of marks; the class report shows all
SLOWEST = 3


class Summary:
    """Collects what came of each submission."""

    def __init__(self):
        self.skipped = 0  # submissions that have not changed
        self.graded, self.failures = [], {}

    def add(self, student, outcome):
        """`outcome` is a Graded or an exception; whether it is a failure."""
        failed = isinstance(outcome, BaseException)
        if failed:
            self.failures[student] = str(outcome) or type(outcome).__name__
        else:
            outcome.notebooks = outcome.data = None  # recorded: what follows needs the points only
            self.graded.append(outcome)
        return failed

    def show(self, rate, quiet):
        """Print it; when quiet, only what failed."""
        console = Console(highlight=False)
        if not quiet:
            self._marks(console)
            self._remarks(console)
            numbers = {"graded": len(self.graded), "skipped": self.skipped, "failed": len(self.failures)}
            console.print(text("batch.total", **numbers, rate=rate))
        for student, reason in sorted(self.failures.items()):
            console.print(f"[red]{text('batch.not_graded')}[/red] {escape(student)}: {escape(reason)}")

    def _marks(self, console):
        if not self.graded:
            return
        totals = [sum(points for points, _ in graded.points.values()) for graded in self.graded]
        console.print(text("batch.marks", lowest=min(totals), median=median(totals), highest=max(totals)))
        if len(self.graded) > SHOWN:
            console.print(text("batch.many", count=len(self.graded)))
            return
        table = Table()
        for title, justify in (
            ("student", "left"),
            ("points", "right"),
            ("lost", "left"),
            ("seconds", "right"),
        ):
            table.add_column(text(f"batch.column_{title}"), justify=justify)
        for graded, total in sorted(zip(self.graded, totals, strict=True), key=lambda pair: pair[0].student):
            lost = [name for name, (points, possible) in graded.points.items() if points < possible]
            names = escape(graded.student), f"{total:g}", escape(", ".join(lost)), f"{graded.seconds:.1f}"
            table.add_row(*names)
        console.print(table)

    def _remarks(self, console):
        for graded in sorted(self.graded, key=lambda graded: graded.student):
            for name, reason in (graded.refused | graded.asks).items():
                kind = text("batch.refused" if name in graded.refused else "batch.asks")
                console.print(f"[yellow]{kind}[/yellow] {escape(graded.student)}, {name}: {escape(reason)}")
        slowest = sorted(self.graded, key=lambda graded: -graded.seconds)[:SLOWEST]
        if slowest:
            named = ", ".join(f"{escape(graded.student)} ({graded.seconds:.1f})" for graded in slowest)
            console.print(text("batch.slowest", names=named))

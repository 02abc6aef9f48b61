"""How a run over submissions shows its progress: a bar in a terminal, plain lines elsewhere, or nothing."""

import time
from collections.abc import Sequence
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import shown

EVERY = 10  # seconds between two plain lines
SHOWN = 3  # names of submissions under way


class Submission(Protocol):
    """What is under way."""

    @property
    def student(self) -> str: ...


class QuietProgress:
    """Shows nothing. `kind` is what its sentences' keys begin with."""

    def __init__(self, kind: str, total: int) -> None:
        self.kind, self.total, self.done, self.failed = kind, total, 0, 0
        self.started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left on the screen."""

    def advance(self, failed: bool) -> None:
        """One more submission is done."""
        self.done += 1
        self.failed += failed

    def tick(self, running: Sequence[Submission]) -> None:
        """Some time has passed; `running` are under way."""

    def rate(self) -> float:
        """Submissions a minute so far."""
        return 60 * self.done / max(time.monotonic() - self.started, 1e-9)


class LineProgress(QuietProgress):
    """One line now and then, for logs."""

    last = 0.0

    def tick(self, running: Sequence[Submission]) -> None:
        now = time.monotonic()
        if now - self.last >= EVERY and self.done:
            self.last = now
            left = (self.total - self.done) / self.rate()
            numbers = {"done": self.done, "total": self.total, "rate": self.rate(), "left": left}
            print(text(f"{self.kind}.line", **numbers, failed=self.failed), flush=True)


class BarProgress(QuietProgress):
    """A bar with rate, time left, what is under way, failures."""

    def __init__(self, kind: str, total: int, console: Console) -> None:
        super().__init__(kind, total)
        columns = (
            TextColumn(text(f"{kind}.bar")), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[running]}"),
            TextColumn("{task.fields[failed]}", style="red"),
        )  # fmt: skip
        # no refresh thread: worker processes are forked from this one
        self.bar = Progress(*columns, console=console, auto_refresh=False)
        self.task = self.bar.add_task("", total=total, rate="", running="", failed="")

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def tick(self, running: Sequence[Submission]) -> None:
        names = [escape(shown(task.student)) for task in running[:SHOWN]] + ["…"] * (len(running) > SHOWN)
        failed = text(f"{self.kind}.failed", failed=self.failed) if self.failed else ""
        self.bar.update(
            self.task, completed=self.done, rate=text("batch.rate", rate=self.rate()),
            running=", ".join(names), failed=failed,
        )  # fmt: skip
        self.bar.refresh()


def progress(kind: str, total: int, quiet: bool) -> QuietProgress:
    """The progress that suits the output: a bar in a terminal, lines elsewhere."""
    console = Console()
    if quiet:
        return QuietProgress(kind, total)
    return BarProgress(kind, total, console) if console.is_terminal else LineProgress(kind, total)

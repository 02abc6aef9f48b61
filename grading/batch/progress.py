"""How a run shows where it stands: a bar in a terminal, plain lines elsewhere, nothing when quiet."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..messages import text

EVERY = 10  # seconds between two plain lines
SHOWN = 3  # names of submissions under way


class Quiet:
    """Shows nothing."""

    def __init__(self, total):
        self.total, self.done, self.failed = total, 0, 0
        self.started = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Nothing is left on the screen."""

    def advance(self, failed):
        """One more submission is done."""
        self.done += 1
        self.failed += failed

    def tick(self, running):
        """Some time has passed; `running` are the tasks under way."""

    def rate(self):
        """Submissions a minute so far."""
        return 60 * self.done / max(time.monotonic() - self.started, 1e-9)


class Lines(Quiet):
    """One line now and then, for logs."""

    last = 0.0

    def tick(self, running):
        now = time.monotonic()
        if now - self.last >= EVERY and self.done:
            self.last = now
            left = (self.total - self.done) / self.rate()
            numbers = {"done": self.done, "total": self.total, "rate": self.rate(), "left": left}
            print(text("batch.line", **numbers, failed=self.failed), flush=True)


class Bar(Quiet):
    """A bar with rate, time left, what is under way, failures."""

    def __init__(self, total, console):
        super().__init__(total)
        columns = (
            TextColumn(text("batch.bar")), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.fields[running]}"),
            TextColumn("{task.fields[failed]}", style="red"),
        )  # fmt: skip
        # no thread of rich's own: worker processes are forked from this one
        self.bar = Progress(*columns, console=console, auto_refresh=False)
        self.task = self.bar.add_task("", total=total, rate="", running="", failed="")

    def __enter__(self):
        self.bar.start()
        return self

    def __exit__(self, *_):
        self.bar.stop()

    def tick(self, running):
        names = [task.student for task in running[:SHOWN]] + ["…"] * (len(running) > SHOWN)
        failed = text("batch.failed", failed=self.failed) if self.failed else ""
        self.bar.update(
            self.task, completed=self.done, rate=text("batch.rate", rate=self.rate()),
            running=", ".join(names), failed=failed,
        )  # fmt: skip
        self.bar.refresh()


def progress(total, quiet):
    """The kind that fits where the output goes."""
    console = Console()
    if quiet:
        return Quiet(total)
    return Bar(total, console) if console.is_terminal else Lines(total)

"""A topic is what a notebook checks about one of the learner's classes or functions."""

from dataclasses import replace

from .messages import text
from .outcome import Row, Stop
from .report import show_row, show_table


class Check:
    """One graded behaviour. Calling it says «верно» or raises CheckFailed with the reason."""

    def __init__(self, name, judge):
        self.name = text(f"row.{name}")
        self._judge = judge

    def row(self, *subjects, trials=0):
        """The Row for the learner's `subjects` on the fixed cases and `trials` random ones."""
        try:
            row = self._judge(*subjects, trials)
        except Stop as stop:
            row = Row(stop.verdict, stop.message)
        return replace(row, name=self.name)

    def __call__(self, *subjects, trials=0):
        return show_row(self.row(*subjects, trials=trials))


class Topic:
    """Checks under their names: `topic.dw(DenseLayer)` is graded, `topic.table(DenseLayer)` shows all."""

    def __init__(self, title, **judges):
        self._title = title
        self._checks = {name: Check(name, judge) for name, judge in judges.items()}
        self.__dict__.update(self._checks)

    def table(self, *subjects):
        """Show a row for every check of the topic. Raises CheckFailed for the first that is wrong."""
        show_table(self._title, [check.row(*subjects) for check in self._checks.values()])

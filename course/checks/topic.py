"""A topic is what a notebook checks about one of the learner's classes or functions."""

import sys
from dataclasses import replace

from . import cells, examples, warned
from .calls import told
from .messages import text
from .outcome import Row, Stop, Verdict, take_measured
from .patience import Patience
from .report import failure, show_row, show_table

# sentences that say where an answer differs and not why
UNEXPLAINED = (
    "value.wrong", "value.shape", "value.forward_shape", "value.parameter_shape", "value.not_finite",
    "element.shape", "loop.losses", "loop.parameters", "loop.first_loss", "loop.one_loss", "loop.one_step",
    "loop.upstream",
)  # fmt: skip


class Check:
    """One graded behaviour. Calling it says that it is right or raises CheckFailed with the reason."""

    def __init__(self, name, judge, hinted, topic):
        """`hinted` is the title of the table whose hints speak of this behaviour; "" when none do."""
        self.name = text(f"row.{name}")
        self._judge = judge
        self._hinted = hinted
        self._topic = topic

    def row(self, *subjects, trials=0, patience=None):
        """The Row for the learner's `subjects` on the fixed cases and `trials` random ones."""
        take_measured()
        try:
            with (patience or Patience()).limit():
                row = self._judge(*subjects, trials)
        except Stop as stop:
            row = Row(stop.verdict, stop.message, original=stop.original)
        except Exception as error:  # whatever the learner's objects are, the check ends in a verdict
            stop = told(error)
            row = Row(Verdict.RAISED, text("call.unreadable", reason=stop.message), original=stop.original)
        columns = take_measured()
        return replace(row, name=self.name, hinted=self._hinted, **(columns if row.yours == "—" else {}))

    def __call__(self, *subjects, trials=0):
        warned.anew()
        row = self.row(*subjects, trials=trials)
        return show_row(self._topic.offer_example(_with_cause([row], sys._getframe(1))[0]))


class Topic:
    """Checks under their names: `topic.dw(DenseLayer)` is graded, `topic.table(DenseLayer)` shows all."""

    def __init__(self, title, /, whole=None, hinted=None, where=None, bounds=False, example=None, **judges):
        """`whole` are judges too, whose checks stand in no table.

        `hinted` are the names that the notebook's hints speak of, all when it is None; `where` is the title
        of the table above those hints, if it is another one. With `bounds` the table shows what was measured
        beside its bound, and no shapes. `example` gives the code that shows a wrong value on small numbers.
        """
        self._title = title
        self._bounds = bounds
        self._example = example
        self.called = ""  # how a notebook calls it, set by the package
        self._rows = list(judges)
        self._checks = {
            name: Check(name, judge, (where or title) if hinted is None or name in hinted else "", self)
            for name, judge in (judges | (whole or {})).items()
        }

    def __getattr__(self, name):
        if name not in vars(self).get("_checks", {}):
            raise AttributeError(f"there is no check {name}")
        _demand_names(self._checks[name].name, sys._getframe(1))
        return self._checks[name]

    @property
    def table(self):
        """Call it with the learner's objects: a row for every check of the topic is shown.

        Raises CheckFailed for the first that is wrong.
        """
        _demand_names(self._title, sys._getframe(1))
        return self._table

    def _table(self, *subjects):
        warned.anew()
        patience = Patience()
        rows = [self._checks[name].row(*subjects, patience=patience) for name in self._rows]
        show_table(self._title, [*map(self.offer_example, _with_cause(rows, sys._getframe(1)))], self._bounds)

    def example(self):
        """Print code with small numbers, ready to paste, that shows what the learner's code has to give."""
        print(examples.code(self._example))

    def offer_example(self, row):
        """The row; one whose sentence tells only that a value differs names the code to look at it with."""
        if row.ok or not self._example or row.message.key not in UNEXPLAINED:
            return row
        return replace(
            row, message=row.message.followed_by(text("example.offer", call=f"{self.called}.example()"))
        )


def _demand_names(title, frame):
    """Raises CheckFailed when the cell that checks reads a name whose own cell has stopped."""
    row = cells.missing(frame)
    if row:
        raise failure(replace(row, name=title))


def _with_cause(rows, frame):
    """The rows; what failed because a cell has stopped says so."""
    if all(row.ok for row in rows):
        return rows
    cause = cells.cause(frame)
    return [row if row.ok or not cause else _instead(cause, row) for row in rows]


def _instead(cause, row):
    """The cause in place of a row; a shape that does not fit is what the cell may have stopped at."""
    if row.message.key.startswith("training.") and row.verdict is Verdict.SHAPE:
        cause = replace(cause, message=cause.message.followed_by(row.message))
    return replace(cause, name=row.name)

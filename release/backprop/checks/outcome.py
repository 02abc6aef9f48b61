"""What a check found: a row of the table, and the way to stop early with a reason."""

from dataclasses import dataclass
from enum import Enum

from .messages import text


class Verdict(Enum):
    """The four outcomes a learner can meet, and the shape slip that goes before a value slip."""

    OK = "ok"
    WRONG = "wrong"
    SHAPE = "shape"
    UNDONE = "undone"
    RAISED = "raised"
    REFUSED = "refused"

    @property
    def label(self):
        return text(f"verdict.{self.value}")


@dataclass(frozen=True)
class Row:
    """One line of the table: a gradient or a behaviour, and what became of it."""

    verdict: Verdict
    message: str = ""
    name: str = ""
    yours: str = "—"
    torch: str = "—"
    error: str = "—"

    @property
    def ok(self):
        return self.verdict is Verdict.OK


class Stop(Exception):
    """Ends a check at once: the verdict and the sentence are known."""

    def __init__(self, verdict, message):
        super().__init__(message)
        self.verdict = verdict
        self.message = message


class CheckFailed(AssertionError):
    """A failed check. IPython shows its sentence alone, without a traceback."""

    def _render_traceback_(self):
        first, *rest = str(self).split("\n")
        return [f"\x1b[31m✗\x1b[0m {first}", *rest]

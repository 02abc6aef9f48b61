"""What a check found: a row of the table, and the way to stop early with a reason."""

from dataclasses import dataclass
from enum import Enum

from .messages import Message, text


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
    message: Message | None = None
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
    """A failed check. IPython shows its sentence alone, without a traceback.

    `key` is the sentence's key in the message catalogue, `mark` the sign in front of it.
    """

    def __init__(self, sentence, key, mark="✗"):
        super().__init__(sentence)
        self.key = key
        self.mark = mark

    def _render_traceback_(self):
        first, *rest = str(self).split("\n")
        return [f"\x1b[31m{self.mark}\x1b[0m {first}", *rest]

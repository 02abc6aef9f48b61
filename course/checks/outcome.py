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
    original: str = ""  # what Python itself said of an exception
    hinted: str = ""  # the table whose hints speak of this row, if any do

    @property
    def ok(self):
        return self.verdict is Verdict.OK


_measured = {}


def measured(yours, bound, error="—"):
    """Note what the check under way has measured beside what it has to be: its row shows both."""
    _measured.update(yours=yours, torch=bound, error=error)


def take_measured():
    """What has been noted since the last call, as columns of a Row."""
    found = dict(_measured)
    _measured.clear()
    return found


class Stop(Exception):
    """Ends a check at once: verdict and sentence are known, and what Python itself said if it raised.

    As text it is the sentence's key, which is what another process gets to know.
    """

    def __init__(self, verdict, message, original=""):
        super().__init__(message.key)
        self.verdict = verdict
        self.message = message
        self.original = original


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

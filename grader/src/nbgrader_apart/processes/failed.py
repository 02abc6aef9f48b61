"""Why a process of the grader has failed: the message that it wrote last, or how it ended."""

import signal
import traceback
from pathlib import Path

from nbgrader_apart.messages import text

LARGEST = 4096  # bytes of a process's message that are read
PARTING = 2  # seconds that it may take to end once it has closed its connection
SHOWN = 300  # characters of it that are shown
FATAL = "Fatal Python error"  # faulthandler's first line, which a stack follows
SHELL = 128  # plus the number of a signal: the exit code by which a shell says that it ended a process
PACKAGE = __name__.split(".")[0]
SIGNALS = {number.value: number.name for number in signal.Signals}


class ProcessFailed(RuntimeError):
    """A process that grading needs has failed: one sentence, with the reason that the process gave."""


def words(error: BaseException) -> str:
    """An exception in one line, with the place in the code that raised it."""
    said = " ".join(f"{type(error).__name__}: {error}".split())[:SHOWN]
    if isinstance(error, SyntaxError):
        return said  # it names the place itself
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith("<fro")]
    return f"{said} ({Path(frames[-1].filename).name}, {frames[-1].lineno})" if frames else said


def sentence(error: BaseException) -> str:
    """The sentence for an exception: one of this package has its own, else its name, message and place."""
    if type(error).__module__.split(".")[0] == PACKAGE and str(error):
        return str(error)
    noted = getattr(error, "__notes__", [])  # by the process that has raised it
    return text("process.unexpected", what=noted[0] if noted else words(error))


def reason(said: bytes, code: int | None = None) -> str:
    """What the process wrote at its end, as one line; if nothing, how it ended by its exit code, if known."""
    lines = [line.strip() for line in said.decode(errors="replace").splitlines() if line.strip()]
    if lines:
        return next((line for line in lines if line.startswith(FATAL)), lines[-1])[:SHOWN].rstrip(".")
    if code is None:
        return text("process.silent")
    name = SIGNALS.get(-code if code < 0 else code - SHELL)
    return text("process.signal", name=name) if name else text("process.exit", code=code)

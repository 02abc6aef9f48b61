"""Ctrl-C, SIGTERM and a closed terminal end a run with a sentence and the exit code that a shell expects."""

import atexit
import contextlib
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.util import Finalize
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FINALIZE = Finalize.__call__.__code__  # multiprocessing's callback of a weak reference
SOON = 0.05  # seconds until a signal that cannot be raised now is tried again
USUAL = (signal.SIG_DFL, signal.default_int_handler)  # what is ignored, as by nohup, stays ignored


class Cancelled(SystemExit, KeyboardInterrupt):
    """Ends the process with an exit code; nbgrader cleans up first, as after Ctrl-C."""


def end_cleanly(sentence: Callable[[], str], raised: type[SystemExit] = SystemExit) -> None:
    """From now on each of the signals raises `raised` here, and the sentence is the last that is printed.

    It is asked for then: the course's language is known only when its settings have been read.

    A second signal ends the process at once.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        if is_in_callback(frame):
            signal.signal(signal.SIGALRM, lambda _, later: stop(number, later))
            signal.setitimer(signal.ITIMER_REAL, SOON)
            return
        for each in listened:
            signal.signal(each, signal.SIG_DFL)
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # or it prints a traceback
        atexit.register(print, sentence(), file=sys.stderr)
        raise raised(128 + number)

    listened = [number for number in ENDING if signal.getsignal(number) in USUAL]
    for number in listened:
        signal.signal(number, stop)


def is_in_callback(frame: FrameType | None) -> bool:
    """Whether Python would swallow what is raised there: in a callback of a weak reference or a finalizer."""
    while frame is not None:
        code = frame.f_code
        if code is FINALIZE or code.co_name == "__del__":
            return True
        if "weakref" in code.co_filename and code.co_name in ("remove", "_remove"):
            return True
        frame = frame.f_back
    return False


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """A signal that comes meanwhile takes effect afterwards: Python would lose it in a hook of a fork."""
    if threading.current_thread() is not threading.main_thread():  # only that one is interrupted
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for arrived in came:
            signal.raise_signal(arrived)

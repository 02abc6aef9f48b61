"""Stops what runs in the main thread of the kernel once it has had its time."""

import signal
from collections.abc import Callable
from types import FrameType

from nbgrader_apart.wire.stopwatch import SHORTEST, Stopwatch


class Alarm:
    """Has SIGALRM call `function(number, frame)` when the time is up."""

    def __init__(self, function: Callable[[int, FrameType | None], object]) -> None:
        self.function = function
        self.seconds = 0.0
        self.rang = False

    def set(self, seconds: float) -> None:
        """The time begins."""
        self.seconds, self.watch, self.rang = seconds, Stopwatch("self"), False
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def off(self) -> None:
        """What was to be stopped has ended."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, *_: object) -> None:
        """Give back the time that the process has waited for a processor."""
        left = self.watch.left(self.seconds)
        if left <= 0:  # once this has returned: no traceback shows it
            signal.signal(signal.SIGALRM, self.function)
            self.rang = True
        signal.setitimer(signal.ITIMER_REAL, max(left, SHORTEST))

"""Time that a process has had for its work: without the time in which it waited for a processor.

So a limit does not depend on what else the machine does, such as another learner's fifty processes.
"""

import os
import time

LONGEST = 100  # bytes of a schedstat
SHORTEST = 0.001  # seconds between two looks at a watch


class Stopwatch:
    """Runs from now on, and not while one of the processes waits for a processor. They work by turns."""

    def __init__(self, *processes: int | str) -> None:
        """Of each, by its PID or "self", the main thread counts."""
        self.waited = {process: nanoseconds_waited(process) for process in processes}
        self.before = sum(self.waited.values())
        self.started = time.monotonic()

    def seconds(self) -> float:
        """How long it has run."""
        passed = time.monotonic() - self.started
        for process, known in self.waited.items():
            self.waited[process] = max(known, nanoseconds_waited(process))
        return passed - (sum(self.waited.values()) - self.before) / 1e9

    def left(self, seconds: float) -> float:
        """How many of the seconds are left."""
        left = seconds - (time.monotonic() - self.started)
        return left if left > 0 else seconds - self.seconds()


def nanoseconds_waited(process: int | str) -> int:
    """For a processor, since it was started; 0 when it has ended, or where the system does not count it."""
    try:
        file = os.open(f"/proc/{process}/schedstat", os.O_RDONLY)  # pathlib takes three times as long
    except OSError:
        return 0
    try:
        return int(os.read(file, LONGEST).split()[1])
    except OSError:
        return 0
    finally:
        os.close(file)

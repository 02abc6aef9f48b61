"""An endless loop of the learner's is ended after some seconds, and by the notebook's Stop at once."""

import _thread
import contextlib
import os
import queue
import signal
import threading
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

import torch

from .calls import at_line
from .messages import text
from .outcome import Stop, Verdict

SECONDS = 10  # for a table of checks, a graded check or a picture: right code needs less than one
LEAST = 1  # for each check of a table whose seconds are spent
AGAIN = 0.01  # seconds between two interrupts
OURS = (str(Path(__file__).parent), contextlib.__file__, str(Path(torch.__file__).parent))


class Interrupted(KeyboardInterrupt):
    """The learner has pressed Stop. IPython shows one line, without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


class Patience:
    """How long the learner's code may run, all blocks `with patience.limit()` together."""

    def __init__(self):
        self._left = SECONDS

    @contextmanager
    def limit(self):
        """Ends the block once its time is over. Raises Stop then, and Interrupted when the learner does.

        A thread asks Python to interrupt the main one as Ctrl-C does, so it works on Windows too. Grading has
        limits of its own, and no thread but the main one can be interrupted: there the block just runs.
        """
        grading = os.environ.get("NBGRADER_EXECUTION") == "autograde"
        if grading or threading.current_thread() is not threading.main_thread():
            yield
            return
        started, alarm = time.monotonic(), _Alarm(max(self._left, LEAST))
        before = signal.signal(signal.SIGINT, alarm.interrupt)
        try:
            alarm.start()
            yield
            alarm.end()
            if alarm.put_off:
                raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            if alarm.rung:
                sentence = text("call.endless", seconds=round(alarm.seconds))
                raise Stop(Verdict.RAISED, at_line(sentence, error)) from None
            raise Interrupted(text("call.interrupted")) from None
        finally:
            alarm.end()
            signal.signal(signal.SIGINT, before or signal.default_int_handler)
            self._left -= time.monotonic() - started


LIMIT = Patience.limit.__wrapped__.__code__


class _Alarm(threading.Thread):
    """Interrupts the main thread after some seconds, again and again: a bare `except:` swallows one."""

    def __init__(self, seconds):
        super().__init__(daemon=True)
        self.seconds = seconds
        self.rung = self.put_off = False
        self._ended, self._lock = False, threading.Lock()
        self._now = queue.SimpleQueue()  # an Event would lock out a signal handler that comes while it is set

    def run(self):
        """Wait for the time, or for an interrupt that was put off, and interrupt again and again."""
        try:
            self._now.get(timeout=self.seconds)
        except queue.Empty:
            self.rung = True
        while self._ring():
            time.sleep(AGAIN)

    def _ring(self):
        with self._lock:
            if not self._ended:
                _thread.interrupt_main()
            return not self._ended

    def interrupt(self, signal_number, frame):
        """Handles SIGINT: raises KeyboardInterrupt, a little later while a context is entered or left."""
        self.put_off = _in_between(frame)
        if not self.put_off:
            raise KeyboardInterrupt
        self._now.put(None)

    def end(self):
        """From now on it does not ring."""
        with self._lock:
            self._ended = True
        self._now.put(None)


def _in_between(frame):
    """Whether a limit begins or ends, where nothing of the learner's runs, or one of our contexts does.

    An exception there would leave SIGINT or torch changed.
    """
    if any(one.f_code is LIMIT for one, _ in traceback.walk_stack(frame)):
        return True
    while frame and frame.f_code.co_filename.startswith(OURS):
        if frame.f_code.co_name in ("__enter__", "__exit__"):
            return True
        frame = frame.f_back
    return False

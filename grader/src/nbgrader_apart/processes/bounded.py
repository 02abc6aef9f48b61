"""A call with a time limit: the function runs in a fork of this process, which is killed when the time is up.

Hostile input (a learner's file, a figure, a table) can then neither hang this process nor crash it.
"""

import contextvars
import multiprocessing
import os
import pickle
import signal
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from nbgrader_apart import scratch
from nbgrader_apart.inside.system_calls import die_with_parent
from nbgrader_apart.messages import text
from nbgrader_apart.processes.failed import reason, words
from nbgrader_apart.processes.signals import ENDING, deferred

FORK = multiprocessing.get_context("fork")


class OutOfTime(Exception):
    """The call has exceeded its time limit."""


class Died(Exception):
    """The fork was killed from outside, or ended without an answer."""


def call(function: Callable, *arguments: object, seconds: float) -> Any:
    """What `function(*arguments)` returns or raises in a fork of this process. Raises OutOfTime, Died."""
    running = Call(function, *arguments, seconds=seconds)
    try:
        return running.result()
    finally:
        running.end()


class Call:
    """A call under way. `reader` can be given to multiprocessing.connection.wait."""

    def __init__(self, function: Callable, *arguments: object, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.folder = tempfile.TemporaryDirectory(prefix="call-", dir=scratch.folder())
        self.reader, writer = FORK.Pipe(duplex=False)
        request = os.getpid(), writer, self.folder.name, function, arguments
        self.process = FORK.Process(target=_serve, args=request, daemon=True)
        try:
            with writer, deferred():
                self.process.start()
        except BaseException:  # no fork, or a signal meanwhile: nobody else has this call
            self.end()
            raise

    def is_due(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() >= self.deadline

    def result(self) -> Any:
        """Wait for what it returns or raises. Raises OutOfTime, Died."""
        if not self.reader.poll(max(0, self.deadline - time.monotonic())):
            raise OutOfTime(text("bounded.out_of_time"))
        try:
            returned, raised = pickle.loads(self.reader.recv_bytes())
        except EOFError:
            self.process.join()
            raise Died(text("bounded.died", reason=reason(b"", self.process.exitcode))) from None
        if raised is not None:
            raise raised
        return returned

    def end(self) -> None:
        """Kill the fork if it still runs, and remove its temporary files."""
        if self.process.pid is not None:
            self.process.kill()
            self.process.join()
        self.reader.close()
        self.folder.cleanup()


def _serve(caller: int, writer: Connection, folder: str, function: Callable, arguments: tuple) -> None:
    """In the fork: separate temporary files, signal handlers and context variables."""
    die_with_parent(caller)
    for number in ENDING:  # the handlers are meant for the caller
        signal.signal(number, signal.SIG_DFL)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    try:
        returned = contextvars.Context().run(function, *arguments)  # without the caller's event loop
        answer = pickle.dumps((returned, None))
    except BaseException as error:
        answer = pickle.dumps((None, portable(error)))
    writer.send_bytes(answer)


def portable(error: BaseException) -> Exception:
    """The exception itself when it can be pickled, else its name and message; a note says where."""
    told = words(error)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(told)
    if not isinstance(error, Exception):
        return RuntimeError(told)
    error.add_note(told)
    return error

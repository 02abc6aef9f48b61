"""The grader's handle on the judge: a fork of the warm process for every submission."""

import contextlib
import os
import signal
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from nbgrader_apart.judge.process import DESCRIPTOR, UNFIT, plain_error
from nbgrader_apart.messages import language, text
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.processes.failed import ProcessFailed
from nbgrader_apart.processes.warm_process import Fork, WarmProcess
from nbgrader_apart.wire.connection import Closed, Late, TooLong, Wire
from nbgrader_apart.wire.stopwatch import Stopwatch


class Running(NamedTuple):
    """A judge's process: messages go over `wire`; it ends when the descriptor `alive` is closed."""

    fork: Fork
    wire: Wire
    alive: int

    def receive(self, seconds: float, *others: int) -> Any:
        """Its next message. The seconds are those that it or the `others`, which it asks, could work."""
        return self.wire.receive(seconds, Stopwatch(self.fork.pid, *others))


class Judge:
    """Runs the tests of a submission, notebook after notebook; a context that ends the judge's process."""

    def __init__(self, settings: Grading, folder: Path | str, shipped: Shipped) -> None:
        """`folder` is the assignment's source folder, `shipped` the packages beside its notebooks."""
        self.settings, self.folder, self.shipped = settings, str(Path(folder).resolve()), shipped
        self.running: Running | None = None  # until the first notebook
        self.kernel_pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start_notebook(
        self, imported: Mapping[str, str], sandbox_socket: socket.socket, kernel_pid: int
    ) -> None:
        """Begin the next notebook, with the socket to the kernel in its sandbox. Raises ProcessFailed.

        `imported` are the learner's names that the source imports: {name: import statement}.
        """
        judge = self.running = self.running or self._start()
        self.kernel_pid = kernel_pid
        seconds = self.settings.test_seconds
        try:
            judge.wire.send({"kind": "notebook", "imported": dict(imported), "kernel_pid": kernel_pid})
            judge.receive(seconds)  # it has read the message and waits for the descriptor
            socket.send_fds(judge.wire.sock, [DESCRIPTOR], [sandbox_socket.fileno()])
            judge.receive(seconds)
            return
        except Late:
            reason = text("process.late", seconds=int(seconds))
        except (Closed, OSError):
            reason = judge.fork.failure_reason()
        self.close()
        raise ProcessFailed(text("judge.not_started", reason=reason))

    def _start(self) -> Running:
        settings = self.settings
        job = {
            "folder": self.folder,
            "language": language(),
            "shipped": sorted(self.shipped.names),
            "mirrored": list(settings.mirrored),
            "kernel_names": list(settings.kernel_names),
            "message_mb": settings.message_mb,
            "call_seconds": settings.call_seconds,
            "environment": dict(os.environ),
        }
        ours, theirs = socket.socketpair()
        end, alive = os.pipe()  # `alive` is closed when this process ends, however it ends
        with theirs, os.fdopen(end):
            warm = WarmProcess.get(settings.warm_up, self.shipped)
            try:
                fork = warm.fork("judge", job, [theirs.fileno(), end])
            except ProcessFailed:
                ours.close()
                os.close(alive)
                raise
        return Running(fork, Wire(ours, 1 << 26), alive)

    def trusted(self, source: str, name: str) -> None:
        """Run a locked cell of the course. Raises ProcessFailed when the judge cannot."""
        try:
            self._ask("trusted", source, name, ())
        except Late:
            reason = text("process.late", seconds=int(self.settings.test_seconds))
        except Closed as error:
            reason = str(error)
        else:
            return
        raise ProcessFailed(text("judge.locked", name=name, reason=reason))

    def test(self, source: str, name: str, names: Iterable[str]) -> tuple[list[dict], str | None]:
        """The outputs of a test cell, and its error's key in the course's catalogue, or None.

        `names` are the learner's that it uses. A test that did not end says nothing about the answer, and
        takes with it those of the notebook that come after it.
        """
        try:
            return self._ask("test", source, name, names)
        except Late:
            problem = text("judge.test_time", seconds=int(self.settings.test_seconds))
        except Closed as error:
            problem = text("judge.died", reason=error)
        return [plain_error("GradingStopped", problem)], UNFIT

    def _ask(self, kind: str, source: str, name: str, names: Iterable[str]) -> tuple[list[dict], str | None]:
        """Raises Late, or Closed with the reason, and ends the judge; the next notebook gets a new one."""
        judge = self.running
        if judge is None:
            raise Closed(text("judge.gone"))
        try:
            judge.wire.send({"kind": kind, "source": source, "name": name, "names": sorted(names)})
            answer = judge.receive(self.settings.test_seconds, self.kernel_pid)
            return answer["outputs"], answer["key"]
        except Late:
            self.close()
            raise
        except Closed:
            reason = judge.fork.failure_reason()
        except (TooLong, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
        self.close()
        raise Closed(reason)

    def close(self) -> None:
        """End the judge's process, whatever it is doing."""
        if self.running is None:
            return
        fork, wire, alive = self.running
        wire.sock.close()
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.kill(fork.pid, signal.SIGKILL)
        fork.close()
        os.close(alive)
        self.running = None

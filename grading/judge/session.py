"""The grader's handle on the judge: a fork of the warm process for every submission."""

import contextlib
import os
import signal
import socket
from pathlib import Path

from ..border.wire import Closed, Late, TooLong, Wire
from ..messages import text
from ..warm.client import WarmProcess
from .cells import DESCRIPTOR, plain_error

START = 120  # seconds for the first judge: the warm process imports its modules before


class Judge:
    """Judges the tests of a submission, notebook after notebook; a context that ends the judge's process."""

    def __init__(self, settings, folder, shipped):
        """`folder` is the assignment's source folder, `shipped` the packages beside its notebooks."""
        self.settings, self.folder, self.shipped = settings, str(Path(folder).resolve()), shipped
        self.wire = self.pid = None  # until the first notebook

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def turn_to(self, contract, sandbox_socket):
        """The next notebook: its learner's names that tests may use, and the socket to its sandbox."""
        if self.pid is None:
            self._start()
        self.wire.send({"kind": "notebook", "contract": sorted(contract)})
        self.wire.receive(self.settings.test_seconds)  # it has read the line and waits for the descriptor
        socket.send_fds(self.wire.sock, [DESCRIPTOR], [sandbox_socket.fileno()])

    def _start(self):
        settings = self.settings
        job = {
            "folder": self.folder,
            "shipped": sorted(self.shipped.names),
            "mirrored": list(settings.mirrored),
            "message_mb": settings.message_mb,
            "call_seconds": settings.call_seconds,
            "environment": dict(os.environ),
        }
        ours, theirs = socket.socketpair()
        WarmProcess.get(settings.warm_up, self.shipped).fork("judge", job, [theirs.fileno()])
        theirs.close()
        self.wire = Wire(ours, 1 << 26)
        self.pid = self.wire.receive(START)["pid"]

    def trusted(self, source, name):
        """Run a locked cell of the course. Raises RuntimeError when the judge cannot."""
        outputs, _ = self._ask("trusted", source, name)
        if outputs:
            raise RuntimeError(
                f"the judge could not run the course's own cell {name}: {outputs[0]['evalue']}"
            )

    def test(self, source, name):
        """The outputs of a test cell, and its error's key in the course's catalogue, or None."""
        return self._ask("test", source, name)

    def _ask(self, kind, source, name):
        seconds = self.settings.test_seconds
        try:
            self.wire.send({"kind": kind, "source": source, "name": name})
            answer = self.wire.receive(seconds)
            return answer["outputs"], answer["key"]
        except Late:
            problem = text("judge.test_time", seconds=int(seconds))
        except (Closed, TooLong, ValueError):
            problem = text("judge.died")
        self.close()  # the next notebook gets a new one
        return [plain_error("GradingStopped", problem)], None

    def close(self):
        """End the judge's process, whatever it is doing."""
        if self.pid is None:
            return
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            os.kill(self.pid, signal.SIGKILL)
        self.wire.sock.close()
        self.pid = None

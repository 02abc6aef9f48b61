"""The grader's handle on the judge: a fork of the warm process for every notebook."""

import os
import signal
import socket
from pathlib import Path

from ..border.wire import Closed, Late, TooLong, Wire
from ..messages import text
from ..warm.client import WarmProcess
from .cells import plain_error

START = 120  # seconds for the first judge: the warm process imports its modules before


class Judge:
    """Judges the tests of one notebook."""

    def __init__(self, settings, folder, shipped, contract, sandbox_socket):
        """`folder` is the assignment's source folder, `shipped` the packages beside its notebooks."""
        self.seconds = settings.test_seconds
        job = {
            "folder": str(Path(folder).resolve()),
            "shipped": sorted(shipped.names),
            "contract": sorted(contract),
            "mirrored": list(settings.mirrored),
            "message_mb": settings.message_mb,
            "call_seconds": settings.call_seconds,
            "environment": dict(os.environ),
        }
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno(), sandbox_socket.fileno()]
        WarmProcess.get(settings.warm_up, shipped).fork("judge", job, descriptors)
        theirs.close()
        self.wire = Wire(ours, 1 << 26)
        self.pid = None

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
        try:
            if self.pid is None:
                self.pid = self.wire.receive(START)["pid"]
            self.wire.send({"kind": kind, "source": source, "name": name})
            answer = self.wire.receive(self.seconds)
            return answer["outputs"], answer["key"]
        except Late:
            self.close()
            return [plain_error("GradingStopped", text("judge.test_time", seconds=int(self.seconds)))], None
        except (Closed, TooLong, ValueError):
            return [plain_error("GradingStopped", text("judge.died"))], None

    def close(self):
        """End this judge, whatever it is doing."""
        if self.pid:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                self.pid = None  # it has ended by itself
            self.pid = None
        self.wire.sock.close()

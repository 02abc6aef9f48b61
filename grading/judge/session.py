"""The grader's handle on the judge: one warm server for the run, one forked judge for a notebook."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from ..border.wire import Closed, Late, TooLong, Wire
from ..messages import text
from .cells import plain_error

ROOT = Path(__file__).resolve().parents[2]
START = 120  # seconds for the first judge: the server imports its modules before


class Server:
    """A warm judge server; lives until this process ends."""

    running: ClassVar[dict] = {}

    @classmethod
    def get(cls, preload):
        """The server with these modules imported, started on the first call."""
        key = tuple(preload)
        if key not in cls.running or cls.running[key].process.poll() is not None:
            cls.running[key] = cls(key)
        return cls.running[key]

    def __init__(self, preload):
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        command = [sys.executable, "-m", "grading.judge.server", str(theirs.fileno())]
        self.process = subprocess.Popen(
            command, pass_fds=(theirs.fileno(),), env=environment, stdin=subprocess.DEVNULL
        )
        theirs.close()
        self.requests.send(json.dumps(preload).encode())


class Judge:
    """Judges the tests of one notebook."""

    def __init__(self, settings, folder, shipped, contract, sandbox_socket):
        self.seconds = settings.test_seconds
        job = {
            "folder": str(Path(folder).resolve()),
            "shipped": sorted(shipped),
            "contract": sorted(contract),
            "contexts": list(settings.mirrored_contexts),
            "message_mb": settings.message_mb,
            "call_seconds": settings.call_seconds,
        }
        ours, theirs = socket.socketpair()
        server = Server.get(settings.judge_preload)
        socket.send_fds(
            server.requests, [json.dumps(job).encode()], [theirs.fileno(), sandbox_socket.fileno()]
        )
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

"""The grader's handle on the warm process."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from typing import Any, ClassVar

from nbgrader_apart import scratch
from nbgrader_apart.messages import text
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.processes import sandbox
from nbgrader_apart.processes.failed import LARGEST, PARTING, ProcessFailed, reason

# huge pages: a third less to copy and to free for each fork
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
# named, not imported: the warm process does not depend on what it forks
FORKED = {"judge": "nbgrader_apart.judge.process", "kernel": "nbgrader_apart.processes.warm_kernel"}
START = 120  # seconds for the first fork: the warm process imports its modules before


class WarmProcess:
    """Lives until the grader, or the last worker that the grader has forked, ends."""

    running: ClassVar[dict[tuple[str, str], "WarmProcess"]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def get(cls, code: str, shipped: Shipped) -> "WarmProcess":
        """The process that has run this code and imported the Shipped packages, started on the first call."""
        key = code, str(shipped.folder)
        with cls.lock:
            if key not in cls.running or cls.running[key].has_ended():
                cls.running[key] = cls(code, shipped)
            return cls.running[key]

    def __init__(self, code: str, shipped: Shipped) -> None:
        self.owner = os.getpid()
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.said = tempfile.TemporaryFile("a+b")  # noqa: SIM115  workers that are forked read it too
        command = [sys.executable, "-m", "nbgrader_apart.processes.warm_server"]
        command += [str(theirs.fileno()), str(self.owner)]
        environment = sandbox.environment() | HUGE_PAGES
        self.process = subprocess.Popen(
            command, pass_fds=(theirs.fileno(),), env=environment, stdin=subprocess.DEVNULL, stderr=self.said,
            cwd="/", process_group=0,  # Ctrl-C is for the grader, which then closes its end
        )  # fmt: skip
        theirs.close()
        warm_up = {"code": code, "packages": str(shipped.folder), "shipped": shipped.names}
        warm_up |= {"modules": list(FORKED.values()), "scratch": str(scratch.folder())}
        with contextlib.suppress(BrokenPipeError):  # it has ended: the first fork reports why
            self.requests.send(json.dumps(warm_up).encode())

    @classmethod
    def close_all(cls) -> None:
        """End the warm processes that this one has started; their forks have ended."""
        for warm in cls.running.values():
            warm.requests.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                warm.process.wait(PARTING)
            warm.process.kill()
            warm.process.wait()
            warm.said.close()
        cls.running.clear()

    def has_ended(self) -> bool:
        """Whether it has ended; only the process that has started it can tell."""
        return self.owner == os.getpid() and self.process.poll() is not None

    def failure_reason(self) -> str:
        """Why it has failed."""
        code = None
        if self.owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self.process.wait(PARTING)
        end = os.fstat(self.said.fileno()).st_size
        return reason(os.pread(self.said.fileno(), LARGEST, max(0, end - LARGEST)), code)

    def fork(self, kind: str, job: dict[str, Any], descriptors: Iterable[int]) -> "Fork":
        """A Fork of the `kind` that serves the job, with copies of the descriptors. Raises ProcessFailed."""
        ours, report = socket.socketpair()
        message = json.dumps({"fork": FORKED[kind], **job}).encode()
        with report:
            try:
                socket.send_fds(self.requests, [message], [*descriptors, report.fileno()])
            except (BrokenPipeError, ConnectionResetError):
                ours.close()
                raise ProcessFailed(text("warm.failed", reason=self.failure_reason())) from None
        return Fork(ours, self)


class Fork:
    """A fork of the warm process: `pid` serves the job. It reports a failure over a socket."""

    def __init__(self, report: socket.socket, warm: WarmProcess) -> None:
        """Wait until it has begun. Raises ProcessFailed."""
        self.report, self.stream = report, report.makefile("rb")
        report.settimeout(START)
        try:
            line = self.stream.readline(LARGEST)
        except TimeoutError:
            self.close()
            raise ProcessFailed(text("warm.late", seconds=START)) from None
        if not line.strip().isdigit():
            problem = self._reason(line) if line else warm.failure_reason()
            self.close()
            raise ProcessFailed(text("warm.failed", reason=problem))
        self.pid = int(line)

    def failure_reason(self) -> str:
        """Why it has failed, once it has closed its connection."""
        return self._reason(b"")

    def _reason(self, said: bytes) -> str:
        self.report.settimeout(PARTING)
        with contextlib.suppress(TimeoutError):
            said += self.stream.read(LARGEST)
        said, _, code = said.partition(b"\0")  # the warm process adds how it ended
        return reason(said, int(code) if code else None)

    def close(self) -> None:
        """Close the report."""
        self.stream.close()
        self.report.close()


def renew_lock() -> None:
    """In a fork the thread that held the lock is not there to release it."""
    WarmProcess.lock = threading.Lock()


os.register_at_fork(after_in_child=renew_lock)

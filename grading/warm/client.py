"""The grader's handle on the warm process."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

from ..run import sandbox

ROOT = Path(__file__).resolve().parents[2]
# there is a third less to copy and to give back for each fork
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


class WarmProcess:
    """Lives until the grader, or the last worker that the grader has forked, ends."""

    running: ClassVar[dict] = {}
    lock: ClassVar = threading.Lock()

    @classmethod
    def get(cls, code, shipped):
        """The process that has run this code and imported the Shipped packages, started on the first call."""
        key = code, str(shipped.folder)
        with cls.lock:
            if key not in cls.running or cls.running[key].has_ended():
                cls.running[key] = cls(code, shipped)
            return cls.running[key]

    def __init__(self, code, shipped):
        self.owner = os.getpid()
        self.requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "grading.warm.server", str(theirs.fileno())]
        environment = {**sandbox.environment(), "PYTHONPATH": str(ROOT), **HUGE_PAGES}
        self.process = subprocess.Popen(
            command, pass_fds=(theirs.fileno(),), env=environment, stdin=subprocess.DEVNULL, cwd="/"
        )
        theirs.close()
        warm_up = {"code": code, "packages": str(shipped.folder), "shipped": shipped.names}
        self.requests.send(json.dumps(warm_up).encode())

    @classmethod
    def close_all(cls):
        """End the warm processes that this one has started; their forks have ended."""
        for warm in cls.running.values():
            warm.requests.close()
            warm.process.wait()
        cls.running.clear()

    def has_ended(self):
        """Whether it has died; only the grader that has started it can tell."""
        return self.owner == os.getpid() and self.process.poll() is not None

    def fork(self, kind, job, descriptors):
        """Let a fork of the `kind` serve the job; it gets copies of the descriptors."""
        socket.send_fds(self.requests, [json.dumps({"fork": kind, **job}).encode()], descriptors)

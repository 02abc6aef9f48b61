"""Watches the memory of one sandbox from outside, all its processes together."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from nbgrader_apart.processes.sandbox import MEMORY

SECONDS = 0.2
LOOK = 1  # seconds for the costly measurement
IN_A_ROW = 2  # measurements over the limit: a fork that ends during one is counted whole
OWN = ("RssAnon:", "VmSwap:", "VmPTE:")  # of /proc/PID/status: a process's own pages, and the tables of all
INODE = 1 << 10  # bytes that the operating system keeps for a file
SOCKET = 1 << 19  # the most that the queues of one hold; inside/ keeps them from growing
GONE = (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError)


class MemoryWatch(threading.Thread):
    """Kills the sandbox through `kill()` when it goes over its budget.

    `process` is PID 1 of the sandbox seen from outside, without a sandbox the kernel. What is shared in a
    sandbox lies in files of its only tmpfs: inside/seccomp_filter.py leaves no other way.
    """

    def __init__(self, process: int, sandboxed: bool, memory_mb: int, kill: Callable[[], object]) -> None:
        super().__init__(daemon=True, name="sandbox watch")
        self.process = psutil.Process(process)
        self.limit = memory_mb << 20
        self.kill = kill
        self.done = threading.Event()
        self.root = f"/proc/{process}/root" if sandboxed else None

    def run(self) -> None:
        over = 0
        while over < IN_A_ROW and not self.done.wait(SECONDS):
            over = over + 1 if self.used_memory() > self.limit else 0
        if over == IN_A_ROW:
            self.kill()

    def used_memory(self) -> int:
        """Bytes of everything in the sandbox; 0 once it is gone.

        A page shared by forks counts for each of them; only over the limit it is divided among them.
        """
        try:
            processes = self.processes()
            used = sum(map(own_memory, processes))
            if self.root:
                used += in_files(f"{self.root}{MEMORY}") + in_sockets(f"{self.root}/proc/1/net/sockstat")
        except GONE:
            return 0
        started = time.monotonic()
        for process in processes:
            if used <= self.limit or time.monotonic() - started > LOOK:
                break
            used -= others_shares(process)
        return used

    def processes(self) -> list[Path]:
        """The folder in /proc of every process. Raises one of GONE."""
        if self.root:
            return [path for path in Path(self.root, "proc").iterdir() if path.name.isdigit()]
        family = [self.process, *self.process.children(recursive=True)]
        return [Path("/proc", str(member.pid)) for member in family]


def own_memory(process: Path) -> int:
    """Bytes of a process's own; 0 when it has ended."""
    return sum(kilobytes(process / "status", OWN)) << 10


def others_shares(process: Path) -> int:
    """Bytes of a process's own that are other forks' as well, without its share. Costs milliseconds."""
    found = kilobytes(process / "smaps_rollup", ("Pss_Anon:", "Anonymous:"))  # in this order
    return found[1] - found[0] << 10 if found else 0


def kilobytes(file: Path, names: tuple[str, ...]) -> list[int]:
    """The numbers of the lines that begin with `names`; none when the process has ended or cannot be read."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except (*GONE, PermissionError):
        return []
    return [int(line.split()[1]) for line in lines if line.startswith(names)]


def in_files(memory: str) -> int:
    """Bytes of a tmpfs."""
    about = os.statvfs(memory)
    return (about.f_blocks - about.f_bfree) * about.f_frsize + (about.f_files - about.f_ffree) * INODE


def in_sockets(counts: str) -> int:
    """Bytes that can wait in the sockets of a network namespace."""
    return int(Path(counts).read_text().split()[2]) * SOCKET  # sockets: used 5

"""Watches one sandbox from outside: memory of all its processes together, and its private files."""

import threading
from pathlib import Path

import psutil

SECONDS = 0.2
RUNTIME_FILES = 12


class Watch(threading.Thread):
    """Kills the sandbox through `kill(reason)` when it goes over a budget."""

    def __init__(self, pids, runtime, memory_mb, kill):
        super().__init__(daemon=True, name="sandbox watch")
        self.processes = [psutil.Process(pid) for pid in pids]
        self.runtime = Path(runtime)
        self.memory = memory_mb << 20
        self.kill = kill
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(SECONDS):
            reason = (
                "memory" if self.used_memory() > self.memory else "disk" if self.runtime_is_full() else None
            )
            if reason:
                self.kill(reason)
                return

    def used_memory(self):
        """Resident bytes of everything in the sandbox; 0 once it is gone."""
        total = 0
        for process in self.processes:
            try:
                family = [process, *process.children(recursive=True)]
            except psutil.NoSuchProcess:
                continue
            for member in family:
                try:
                    memory = member.memory_info()
                    total += memory.rss - memory.shared
                except psutil.NoSuchProcess:
                    continue
        return total

    def runtime_is_full(self):
        """The runtime folder is on the host's disk and holds only a connection file and sockets."""
        files = list(self.runtime.rglob("*")) if self.runtime.exists() else []
        return len(files) > RUNTIME_FILES or any(
            path.is_file() and path.stat().st_size > 1 << 16 for path in files
        )

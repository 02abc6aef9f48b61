"""Watches one sandbox from outside: memory of all its processes together."""

import threading

import psutil

SECONDS = 0.2


class Watch(threading.Thread):
    """Kills the sandbox through `kill()` when it goes over its budget."""

    def __init__(self, pids, memory_mb, kill):
        super().__init__(daemon=True, name="sandbox watch")
        self.processes = [psutil.Process(pid) for pid in pids]
        self.memory = memory_mb << 20
        self.kill = kill
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(SECONDS):
            if self.used_memory() > self.memory:
                self.kill()
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

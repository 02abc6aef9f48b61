"""Watches this machine while attacks run: connections, planted files, processes and folders left."""

import ctypes
import site
import socket
import tempfile
from pathlib import Path

import psutil

MARKS = ("97531", "grading.run.inside.kernel")
IPC_CREATE, IPC_REMOVE = 0o1666, 0


class Guard:
    """A listening socket, an abstract one and shared memory that no sandbox may reach."""

    def __enter__(self):
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.tcp.setblocking(False)
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind("\0grading-attack")
        self.abstract.listen()
        self.libc = ctypes.CDLL(None)
        self.key = 0x67726164
        self.shared = self.libc.shmget(self.key, 16, IPC_CREATE)
        self.before = set(planted()) | set(folders())
        self.processes = {process.pid for process in marked()}
        return self

    def __exit__(self, *_):
        self.tcp.close()
        self.abstract.close()
        self.libc.shmctl(self.shared, IPC_REMOVE, None)

    def fill(self, code, root):
        """The attack's code with this run's paths and numbers."""
        values = {"{root}": str(root), "{port}": str(self.tcp.getsockname()[1]), "{ipc}": str(self.key)}
        values["{home}"] = str(Path.home())
        for gap, value in values.items():
            code = code.replace(gap, value)
        return code

    def left_behind(self):
        """Sentences about everything that should not be there."""
        problems = [f"left behind: {path}" for path in (set(planted()) | set(folders())) - self.before]
        problems += [f"still running: {p.pid}" for p in marked() if p.pid not in self.processes]
        try:
            self.tcp.accept()
            problems.append("somebody connected to the loopback server")
        except BlockingIOError:
            self.tcp.close()  # nobody did
        return problems


def planted():
    """Files that an attack tries to plant outside its sandbox."""
    home, temporary = Path.home(), Path(tempfile.gettempdir())
    places = [temporary / "CANARY-PLANTED", Path("/dev/shm/CANARY-PLANTED"), Path("/usr/CANARY-PLANTED")]
    places += [
        home / ".ipython/profile_default/startup/00-planted.py",
        Path(site.getsitepackages()[0]) / "planted.pth",
    ]
    places += [home / ".local/share/jupyter/kernels/python3/kernel.json"]
    return [path for path in places if path.exists()]


def folders():
    """Temporary folders of the grading."""
    return Path(tempfile.gettempdir()).glob("grading-*")


def marked():
    """Processes that belong to a sandbox or that an attack has started."""
    for process in psutil.process_iter(["cmdline"]):
        if any(mark in part for part in process.info["cmdline"] or [] for mark in MARKS):
            yield process

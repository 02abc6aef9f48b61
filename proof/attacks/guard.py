"""Watches while attacks run: connections, planted files, processes and folders that a run leaves behind."""

import ctypes
import secrets
import site
import socket
import tempfile
from pathlib import Path

import psutil

IPC_CREATE, IPC_REMOVE = 0o1666, 0
PR_SET_CHILD_SUBREAPER = 36


class Guard:
    """A listening socket, an abstract one and shared memory that no sandbox may reach."""

    def __init__(self, folder):
        self.temporary = Path(folder) / "tmp"
        self.temporary.mkdir()
        self.key = 1 + secrets.randbelow(1 << 30)  # somebody else may attack on this machine, too
        self.name = f"grading-attack-{self.key}"

    def __enter__(self):
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.tcp.setblocking(False)
        self.abstract = socket.socket(socket.AF_UNIX)
        self.abstract.bind(f"\0{self.name}")
        self.abstract.listen()
        self.libc = ctypes.CDLL(None)
        self.shared = self.libc.shmget(self.key, 16, IPC_CREATE)
        self.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # who loses his parents becomes a child of ours
        self.before = set(planted())
        return self

    def __exit__(self, *_):
        self.tcp.close()
        self.abstract.close()
        self.libc.shmctl(self.shared, IPC_REMOVE, None)
        self.libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)

    def fill(self, code, root):
        """The attack's code with this run's paths and numbers."""
        values = {"{root}": str(root), "{port}": str(self.tcp.getsockname()[1]), "{ipc}": str(self.key)}
        values |= {"{abstract}": self.name, "{home}": str(Path.home())}
        for gap, value in values.items():
            code = code.replace(gap, value)
        return code

    def left_behind(self):
        """Sentences about everything that should not be there."""
        left = set(planted()) - self.before | set(self.temporary.iterdir())
        problems = [f"left behind: {path}" for path in left]
        problems += [f"still running: {process}" for process in running()]
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


def running():
    """Processes that the grading, or a learner's code, has left."""
    processes = psutil.Process().children(recursive=True)
    return [process for process in processes if process.status() != psutil.STATUS_ZOMBIE]

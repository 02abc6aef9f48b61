"""A small course in a folder of its own, and the Jupyter servers of its learner and its instructor."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import nbformat

from grading import forked

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "backprop"
TOKEN = "e2e"
# What `make lab` and `make formgrader` set.
LEARNER, INSTRUCTOR = (".jupyter/learner", ".jupyter"), (".jupyter",)
READY = re.compile(r"http://127\.0\.0\.1:(\d+)/lab")


class Course:
    """The course laid out in `folder` with some of its notebooks; the checkout is not touched."""

    def __init__(self, folder, notebooks):
        self.folder = Path(folder)
        self.exchange = self.folder / "exchange"
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "attacks", "test_*.py")
        for name in (".jupyter", "grading", f"source/{ASSIGNMENT}"):
            shutil.copytree(ROOT / name, self.folder / name, ignore=ignore)
        for name in ("nbgrader_config.py", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, self.folder)
        for path in (self.folder / "source" / ASSIGNMENT).glob("*.ipynb"):
            if path.stem not in notebooks:
                path.unlink()

    def run(self, *arguments, folder=None):
        """Run `python -m <arguments>` in the course's folder, or in a learner's; what it printed.

        Raises AssertionError with that when the command fails.
        """
        place = folder or self.folder
        variables = environment(self.folder, place, LEARNER if folder else INSTRUCTOR)
        done = forked.run(place, variables, *arguments)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return said

    @contextmanager
    def lab(self, folder, who, terminals=False):
        """The address of a JupyterLab for `who` (LEARNER or INSTRUCTOR), started in `folder`.

        What the server says is kept beside the course, in `<who's home>/jupyter.log`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"]
        command += [f"--port={free_port()}", f"--IdentityProvider.token={TOKEN}"]
        command += ["--LabApp.expose_app_in_browser=True", f"--ServerApp.terminals_enabled={terminals}"]
        command += ["--allow-root"] if os.getuid() == 0 else []
        home = self.folder.parent / f"home-{'learner' if who is LEARNER else 'instructor'}"
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(self.folder, home, who),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        said = []
        try:
            for line in server.stdout:  # blocks until the server says where it is
                said.append(line)
                if found := READY.search(line):
                    break
            else:
                raise AssertionError("JupyterLab did not start:\n" + "".join(said))
            log = home / "jupyter.log", chain(said, server.stdout)
            threading.Thread(target=keep, args=log, daemon=True).start()
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def keep(path, lines):
    """Write lines to a file as they come."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def environment(course, home, who):
    """Nothing of the user's own settings: a clean HOME, and Jupyter's settings of the course for `who`."""
    Path(home).mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    return kept | {
        "HOME": str(home),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(str(course / part) for part in who),
        "NBGRADER_EXCHANGE": str(course / "exchange"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def fill(path, sources):
    """Write a learner's answers, {grade id: source}, into a notebook."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = sources.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, path)


def free_port():
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

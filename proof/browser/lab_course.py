"""A small course in a folder of its own, and the Jupyter servers of its learner and its instructor."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

import nbformat

from course.build import cell_rules, source_notebooks
from course.build.editions import ORIGINAL
from course.build.paths import ROOT
from nbgrader_apart.testing import forked
from proof.demo.working_copy import CACHES, copy_source

TOKEN = "e2e"
# What `make lab` and `make formgrader` set.
LEARNER, INSTRUCTOR = (".jupyter/learner", ".jupyter"), (".jupyter",)
ENDS = 30  # seconds
READY = re.compile(r"http://127\.0\.0\.1:(\d+)/lab")


def points(*notebooks):
    """The points that can be had in the notebooks."""
    graded = chain.from_iterable(cell_rules.test_cells(source_notebooks.read(name)) for name in notebooks)
    return sum(cell.metadata.nbgrader.points for cell in graded)


class Course:
    """An edition laid out in `folder` with some of its notebooks; the checkout is not touched."""

    def __init__(self, folder, notebooks, edition=ORIGINAL):
        self.folder = Path(folder)
        self.edition = edition
        self.exchange = self.folder / "exchange"
        copy_source(edition, self.folder, notebooks)
        shutil.copytree(ROOT / ".jupyter", self.folder / ".jupyter", ignore=shutil.ignore_patterns(*CACHES))
        (self.folder / "course").mkdir()
        for name in ("requirements.txt", "course/allowed.toml"):
            shutil.copy(ROOT / name, self.folder / name)
        settings = (ROOT / "nbgrader_config.py").read_text("utf-8")
        ours, theirs = (f'language="{one.language}"' for one in (ORIGINAL, edition))
        assert ours in settings
        (self.folder / "nbgrader_config.py").write_text(settings.replace(ours, theirs), "utf-8")

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
    def lab(self, folder, who, terminals=False, python=sys.executable):
        """The address of a JupyterLab for `who` (LEARNER or INSTRUCTOR), started in `folder`.

        What the server says is kept beside the course, in `<who's home>/jupyter.log`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(python), "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1"]
        command += [f"--port={free_port()}", f"--IdentityProvider.token={TOKEN}"]
        command += ["--LabApp.expose_app_in_browser=True", f"--ServerApp.terminals_enabled={terminals}"]
        command += ["--allow-root"] if os.getuid() == 0 else []
        home = self.folder.parent / f"home-{'learner' if who is LEARNER else 'instructor'}"
        server = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(self.folder, home, (f".jupyter/{self.edition.language}", *who)),
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
            listens(server, int(found[1]))
            yield f"http://127.0.0.1:{found[1]}"
        finally:
            end(server)


def end(server):
    """End the server with its group; one that does not end its kernels in time is killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(ENDS)
            return


def listens(server, port):
    """Wait until the server answers: it says its address a moment earlier."""
    while server.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError(f"JupyterLab ended with {server.returncode}")


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

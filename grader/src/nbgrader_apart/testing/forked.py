"""`python -m nbgrader …` without the seconds of its imports, for tests of what a command does once it runs.

A process that has imported nbgrader, and nothing of a course, forks for every command. The fork then does
what Python does for `-m`: folder, environment, arguments, output and exit code are the command's own.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO, TypedDict

from nbgrader_apart.startup import without_address_parser, without_alembic_command

IMPORTED = ("nbgrader.apps.nbgraderapp", "typer", "rich.progress")


class Command(TypedDict):
    """`python -m module arguments` in a folder, with files for its output."""

    module: str
    arguments: list[str]
    folder: str
    environment: dict[str, str]
    stdout: str
    stderr: str


def run(
    folder: Path, environment: dict[str, str], module: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """The command's subprocess.CompletedProcess, its output as text."""
    with tempfile.TemporaryDirectory() as written:
        stdout, stderr = Path(written) / "stdout", Path(written) / "stderr"
        command = Command(
            module=module,
            arguments=list(arguments),
            folder=str(folder),
            environment=environment,
            stdout=str(stdout),
            stderr=str(stderr),
        )
        print(json.dumps(command), file=server(), flush=True)
        code = int(server().readline())
        return subprocess.CompletedProcess(
            [module, *arguments], code, stdout.read_text("utf-8"), stderr.read_text("utf-8")
        )


def environment() -> dict[str, str]:
    """A copy of os.environ in which a process finds this package, and its Python's commands by name."""
    executables = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # nbgrader starts alembic by name
    return os.environ | {"PATH": executables}


@functools.cache
def server() -> TextIO:
    """A stream to the process that forks, started once and ended with this process."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "nbgrader_apart.testing.forked", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    theirs.close()
    stream = ours.makefile("rw", encoding="utf-8")
    ours.close()
    atexit.register(process.wait)
    atexit.register(stream.close)  # is called first
    return stream


def serve(requests: socket.socket) -> Command | None:
    """Fork for one request after another; in the fork return the request, at their end None."""
    with requests, requests.makefile("rw", encoding="utf-8") as stream:
        for line in stream:
            if (fork := os.fork()) == 0:
                return json.loads(line)
            print(os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]), file=stream, flush=True)
    return None


def become(
    module: str, arguments: list[str], folder: str, environment: dict[str, str], stdout: str, stderr: str
) -> None:
    """Turn this process into `python -m module arguments` in the folder."""
    for number, path in ((1, stdout), (2, stderr)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:1] = [folder, *filter(None, paths)]  # in place of this process's own
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    without_address_parser()
    for name in IMPORTED:
        importlib.import_module(name)
    without_alembic_command()
    gc.freeze()
    if request := serve(socket.socket(fileno=int(sys.argv[1]))):
        become(**request)

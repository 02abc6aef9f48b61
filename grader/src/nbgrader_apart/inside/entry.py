"""Becomes the learner's kernel in the sandbox: limits first, then a shell that serves grader and judge.

Cold: `python -m nbgrader_apart.inside.entry SETUP`; warm: `run_kernel` in a fork of the warm process. SETUP
is a JSON object: the descriptors `cells` and `bridge`, `shipped` (package names), `limits`, `sandboxed`,
`grader`, the PID of the grader's process, and `foreign`, of a kernelspec, for other languages than Python.
"""

import json
import os
import resource
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader_apart.inside import shell
from nbgrader_apart.inside.bridge import Bridge
from nbgrader_apart.inside.system_calls import die_with_parent
from nbgrader_apart.wire.connection import Wire, packed

STAGE, WORK = "/stage", "/learner/home"
SHOWN = 300  # characters of an error
STANDARD = 3  # descriptors 0, 1 and 2
NO_MEMORY = packed({"msg_type": "failed", "content": "MemoryError"})  # packed while there is memory
UNLIMITED = 1 << 40  # the grader limits the other direction


def set_limits(limits: dict[str, int]) -> None:
    """Soft and hard limits that the kernel and its children cannot raise again."""
    megabyte = 1 << 20
    for name, value in [
        ("DATA", limits["memory_mb"] * megabyte),
        ("FSIZE", limits["file_mb"] * megabyte),
        ("NPROC", limits["processes"]),
        ("CORE", 0),
        ("NOFILE", 1024),
    ]:
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def run_kernel(setup: dict[str, Any], enter: Callable[[], object] = lambda: None) -> None:
    """Enter the sandbox, confine this process, copy the learner's files, serve as the kernel until the end.

    If the start fails, the first message to the grader says why.
    """
    cells = Wire(socket.socket(fileno=setup["cells"]), UNLIMITED)
    try:
        enter()
        if setup["sandboxed"]:
            from nbgrader_apart.inside.confine import confine  # only Linux has it

            confine(setup["limits"]["disk_mb"])
            set_limits(setup["limits"])
            for path in Path(STAGE).iterdir():
                copy = shutil.copytree if path.is_dir() else shutil.copyfile
                copy(path, Path(WORK, path.name))
        else:  # there is no bubblewrap to end it
            die_with_parent(setup["grader"])
        serve = foreign_kernel(setup["foreign"]) if "foreign" in setup else own_kernel(setup)
        close_streams()  # the grader reads them when a start fails: the learner's code must not write there
        cells.send({"msg_type": "ready"})
    except MemoryError:
        cells.sock.sendall(NO_MEMORY)
        os._exit(1)
    except BaseException as error:
        cells.send({"msg_type": "failed", "content": f"{type(error).__name__}: {error}"[:SHOWN]})
        os._exit(1)
    serve(cells)


def own_kernel(setup: dict[str, Any]) -> Callable[[Wire], None]:
    """What serves cells of Python: IPython's shell in this process, which answers the judge too."""
    judge = Wire(socket.socket(fileno=setup["bridge"]), setup["limits"]["message_mb"] << 20)
    learners = shell.prepare()
    bridge = Bridge(judge, learners.user_ns, setup["shipped"])
    return lambda cells: shell.serve(learners, cells, bridge)


def foreign_kernel(spec: dict[str, Any]) -> Callable[[Wire], None]:
    """What serves cells of another language: the kernel of this kernelspec, in a process of its own."""
    from nbgrader_apart.inside.relay import Relay  # with jupyter's sockets

    os.environ.setdefault("JUPYTER_RUNTIME_DIR", tempfile.mkdtemp())
    return Relay(**spec, folder=str(Path.cwd())).serve


def close_streams() -> None:
    """Redirect standard input, output and error to /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(STANDARD):
        os.dup2(null, number)


if __name__ == "__main__":
    run_kernel(json.loads(sys.argv[1]))

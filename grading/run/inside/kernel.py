"""Becomes the learner's kernel in the sandbox: limits first, then a shell that serves grader and judge.

Cold: `python -m grading.run.inside.kernel SETUP`; warm: `forked`, in a fork of the warm process. SETUP is a
JSON object with the descriptors `cells` and `bridge`, `shipped` (package names), `limits` and `sandboxed`.
"""

import json
import os
import random
import resource
import shutil
import signal
import socket
import sys
from pathlib import Path

from grading.border.wire import Wire
from grading.run.inside import shell
from grading.run.inside.bridge import Bridge

STAGE, WORK, COURSE_SIDE = "/stage", "/home/learner", "/opt/grading"
STANDARD = 3  # descriptors 0, 1 and 2
UNLIMITED = 1 << 40  # the grader limits what the cells say


def set_limits(limits):
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


def be_kernel(setup):
    """Limit this process, copy the learner's files, be a kernel until the end."""
    if setup["sandboxed"]:
        set_limits(setup["limits"])
        for path in Path(STAGE).iterdir():
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, Path(WORK, path.name))
    cells = Wire(socket.socket(fileno=setup["cells"]), UNLIMITED)
    judge = Wire(socket.socket(fileno=setup["bridge"]), setup["limits"]["message_mb"] << 20)
    learners = shell.prepare()
    shell.serve(learners, cells, Bridge(judge, learners.user_ns, setup["shipped"]))


def forked(job, cells, bridge, alive, report):
    """A fork of the warm process enters the sandbox of PID `job["pid"]`, and its own fork becomes the kernel.

    `alive` is held until the kernel has ended: the sandbox ends with it. The kernel's PID goes to `report`.
    """
    from grading.warm import namespaces  # the cold kernel, in the sandbox, has no such module

    leave = namespaces.enter(job["pid"])
    kernel = os.fork()
    if kernel:
        namespaces.die_with_parent()
        os.write(report, f"{kernel}\n".encode())
        os.waitpid(kernel, 0)
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()
    forget_the_outside(cells, bridge)
    leave()
    os.chdir(WORK)
    be_kernel({**job["setup"], "cells": cells, "bridge": bridge})
    os._exit(0)


def forget_the_outside(*kept):
    """Close every descriptor but `kept`, look for modules inside, and draw random numbers of one's own."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(STANDARD):
        os.dup2(null, number)
    first = STANDARD
    for number in sorted(kept):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    outside = os.environ["PYTHONPATH"]
    os.environ["PYTHONPATH"] = COURSE_SIDE
    sys.path[:] = [WORK] + [COURSE_SIDE if path == outside else path for path in sys.path[2:]]
    sys.argv[:] = [__file__]
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()


if __name__ == "__main__":
    be_kernel(json.loads(sys.argv[1]))

"""In a fork of the warm process: enters a sandbox and becomes the learner's kernel there."""

import os
import random
import resource
import signal
import sys
import tempfile
from typing import Any

from nbgrader_apart.inside import confine  # noqa: F401  its file is not in the sandbox
from nbgrader_apart.inside.entry import STANDARD, WORK, close_streams, run_kernel
from nbgrader_apart.inside.system_calls import die_with_parent
from nbgrader_apart.processes import namespaces

SIGNALLED = 128  # and the number of a signal


def forked(job: dict[str, Any], cells: int, bridge: int, alive: int, report: int) -> None:
    """A fork of the warm process enters the sandbox of PID `job["pid"]`, and its own fork becomes the kernel.

    `alive` is held until the kernel has ended: the sandbox ends with it. The kernel's PID goes to `report`;
    the fork's exit code is the kernel's, as a shell passes it on.
    """
    warm = os.getppid()
    namespaces.enter(job["pid"])  # also clears PR_SET_PDEATHSIG
    kernel = os.fork()
    if kernel:
        die_with_parent(warm)
        os.write(report, f"{kernel}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
        os._exit(code if code >= 0 else SIGNALLED - code)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setsid()

    def enter() -> None:
        detach_from_parent(cells, bridge)
        os.chdir(WORK)

    code = 1
    try:
        run_kernel({**job["setup"], "cells": cells, "bridge": bridge}, enter)
        code = 0
    finally:
        os._exit(code)  # whatever is raised: no exit handler of the warm process runs here


def detach_from_parent(*kept: int) -> None:
    """Close every descriptor but `kept`, import from the sandbox only, and reseed random numbers."""
    close_streams()
    first = STANDARD
    for number in sorted(kept):
        os.closerange(first, number)
        first = number + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    tempfile.tempdir = None
    sys.path[:] = [WORK, *filter(os.path.exists, sys.path[2:])]
    sys.argv[:] = [__file__]
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.seed()  # `torch.seed` looks for graphics cards first

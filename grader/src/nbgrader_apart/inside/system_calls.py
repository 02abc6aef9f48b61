"""Calls of the operating system for which Python 3.11 has no functions, through ctypes."""

import ctypes
import os
import signal
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def system_call(name: str, *arguments: Any) -> None:
    """Call a function of the C library. Raises OSError."""
    if getattr(LIBC, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def set_process(option: int, value: int) -> None:
    """prctl(2) with one value. Raises OSError."""
    system_call("prctl", option, value, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """The kernel of the operating system kills this process when its parent, the process `parent`, ends."""
    set_process(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended before
        os._exit(1)

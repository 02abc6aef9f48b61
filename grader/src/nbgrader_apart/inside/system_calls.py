"""Calls of the operating system for which Python 3.11 has no functions, through ctypes."""

import ctypes
import os
import signal
from pathlib import Path
from typing import Any

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
HUGE = 1 << 21  # bytes of a huge page
MADV_COLLAPSE = 25


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


def use_huge_pages() -> None:
    """Put the memory of this process into huge pages: a fork's is then copied and freed in half the time.

    Linux can do so since 6.1; before, everything stays as it is.
    """
    areas = [line.split() for line in Path("/proc/self/maps").read_text().splitlines()]
    for place, permissions, _, _, inode, *_ in areas:
        first, end = (int(number, 16) for number in place.split("-"))
        if "w" in permissions and inode == "0" and end - first >= HUGE:
            LIBC.madvise(ctypes.c_void_p(first), ctypes.c_size_t(end - first), MADV_COLLAPSE)

"""Locks on folders (flock): the system releases them when their process ends, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

ALONE, TOGETHER, AT_ONCE = fcntl.LOCK_EX, fcntl.LOCK_SH, fcntl.LOCK_NB


def lock(folder: Path | str, kind: int) -> int:
    """A descriptor that holds a lock of this kind on the folder, which is no link.

    Raises OSError: BlockingIOError where another process has one, another where the file system has no locks.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, kind)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def unlock(descriptor: int) -> None:
    """Release the lock, even if a fork has a copy of the descriptor."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


@contextlib.contextmanager
def locked(folder: Path | str, kind: int) -> Iterator[bool]:
    """Hold the lock while the body runs; yield whether there is one. Raises BlockingIOError."""
    try:
        descriptor = lock(Path(folder).resolve(), kind)
    except BlockingIOError:
        raise
    except OSError:  # some network file systems know none
        yield False
        return
    try:
        yield True
    finally:
        unlock(descriptor)

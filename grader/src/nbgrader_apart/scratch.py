"""The grader's temporary files: a folder for each process, which is removed however the process ends.

A process holds a lock on its folder for as long as it lives. A free lock means that it has died:
the next process to begin, or to end, removes it. Files of other users are not touched, links not followed.
"""

import atexit
import contextlib
import errno
import functools
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

import psutil

from nbgrader_apart import locks

PREFIX = "grading-run-"
NAME = re.compile(PREFIX + "[a-z0-9_]{8}")  # as tempfile makes them
PRIVATE = 0o700
SCARCE = 1 << 20  # free bytes: less is not enough for any submission


def folder() -> Path:
    """This process's own folder. Raises OSError, also when nothing would have room in it."""
    if is_full(tempfile.gettempdir()):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), tempfile.gettempdir())
    return _folder_of(os.getpid())  # a fork gets a new one


def is_full(path: Path | str) -> bool:
    """Whether there is no room on the disk of the path."""
    disk = shutil.disk_usage(path)
    return disk.total > 0 and disk.free < SCARCE  # some file systems tell nothing


@functools.cache
def _folder_of(process: int) -> Path:
    remove_abandoned()
    while True:
        made = Path(tempfile.mkdtemp(prefix=PREFIX))
        if _is_held(made):
            atexit.register(_end, process, made)
            return made


def _is_held(made: Path) -> bool:
    """Hold the new folder's lock from now on; False if another process has just taken it for abandoned."""
    try:
        locks.lock(made, locks.TOGETHER | locks.AT_ONCE)
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:  # a file system without locks: no process takes it
        return True
    return made.exists()


def _end(process: int, own: Path) -> None:
    if os.getpid() == process:
        end_bubblewrap(str(own))
        shutil.rmtree(own, ignore_errors=True)
        remove_abandoned()  # of forks, which end without atexit


def remove_abandoned() -> None:
    """Remove what dead processes of this user have left."""
    for entry in os.scandir(tempfile.gettempdir()):
        with contextlib.suppress(OSError):  # its process lives, or another one removes it
            if NAME.fullmatch(entry.name) and _is_ours(entry.stat(follow_symlinks=False)):
                descriptor = locks.lock(entry.path, locks.ALONE | locks.AT_ONCE)
                end_bubblewrap(entry.path)
                shutil.rmtree(entry.path, ignore_errors=True)
                locks.unlock(descriptor)


def end_bubblewrap(path: str) -> None:
    """End what has the folder for a sandbox and outlives its process.

    bubblewrap dies with its parent; but in the instant in which its own child waits to be let go on, that
    child knows of no parent and would wait for ever.
    """
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # it has just ended, or is another user's
            if process.name() == "bwrap" and any(path in argument for argument in process.cmdline()):
                process.kill()


def _is_ours(status: os.stat_result) -> bool:
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == PRIVATE
    return private and status.st_uid == os.geteuid()

"""Reads from the disk what may be a learner's: names made printable, contents within a limit."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    """One entry of a submitted folder: its contents, or the message that says why it has none."""

    name: str
    data: bytes | None
    problem: str = ""


def shown(name: str) -> str:
    """A file's name that is safe to print: a question mark for every character that is not printable."""
    return "".join(character if character.isprintable() else "?" for character in name)


def read_bytes(path: Path | str, limit: int) -> bytes:
    """The contents of a regular file of at most `limit` bytes.

    Raises OSError when it is absent, unreadable, a link or no regular file, ValueError when it is larger.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.ENXIO, "not a regular file", str(path))
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise ValueError("too large")
    return data

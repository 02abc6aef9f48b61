"""Opening what a learner has submitted: regular files only, nothing followed, nothing waited for."""

import os
import stat
from dataclasses import dataclass

ENTRIES = 2000
DEPTH = 3


@dataclass(frozen=True)
class File:
    """One entry of a submitted folder: its contents, or the message that says why it has none."""

    name: str
    data: bytes | None
    problem: str = ""


def read_submission(folder, limit, whole, wanted):
    """The Files of the folder that are `wanted(name)`, and those that are not, without their contents.

    A file of more than `limit` bytes, and what goes beyond `whole` bytes together, is too large.
    """
    read, left = [], whole
    for name, kind in regular_files(folder) if is_real_folder(folder) else []:
        data, problem = None, "intake.not_file" if kind else ""
        if kind is None and wanted(name):
            try:
                data = read_bytes(folder / name, min(limit, left))
                left -= len(data)
            except ValueError:
                problem = "intake.too_big"
            except OSError:
                problem = "intake.unreadable"
        read.append(File(name, data, problem))
    return read


def is_real_folder(path):
    """Whether the folder and the learner's folder above it are no links."""
    return all(folder.is_dir() and not folder.is_symlink() for folder in (path, path.parent))


class Refused(Exception):
    """A file or notebook that cannot be taken in; the message says why, for the learner."""


def regular_files(folder):
    """(relative path, None) for each regular file under `folder`, (path, kind) for what else is no folder.

    Links are not followed; at most ENTRIES entries and DEPTH levels are looked at.
    """
    found, waiting = [], [(folder, "", 0)]
    while waiting and len(found) < ENTRIES:
        path, prefix, depth = waiting.pop(0)
        try:
            entries = sorted(os.scandir(path), key=lambda entry: entry.name)[:ENTRIES]
        except OSError:
            found.append((prefix.rstrip("/"), "unreadable"))
            continue
        for entry in entries:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if name.endswith(".ipynb"):
                    found.append((name, "folder"))
                elif depth < DEPTH and entry.name not in (".ipynb_checkpoints", "__pycache__"):
                    waiting.append((entry.path, name + "/", depth + 1))
            else:
                found.append((name, None if entry.is_file(follow_symlinks=False) else "special"))
    return found[:ENTRIES]


def read_bytes(path, limit):
    """The contents of a regular file of at most `limit` bytes.

    Raises OSError when it is absent, unreadable, a link or no regular file, ValueError when it is larger.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError("too large")
    return data

"""Opens what a learner has submitted: regular files only; no link is followed, no open blocks."""

import errno
import os
import stat
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from nbgrader_apart.intake.dropped_outputs import without_outputs
from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import File, read_bytes

ENTRIES = 2000
SEEN = 20_000  # entries that are looked at to find them
DEPTH = 3
# the errors that mean that a file has changed since it was listed
GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO, errno.ESTALE)


@dataclass(frozen=True)
class Entry:
    """An entry of a submitted folder: a regular file if `kind` is None; `state` changes with its contents."""

    name: str
    kind: str | None
    state: tuple[int, ...] = ()


class Refused(Exception):
    """A file or notebook that cannot be taken in; the message says why, for the learner."""


class Changed(Exception):
    """The submission has vanished or changed while it was read: it is not what the learner handed in."""


def read_submission(folder: Path, limit: int, whole: int, wanted: Callable[[str], bool]) -> list[File]:
    """The Files of the folder that are `wanted(name)`, and those that are not, without their contents.

    A file of more than `limit` bytes, and what goes beyond `whole` bytes together, is too large; a notebook
    is measured without its outputs, and may have `whole` bytes with them.
    Raises Changed, and OSError where the disk fails.
    """
    try:
        before = entries(folder) if is_real_folder(folder) else []
        files = _contents(folder, before, limit, whole, wanted)
        after = entries(folder) if is_real_folder(folder) else []
    except OSError as error:
        if error.errno not in GONE:
            raise
        raise Changed(text("intake.changed")) from error
    if before != after:
        raise Changed(text("intake.changed"))
    return files


def _contents(
    folder: Path, found: list[Entry], limit: int, whole: int, wanted: Callable[[str], bool]
) -> list[File]:
    read, left = [], whole
    for entry in found:
        data, problem = None, "intake.not_file" if entry.kind else ""
        if entry.kind is None and wanted(entry.name):
            most = min(limit, left)
            try:
                data = read_bytes(folder / entry.name, whole if is_notebook(entry.name) else most)
                if len(data) > most:
                    data = without_outputs(data, most)
                left -= len(data)
            except ValueError:
                data, problem = None, "intake.too_big"
            except PermissionError:
                problem = "intake.unreadable"
        read.append(File(entry.name, data, problem))
    return read


def is_notebook(name: str) -> bool:
    """Whether the file may hold a notebook under a name that somebody has lengthened, but is no data file."""
    return ".ipynb" in name.lower()


def is_real_folder(path: Path) -> bool:
    """Whether the folder and the learner's folder above it are no links. Raises FileNotFoundError."""
    return all(stat.S_ISDIR(folder.lstat().st_mode) for folder in (path, path.parent))


def entries(folder: Path) -> list[Entry]:
    """An Entry for each regular file under `folder`, and for what else is no folder.

    Links are not followed; at most ENTRIES entries and DEPTH levels are looked at. Raises OSError.
    """
    found: list[Entry] = []
    waiting: deque[tuple[Path | str, str, int]] = deque([(folder, "", 0)])
    left = SEEN
    while waiting and left and len(found) < ENTRIES:
        path, prefix, depth = waiting.popleft()
        try:
            with os.scandir(path) as inside:
                some = sorted(islice(inside, left), key=lambda entry: entry.name)
        except PermissionError:
            found.append(Entry(prefix.rstrip("/"), "unreadable"))
            continue
        left -= len(some)
        for entry in some:
            name = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if name.endswith(".ipynb"):
                    found.append(Entry(name, "folder"))
                elif depth < DEPTH and entry.name not in (".ipynb_checkpoints", "__pycache__"):
                    waiting.append((entry.path, name + "/", depth + 1))
            else:
                kind = None if entry.is_file(follow_symlinks=False) else "special"
                found.append(Entry(name, kind, state(entry.stat(follow_symlinks=False))))
    return found[:ENTRIES]


def state(status: os.stat_result) -> tuple[int, ...]:
    """What differs once a file has changed."""
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

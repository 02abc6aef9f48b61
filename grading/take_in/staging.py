"""A clean copy of each submission: what the rest of grading reads instead of `submitted/`."""

import fnmatch
import os
import re
from datetime import datetime
from pathlib import Path

import nbformat
from nbgrader.utils import parse_utc

from ..messages import text
from .files import Refused, read_bytes, regular_files
from .reading import read_notebook
from .rebuild import rebuild, refused

NOTEBOOK_LIKE = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
SHOWN = 5  # file names in a note


def stage(submitted, clean, sources, settings, shipped):
    """Take in the folder `submitted` and write the graded notebooks and data files to `clean`.

    `sources` maps notebook names to the course's notebooks, `shipped` is the folder they are in. Notebooks
    that were not submitted are left out, unless none was: then each is written as refused, so that a 0 is
    recorded.
    """
    clean.mkdir(parents=True)
    files = regular_files(submitted) if is_real_folder(submitted) else []
    limit = settings.submission_mb << 20
    chosen, problems = choose(submitted, files, sources, limit)
    ignored = sorted(name for name, _ in files if not keeps(name, settings) and name != "timestamp.txt")
    ignored = [
        name
        for name in ignored
        if not name.lower().endswith(NOTEBOOK_LIKE) and not as_shipped(name, submitted, shipped, limit)
    ]
    absent = not chosen and not problems
    for notebook, source in sources.items():
        if notebook in chosen:
            name, cells = chosen[notebook]
            notes = (
                []
                if name == f"{notebook}.ipynb"
                else [text("intake.renamed", name=printable(name), notebook=notebook)]
            )
            notes += (
                [text("intake.ignored", names=", ".join(map(printable, ignored[:SHOWN])))] if ignored else []
            )
            graded = rebuild(source, cells, notes)
        elif notebook in problems or not chosen or absent:
            graded = refused(source, problems.get(notebook, text("intake.absent")))
        else:
            continue
        nbformat.write(graded, clean / f"{notebook}.ipynb", version=4)
    copy_data(submitted, clean, files, settings, limit)


def as_shipped(name, submitted, shipped, limit):
    """Whether a file came with the notebooks and was handed back unchanged: nothing to remark on."""
    try:
        return read_bytes(submitted / name, limit) == (shipped / name).read_bytes()
    except (OSError, ValueError):
        return False


def is_real_folder(path):
    """Whether the folder and the learner's folder above it are no links."""
    return all(folder.is_dir() and not folder.is_symlink() for folder in (path, path.parent))


def choose(submitted, files, sources, limit):
    """({notebook: (file name, cells)}, {notebook: why its file is unusable})"""
    chosen, problems, spare = {}, {}, []
    for name, kind in files:
        notebook = name.removesuffix(".ipynb")
        if notebook in sources and name.endswith(".ipynb"):
            try:
                chosen[notebook] = name, load(submitted, name, kind, limit)
            except Refused as refusal:
                problems[notebook] = str(refusal)
        elif name.lower().endswith(NOTEBOOK_LIKE) and kind is None:
            spare.append(name)
    candidates = {}
    for name in spare:
        try:
            cells = load(submitted, name, None, limit)
        except Refused:
            continue  # not a notebook, whatever it is called; data files are copied elsewhere
        if (notebook := identify(name, cells, sources)) is not None:
            candidates.setdefault(notebook, []).append((name, cells))
    for notebook, found in candidates.items():
        if notebook in chosen:
            continue
        if len(found) == 1:
            chosen[notebook] = found[0]
            problems.pop(notebook, None)
        else:
            problems[notebook] = text(
                "intake.ambiguous", names=", ".join(printable(name) for name, _ in found[:SHOWN])
            )
    return chosen, problems


def printable(name):
    """A file's name as it may be shown."""
    return re.sub(r"[^\w .(),/-]", "?", name)[:100]


def load(submitted, name, kind, limit):
    """The cells of a submitted file. Raises Refused."""
    shown = printable(name)
    if kind is not None:
        raise Refused(text("intake.not_file", name=shown))
    try:
        data = read_bytes(submitted / name, limit)
    except ValueError as error:
        raise Refused(text("intake.too_big", name=shown, limit=limit >> 20)) from error
    except OSError as error:
        raise Refused(text("intake.unreadable", name=shown)) from error
    return read_notebook(data, shown)


def identify(name, cells, sources):
    """Which notebook a file is: the one its name contains, or the only one whose texts it shares most."""
    named = [notebook for notebook in sources if notebook.lower() in name.lower()]
    if len(named) == 1:
        return named[0]
    texts = {cell.source.strip() for cell in cells}
    shared = {
        notebook: sum(len(cell.source.strip()) > 20 and cell.source.strip() in texts for cell in source.cells)
        for notebook, source in sources.items()
    }
    best = max(shared.values(), default=0)
    winners = [notebook for notebook, count in shared.items() if count == best]
    return winners[0] if best >= 2 and len(winners) == 1 else None


def keeps(name, settings):
    """Whether a submitted file is an allow-listed data file."""
    base = Path(name).name
    listed = any(fnmatch.fnmatch(base, pattern) for pattern in settings.data_files)
    return listed and not base.endswith((".py", ".ipynb", ".pth", ".so", ".pyc")) and base != "timestamp.txt"


def copy_data(submitted, clean, files, settings, limit):
    """Copy allow-listed data files until their budget is spent."""
    left = settings.disk_mb << 19  # half of the sandbox's disk
    for name, kind in files:
        if kind is not None or not keeps(name, settings):
            continue
        try:
            data = read_bytes(submitted / name, min(limit, left))
        except (OSError, ValueError):
            continue  # a data file that cannot be read is as good as not submitted
        left -= len(data)
        target = clean / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def submitted_at(folder, inbound, student, assignment):
    """When it was submitted, or None: the file's time, but not before the exchange's own record."""
    times = [exchange_time(entry.name) for entry in inbound_entries(inbound, f"{student}+{assignment}+")]
    try:
        times.append(parse_utc(read_bytes(folder / "timestamp.txt", 1000).decode().strip()))
    except (OSError, ValueError, OverflowError, TypeError):
        times.append(None)
    return max((time for time in times if time), default=None)


def inbound_entries(inbound, prefix):
    """Folders of the exchange that hold this learner's submissions of the assignment."""
    if not inbound.is_dir():
        return []
    return [entry for entry in os.scandir(inbound) if entry.name.startswith(prefix)]


def exchange_time(name):
    """The time in a folder name of the exchange: student+assignment+time[+random]."""
    parts = name.split("+")
    try:
        time = parse_utc(parts[2])
    except (IndexError, ValueError, OverflowError):
        return None
    return time if isinstance(time, datetime) else None

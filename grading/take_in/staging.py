"""What is graded of a submission: the rebuilt notebooks and the data files that are allowed."""

import fnmatch
import os
import re
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from ..messages import text
from .files import Refused, read_bytes, read_submission
from .reading import read_notebook
from .rebuild import rebuild, refused

NOTEBOOK_LIKE = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
SHOWN = 5  # file names in a note
WHOLE = 8  # times the largest file: what is read of one submission


def submitted_folders(course, student, assignment):
    """{student: submitted folder} of nbgrader's CourseDirectory `course`; `student` is an id or "*"."""
    pattern = Path(course.format_path(course.submitted_directory, student, assignment))
    place = Path(course.format_path(course.submitted_directory, "\0", assignment)).parts.index("\0")
    folders = Path(course.root).glob(str(pattern.relative_to(course.root)))
    return {folder.parts[place]: folder for folder in sorted(folders)}


def read(folder, source, settings):
    """The Files of a submitted folder, as far as grading the Assignment `source` may need them."""
    limit = settings.submission_mb << 20

    def wanted(name):
        return name.lower().endswith(NOTEBOOK_LIKE) or keeps(name, settings) or name in source.given

    return read_submission(folder, limit, WHOLE * limit, wanted)


def take_in(files, source, settings):
    """({notebook: the notebook to grade}, {file name: contents of a data file}) of a submission's Files.

    `source` is the Assignment. Notebooks that were not submitted are left out, unless none was: then each is
    refused, so that a 0 is recorded.
    """
    chosen, problems = choose(files, source.sources, settings)
    ignored = [printable(file.name) for file in files if is_foreign(file, source, settings)]
    notebooks = {}
    for notebook, original in source.sources.items():
        if notebook in chosen:
            name, cells = chosen[notebook]
            notes = []
            if name != f"{notebook}.ipynb":
                notes.append(text("intake.renamed", name=printable(name), notebook=notebook))
            if ignored:
                notes.append(text("intake.ignored", names=", ".join(sorted(ignored)[:SHOWN])))
            notebooks[notebook] = rebuild(original, cells, notes)
        elif notebook in problems or not chosen:
            notebooks[notebook] = refused(original, problems.get(notebook, text("intake.absent")))
    return notebooks, data_files(files, settings)


def is_foreign(file, source, settings):
    """Whether the learner should hear that the file was not taken: it is his own, and no notebook or data."""
    taken = file.name.lower().endswith(NOTEBOOK_LIKE) or keeps(file.name, settings)
    came_with_notebooks = file.data is not None and source.given.get(file.name) == file.data
    return not (taken or came_with_notebooks or file.name == "timestamp.txt")


def choose(files, sources, settings):
    """({notebook: (file name, cells)}, {notebook: why its file is unusable})"""
    chosen, problems, candidates = {}, {}, {}
    for file in files:
        notebook = file.name.removesuffix(".ipynb")
        known = notebook in sources and file.name.endswith(".ipynb")
        if not known and (file.data is None or not file.name.lower().endswith(NOTEBOOK_LIKE)):
            continue
        try:
            cells = load(file, settings)
        except Refused as refusal:
            if known:
                problems[notebook] = str(refusal)
            continue  # any other file is not a notebook, whatever it is called
        if known:
            chosen[notebook] = file.name, cells
        elif (notebook := identify(file.name, cells, sources)) is not None:
            candidates.setdefault(notebook, []).append((file.name, cells))
    for notebook, found in candidates.items():
        if notebook in chosen:
            continue
        if len(found) == 1:
            chosen[notebook] = found[0]
            problems.pop(notebook, None)
        else:
            names = ", ".join(printable(name) for name, _ in found[:SHOWN])
            problems[notebook] = text("intake.ambiguous", names=names)
    return chosen, problems


def printable(name):
    """A file's name as it may be shown."""
    return re.sub(r"[^\w .(),/-]", "?", name)[:100]


def load(file, settings):
    """The cells of a submitted File. Raises Refused."""
    shown = printable(file.name)
    if file.data is None:
        raise Refused(text(file.problem, name=shown, limit=settings.submission_mb))
    return read_notebook(file.data, shown)


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


def data_files(files, settings):
    """{name: contents} of the allow-listed data files, until half of the sandbox's disk is full."""
    found, left = {}, settings.disk_mb << 19
    for file in files:
        if file.data is not None and keeps(file.name, settings) and len(file.data) <= left:
            left -= len(file.data)
            found[file.name] = file.data
    return found


def write_files(files, folder):
    """Write data files into the folder."""
    for name, data in files.items():
        target = folder / name
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

"""What is graded of a submission: the rebuilt notebooks and the data files that are allowed."""

import fnmatch
import os
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePath
from typing import TypeAlias

from nbformat import NotebookNode
from nbgrader.utils import parse_utc

from nbgrader_apart.intake.notebook_reader import SubmittedCell, read_notebook
from nbgrader_apart.intake.rebuild import rebuild, refused
from nbgrader_apart.intake.submitted_files import Refused, read_submission
from nbgrader_apart.messages import text
from nbgrader_apart.model.assignment import Assignment
from nbgrader_apart.model.disk import File, read_bytes
from nbgrader_apart.model.settings import Grading

NOTEBOOK_LIKE = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
SHOWN = 5  # file names in a note
MOST = 100  # notebooks that are compared, of LARGEST megabytes
LARGEST = 32
OWN = ("timestamp.txt", ".graded.json")  # what grading itself writes beside the notebooks
SECRET = "submission_secret.txt"  # of the exchange: by it feedback goes back
WHOLE = 8  # times the largest file: what is read of one submission
Sources: TypeAlias = dict[str, NotebookNode]  # source notebooks by name
Candidate: TypeAlias = tuple[str, list[SubmittedCell]]  # a submitted file's name, and its cells


def read(folder: Path, source: Assignment, settings: Grading) -> list[File]:
    """The Files of a submitted folder, as far as grading the Assignment `source` may need them."""
    limit = settings.submission_mb << 20

    def wanted(name: str) -> bool:
        return name.lower().endswith(NOTEBOOK_LIKE) or keeps(name, settings) or name in source.given

    return read_submission(folder, limit, WHOLE * limit, wanted)


def take_in(
    files: list[File], source: Assignment, settings: Grading
) -> tuple[dict[str, NotebookNode], dict[str, bytes]]:
    """({notebook: the notebook to grade}, {file name: contents of a data file}) of a submission's Files.

    `source` is the Assignment. Notebooks that were not submitted are left out, unless none was: then each is
    refused, so that a 0 is recorded.
    """
    chosen, problems = choose(files, source.sources, settings)
    read_as = {name for name, _ in chosen.values()} | {f"{notebook}.ipynb" for notebook in source.sources}
    extra = [file for file in files if file.name.endswith(".ipynb") and file.name not in read_as]
    foreign = [file for file in files if is_foreign(file, source, settings)]
    ignored = [printable(file.name) for file in [*extra, *foreign]]
    notebooks = {}
    for notebook, original in source.sources.items():
        if notebook in chosen:
            name, cells = chosen[notebook]
            notes = []
            if name != f"{notebook}.ipynb":
                notes.append(text("intake.renamed", name=printable(name), notebook=notebook))
            if ignored:
                notes.append(text("intake.ignored", names=", ".join(sorted(ignored)[:SHOWN])))
            notebooks[notebook] = rebuild(original, cells, notes, settings)
        elif notebook in problems or not chosen:
            notebooks[notebook] = refused(original, problems.get(notebook, text("intake.absent")))
    return notebooks, data_files(files, source, settings)


def is_foreign(file: File, source: Assignment, settings: Grading) -> bool:
    """Whether to tell the learner that the file was ignored: a file of theirs, no notebook and no data."""
    kept = keeps(file.name, settings) and fits(file.name, source)
    taken = file.name.lower().endswith(NOTEBOOK_LIKE) or kept
    came_with_notebooks = file.data is not None and source.given.get(file.name) == file.data
    return not (taken or came_with_notebooks or file.name == "timestamp.txt")


def choose(
    files: list[File], sources: Sources, settings: Grading
) -> tuple[dict[str, Candidate], dict[str, str]]:
    """({notebook: (file name, cells)}, {notebook: why its file is unusable})"""
    chosen: dict[str, Candidate] = {}
    problems: dict[str, str] = {}
    candidates: dict[str, list[Candidate]] = {}
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
        elif (identified := identify(file.name, cells, sources)) is not None:
            candidates.setdefault(identified, []).append((file.name, cells))
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


def printable(name: str) -> str:
    """A file's name as it may be shown."""
    return re.sub(r"[^\w .(),/-]", "?", name)[:100]


def load(file: File, settings: Grading) -> list[SubmittedCell]:
    """The cells of a submitted File. Raises Refused."""
    shown = printable(file.name)
    if file.data is None:
        raise Refused(text(file.problem, name=shown, limit=settings.submission_mb))
    return read_notebook(file.data, shown)


def identify(name: str, cells: list[SubmittedCell], sources: Sources) -> str | None:
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


def keeps(name: str, settings: Grading) -> bool:
    """Whether a submitted file is an allow-listed data file, or the exchange's own."""
    base = Path(name).name
    listed = name == SECRET or any(fnmatch.fnmatch(base, pattern) for pattern in settings.data_files)
    return listed and is_text(name) and not base.endswith((".py", ".ipynb", ".pth", ".so", ".pyc"))


def is_text(name: str) -> bool:
    """Whether a file's name is UTF-8: what is not can be neither recorded nor shown."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def fits(name: str, source: Assignment) -> bool:
    """Whether a data file leaves in its place what the Assignment `source` and grading itself put there."""
    own = {*source.given, *(f"{notebook}.ipynb" for notebook in source.sources), *OWN}
    above = {str(folder) for folder in PurePath(name).parents}
    return name not in OWN and not own & above and not any(path.startswith(f"{name}/") for path in own)


def data_files(files: list[File], source: Assignment, settings: Grading) -> dict[str, bytes]:
    """{name: contents} of the allow-listed data files, until half of the sandbox's disk is full."""
    found, left = {}, settings.disk_mb << 19
    for file in files:
        if file.data is None or len(file.data) > left:
            continue
        if keeps(file.name, settings) and fits(file.name, source):
            left -= len(file.data)
            found[file.name] = file.data
    return found


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write data files into the folder."""
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def submitted_at(folder: Path, inbound: Path, student: str, assignment: str) -> datetime | None:
    """When it was submitted, or None: the file's time, but not before the exchange's own record.

    Of several submissions in the exchange those count that are what has been collected, if there are any.
    """
    begins = f"{student}+{assignment}+"
    entries = inbound_entries(inbound, begins)
    these = [entry for entry in entries if len(entries) > 1 and same_notebooks(Path(entry.path), folder)]
    times = [exchange_time(entry.name.removeprefix(begins)) for entry in these or entries]
    times.append(written_time(folder)[0])
    return max((time for time in times if time), default=None)


def same_notebooks(one: Path, other: Path) -> bool:
    """Whether two folders hold the same notebooks, as far as these can be read."""
    try:
        first, second = (sorted(islice(path.glob("*.ipynb"), MOST)) for path in (one, other))
        return [path.name for path in first] == [path.name for path in second] and all(
            read_bytes(path, LARGEST << 20) == read_bytes(twin, LARGEST << 20)
            for path, twin in zip(first, second, strict=True)
        )
    except (OSError, ValueError):
        return False


def written_time(folder: Path) -> tuple[datetime | None, str]:
    """The time in the folder's timestamp.txt, and its words; (None, "") when it holds none."""
    try:
        words = read_bytes(folder / "timestamp.txt", 1000).decode().strip()
        time = parse_utc(words)
    except (OSError, ValueError, OverflowError, TypeError):
        return None, ""
    return (time, words) if isinstance(time, datetime) else (None, "")


def inbound_entries(inbound: Path, prefix: str) -> list[os.DirEntry[str]]:
    """Folders of the exchange that hold this learner's submissions of the assignment."""
    if not inbound.is_dir():
        return []
    return [entry for entry in os.scandir(inbound) if entry.name.startswith(prefix)]


def exchange_time(name: str) -> datetime | None:
    """The time in what follows student and assignment in a folder name of the exchange: time[+random]."""
    try:
        time = parse_utc(name.split("+")[0])
    except (ValueError, OverflowError):
        return None
    return time if isinstance(time, datetime) else None

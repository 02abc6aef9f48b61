"""One submission as a task for a worker. A worker needs the course's folder and never sees the gradebook."""

import hashlib
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbgrader.preprocessors import LimitOutput

from .. import assignment, notebook
from ..course import Course
from ..judge.session import Judge
from ..messages import text
from ..take_in.staging import take_in, write_files

PACKAGE = Path(__file__).resolve().parents[1]


class OtherVersion(Exception):
    """The worker has another version of the course than the grader."""


@dataclass(frozen=True)
class Task:
    """A submission to grade: its Files, and what the worker has to know of the gradebook."""

    assignment: str
    student: str
    files: list
    time: str | None  # when it was submitted
    checksums: dict  # {notebook: {grade id: checksum}}
    version: str  # of the course, as `version` below

    def fingerprint(self):
        """Changes when the submission, its time or the course changes."""
        digest = hashlib.sha256(f"{self.version}\0{self.time}".encode())
        for file in self.files:
            digest.update(f"\0{file.name}\0{file.problem}\0".encode())
            digest.update(file.data or b"")
        return digest.hexdigest()


@dataclass
class Graded:
    """What came of a submission: notebooks as nbformat's JSON, the files that belong beside them."""

    student: str
    notebooks: dict
    data: dict
    seconds: float
    points: dict = field(default_factory=dict)  # {notebook: (points, possible)}
    asks: dict = field(default_factory=dict)  # {notebook: why a person should look}
    refused: dict = field(default_factory=dict)  # {notebook: why it could not be taken in}


@cache
def course():
    """The course in the worker's current folder."""
    return Course()


def version(name):
    """Changes with the assignment's source folder, the tests in it, and with this package."""
    source = assignment.fingerprint(course().source(name))
    return hashlib.sha256((source + assignment.fingerprint(PACKAGE)).encode()).hexdigest()[:12]


def grade(task):
    """Grade the submission. Raises OtherVersion, SandboxUnavailable."""
    here = version(task.assignment)
    if here != task.version:
        raise OtherVersion(text("batch.other_version", here=here, there=task.version))
    settings = course().settings
    source = assignment.load(course().source(task.assignment))
    started = time.monotonic()
    notebooks, data = take_in(task.files, source, settings)
    limit = LimitOutput(config=course().config)
    graded = Graded(task.student, {}, data, 0)
    with (
        tempfile.TemporaryDirectory(prefix="grading-files-") as folder,
        Judge(settings, source.folder, source.shipped) as judge,
    ):
        write_files(data | source.others, Path(folder))
        for name, found in notebooks.items():
            notebook.grade(found, name, source, folder, settings, task.checksums.get(name, {}), judge)
            found, _ = limit.preprocess(found, {})
            note(graded, name, found)
            graded.notebooks[name] = nbformat.writes(found, version=4)
    graded.seconds = time.monotonic() - started
    return graded


def note(graded, name, found):
    """What the summary says about a graded notebook."""
    records = [cell.metadata.grading for cell in found.cells if "grading" in cell.metadata]
    graded.points[name] = (
        sum(record["points"] or 0 for record in records),
        sum(record["possible"] for record in records),
    )
    about = found.metadata.get("grading", {})
    if "refused" in about:
        graded.refused[name] = about["refused"]
    if "manual" in about:
        graded.asks[name] = " ".join(dict.fromkeys(about["manual"]["comments"].values()))

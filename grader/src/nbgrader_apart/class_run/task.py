"""One submission as a task for a worker. A worker needs the course's folder and never sees the gradebook."""

import json
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import LimitOutput

from nbgrader_apart import grade_notebook, scratch
from nbgrader_apart.intake.staging import take_in, write_files
from nbgrader_apart.intake.submitted_files import File
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.model import assignment
from nbgrader_apart.model.course import Course, explained
from nbgrader_apart.model.source_notebook import ReleasedCell
from nbgrader_apart.processes import bounded
from nbgrader_apart.processes.warm_process import WarmProcess
from nbgrader_apart.record.fingerprint import fingerprint
from nbgrader_apart.record.gradebook_rows import Verdicts, verdicts
from nbgrader_apart.record.last_grading import HandIn


class OtherVersion(Exception):
    """The worker has another version of the course than the grader."""


@dataclass(frozen=True)
class Task:
    """A submission to grade: its Files, and what the worker has to know of the gradebook."""

    assignment: str
    student: str
    files: list[File]
    time: str | None  # when it was submitted
    released: dict[str, dict[str, ReleasedCell]]  # {notebook: {grade id: cell}}
    version: str  # of the course, as `version` below

    def fingerprint(self) -> str:
        """Changes when the submission, its time or the course changes."""
        return fingerprint(self.version, self.time, self.files)

    def hand_in(self) -> HandIn:
        """What was handed in, whatever version of the course grades it."""
        return HandIn.of(self.time, self.files)


@dataclass
class Graded:
    """The outcome of a submission: notebooks as JSON, the files that belong beside them."""

    student: str
    notebooks: dict[str, str]
    data: dict[str, bytes]
    seconds: float
    verdicts: dict[str, Verdicts] = field(default_factory=dict)  # {notebook: what the gradebook is told}
    asks: dict[str, str] = field(default_factory=dict)  # {notebook: why a person should look}
    refused: dict[str, str] = field(default_factory=dict)  # {notebook: why it could not be taken in}


@cache
def course() -> Course:
    """The course in the worker's current folder."""
    return Course()


def version(name: str) -> str:
    """Changes with the assignment's source folder, the tests in it, and with this package."""
    return assignment.version(course().source(name), course().settings)


def grade(task: Task) -> Graded:
    """Grade the submission. Raises OtherVersion, SandboxUnavailable, CourseError when a disk is full."""
    here = version(task.assignment)
    if here != task.version:
        raise OtherVersion(text("batch.other_version", here=here, there=task.version))
    with explained():
        return _grade(task)


def _grade(task: Task) -> Graded:
    settings = course().settings
    source = assignment.load(course().source(task.assignment))
    started = time.monotonic()
    with speaking(source.language):
        notebooks, data = take_in(task.files, source, settings)
    limit = LimitOutput(config=course().config)
    graded = Graded(task.student, {}, data, 0)
    with (
        speaking(source.language),
        tempfile.TemporaryDirectory(prefix="files-", dir=scratch.folder()) as folder,
        Judge(settings, source.folder, source.shipped) as judge,
    ):
        write_files(data | source.others, Path(folder))
        for name, found in notebooks.items():
            cells = task.released.get(name, {})
            grade_notebook.grade(found, name, source, folder, settings, cells, judge)
            found, _ = limit.preprocess(found, {})
            note(graded, name, found)
            graded.verdicts[name] = verdicts(found)
            # indented, as nbformat writes it, the numbers of figures would take six times as long
            graded.notebooks[name] = json.dumps(found, ensure_ascii=False)
    graded.seconds = time.monotonic() - started
    return graded


def start(task: Task) -> bounded.Call:
    """The bounded Call that grades the submission. All calls share this process's warm process."""
    settings = course().settings
    warm(task.assignment).read_ahead(settings)
    return bounded.Call(grade, task, seconds=settings.submission_seconds)


def warm(name: str) -> assignment.Assignment:
    """The Assignment of that name; its warm process is started unless it is there."""
    source = assignment.load(course().source(name))
    WarmProcess.get(course().settings.warm_up, source.shipped)
    return source


def note(graded: Graded, name: str, found: NotebookNode) -> None:
    """Note in `graded` what the summary says about a graded notebook."""
    about = found.metadata.get("grading", {})
    if "refused" in about:
        graded.refused[name] = about["refused"]
    if "manual" in about:
        reasons = [f"{test}: {reason}" for test, reason in about["manual"].get("unfit", {}).items()]
        graded.asks[name] = " ".join(dict.fromkeys([*reasons, *about["manual"]["comments"].values()]))

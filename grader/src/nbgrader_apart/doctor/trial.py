"""Grades two submissions of a made-up notebook as real ones are graded, with a course's own settings."""

import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from nbgrader_apart import grade_notebook, scratch
from nbgrader_apart.intake.rebuild import released
from nbgrader_apart.intake.staging import read, take_in, write_files
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.model import assignment
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.processes.warm_process import WarmProcess

NAME = "trial"
ANSWER = "def twice(number):\n    return {} * number"
TEST = "assert twice(21) == 42, twice(21)"
EXPECTED = {"2": 1, "3": 0}  # {the answer's factor: its points}


class WrongMark(Exception):
    """The trial was graded with a wrong mark: the message of its test, or "" when it has passed."""


def run(folder: Path, settings: Grading) -> None:
    """Grade as a submission of the assignment in the source folder `folder`, with the files beside it.

    Raises WrongMark, and whatever grading raises.
    """
    with tempfile.TemporaryDirectory(prefix="trial-", dir=scratch.folder()) as temporary:
        place = Path(temporary, "source")
        shutil.copytree(folder, place, ignore=shutil.ignore_patterns("*.ipynb"))
        nbformat.write(source(), place / f"{NAME}.ipynb")
        try:
            for factor, points in EXPECTED.items():
                record = grade(assignment.load(place), factor, settings, Path(temporary, factor))
                if record["points"] != points:
                    raise WrongMark(record["message"] or "")
        finally:
            WarmProcess.close_all()


def source() -> NotebookNode:
    """The source notebook: an answer and its test, of one point."""
    about = {"schema_version": 3, "grade": False, "locked": False, "solution": False, "task": False}
    answer = about | {"grade_id": "answer", "solution": True}
    test = about | {"grade_id": "test", "grade": True, "locked": True, "points": 1}
    return new_notebook(
        cells=[
            new_code_cell(ANSWER.format(2), id="answer", metadata={"nbgrader": answer}),
            new_code_cell(TEST, id="test", metadata={"nbgrader": test}),
        ]
    )


def grade(course: assignment.Assignment, factor: str, settings: Grading, folder: Path) -> NotebookNode:
    """The record of the test for the answer with this factor, submitted in the folder."""
    submitted = released(course.sources[NAME])
    submitted.cells[0].source = ANSWER.format(factor)
    folder.mkdir()
    nbformat.write(submitted, folder / f"{NAME}.ipynb")
    notebooks, data = take_in(read(folder, course, settings), course, settings)
    write_files(data | course.others, folder)
    with Judge(settings, course.folder, course.shipped) as judge:
        grade_notebook.grade(notebooks[NAME], NAME, course, folder, settings, {}, judge)
    return notebooks[NAME].cells[-1].metadata.grading

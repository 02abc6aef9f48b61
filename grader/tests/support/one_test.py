"""A course of one notebook, graded without nbgrader's command: cells in, the records of its tests out."""

import contextlib
import functools
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade

from nbgrader_apart import grade_notebook
from nbgrader_apart.intake.notebook_reader import SubmittedCell
from nbgrader_apart.intake.rebuild import rebuild
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.model import assignment
from nbgrader_apart.model.settings import Grading

NAME, POINTS = "one", 2
FLAGS = {"answer": {"solution": True}, "locked": {"locked": True}, "test": {"grade": True, "locked": True}}


def notebook(cells, kernel=None):
    """The source notebook of [(kind, source)]: kinds are plain, answer, locked, test, tags after a blank."""
    made = []
    for number, (kind, source) in enumerate(cells):
        kind, *tags = kind.split()
        cell = new_code_cell(source, id=f"c{number}", metadata={"tags": tags} if tags else {})
        if kind != "plain":
            flags = {"grade": False, "locked": False, "solution": False, "task": False} | FLAGS[kind]
            points = {"points": POINTS} if kind == "test" else {}
            cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": f"{kind}-{number}"} | flags | points
        made.append(cell)
    about = kernel or {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=made, metadata={"kernelspec": about})


@functools.cache
def source_folder(files):
    """A TemporaryDirectory with the files, one for all notebooks: the warm process belongs to the folder."""
    folder = tempfile.TemporaryDirectory()
    for name, text in files:
        Path(folder.name, name).write_text(text)
    return folder


@contextlib.contextmanager
def graded(cells, answers=None, files=None, kernel=None, released=None, **settings):
    """The graded notebook; `answers` take the place of the answers' sources, `files` lie beside it."""
    place = Path(source_folder(frozenset((files or {}).items())).name)
    with tempfile.TemporaryDirectory() as folder:
        source = notebook(cells, kernel)
        nbformat.write(source, place / f"{NAME}.ipynb")
        course, chosen = assignment.load(place), Grading(**settings)
        taken = rebuild(course.sources[NAME], submitted(source, answers), [])
        stage = Path(folder, "stage")
        stage.mkdir()
        for name, data in course.others.items():
            (stage / name).write_bytes(data)
        with Judge(chosen, course.folder, course.shipped) as judge:
            grade_notebook.grade(taken, NAME, course, stage, chosen, released or {}, judge)
        yield taken


def submitted(source, answers=None):
    """The submitted cells: the source's own, with `answers` in place of the answers' sources."""
    left = list(answers or [])
    cells = []
    for cell in source.cells:
        about = cell.metadata.get("nbgrader", {})
        text = left.pop(0) if about.get("solution") and left else cell.source
        cells.append(SubmittedCell("code", text, about.get("grade_id"), cell.id))
    return cells


def records(found):
    """[the record of each test]"""
    return [cell.metadata.grading for cell in found.cells if "grading" in cell.metadata]


def points(*arguments, **settings):
    """[the points of each test]"""
    with graded(*arguments, **settings) as found:
        return [record["points"] for record in records(found)]


def stock_points(cells, answers=None, files=None):
    """[the points of each test] by nbgrader's own Execute and determine_grade."""
    source = notebook(cells)
    for cell, taken in zip(source.cells, submitted(source, answers), strict=True):
        cell.source = taken.source
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (files or {}).items():
            Path(folder, name).write_text(text)
        source, _ = Execute(timeout=30).preprocess(source, {"metadata": {"path": folder}})
    return [
        determine_grade(cell)[0] for cell in source.cells if cell.metadata.get("nbgrader", {}).get("grade")
    ]

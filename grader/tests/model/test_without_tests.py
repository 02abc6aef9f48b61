"""Assignments that no test grades: written answers, and notebooks to read."""

import csv

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from support.small_class import SHEET, grade, nbgrader

pytestmark = pytest.mark.slow

CONFIG = """
import nbgrader_apart
c = get_config()
nbgrader_apart.use(c)
"""
FLAGS = {"grade": True, "solution": True, "locked": False, "task": False}
WRITTEN = {"schema_version": 3, "grade_id": "why", "points": 3, **FLAGS}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def hand_out_and_in(root, about):
    """A course of one notebook with one cell of these metadata, and ann's answer to it."""
    (root / "nbgrader_config.py").write_text(CONFIG)
    for folder, text in (("source", "Why?"), ("submitted/ann", "Because.")):
        path = root / folder / SHEET / "read.ipynb"
        path.parent.mkdir(parents=True)
        cell = new_markdown_cell(text, id="why", metadata=about)
        nbformat.write(new_notebook(cells=[cell], metadata=KERNEL), path)
    nbgrader(root, "generate_assignment", SHEET)


@pytest.mark.parametrize(
    ("about", "state", "command"),
    [
        ({"nbgrader": WRITTEN}, "provisional", "apart grade"),
        ({}, "final", "nbgrader autograde"),
        pytest.param({"nbgrader": WRITTEN}, "provisional", "nbgrader autograde", marks=pytest.mark.nightly),
        pytest.param({}, "final", "apart grade", marks=pytest.mark.nightly),
    ],
)
def test_there_is_a_page_and_a_state(tmp_path, about, state, command):
    hand_out_and_in(tmp_path, about)
    if command == "apart grade":
        code, output = grade(tmp_path)
        assert code == 0, output
    else:
        nbgrader(tmp_path, "autograde", SHEET)
    nbgrader(tmp_path, "generate_feedback", SHEET)
    page = (tmp_path / "feedback" / "ann" / SHEET / "read.html").read_text("utf-8")
    assert ("Because." in page) == (state == "provisional")
    nbgrader(tmp_path, "export", "--to", "grades.csv")
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as stream:
        [row] = csv.DictReader(stream)
    assert (row["state"], row["score"]) == (state, "0.0")

"""A sample of both catalogues gets the same marks from `nbgrader autograde` as from the quick run."""

from collections import defaultdict

import nbformat
import pytest

from examples.course import Course
from examples.submissions import ASSIGNMENT, solutions

from . import catalogue

pytestmark = pytest.mark.slow


def sample(entries):
    """The middle entry of every notebook."""
    by_notebook = defaultdict(list)
    for entry in entries:
        by_notebook[entry.notebook].append(entry)
    return [group[len(group) // 2] for group in by_notebook.values()]


ENTRIES = sample(catalogue.mistakes()) + sample(catalogue.alternatives())


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """{entry name: Outcome}; each entry is a student who handed in one notebook."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.create()
    for entry in ENTRIES:
        notebook = nbformat.read(course.release / f"{entry.notebook}.ipynb", as_version=4)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = (solutions(entry.notebook) | entry.cells).get(grade_id, cell.source)
        notebook.cells[:0] = [nbformat.v4.new_code_cell(extra) for extra in entry.extra]
        folder = course.submitted / entry.name / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{entry.notebook}.ipynb")
    outcomes = course.grade({entry.name: entry.name for entry in ENTRIES})
    return {outcome.student: outcome for outcome in outcomes}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_same_marks(outcomes, entry):
    assert outcomes[entry.name].error == ""
    assert outcomes[entry.name].lost.get(entry.notebook, []) == sorted(entry.fails)

"""A sample of both catalogues gets the same marks from `nbgrader autograde` as from the quick run.

One learner makes a mistake in every notebook, another one solves every notebook in a way of his own.
"""

import os
from collections import defaultdict

import nbformat
import pytest

from course.build import catalogue
from course.build.cell_rules import TOTAL_POINTS
from course.build.editions import ORIGINAL
from nbgrader_apart.testing import forked
from proof.demo.submissions import solutions
from proof.demo.working_copy import NBGRADER, Course

pytestmark = pytest.mark.nightly


def sample(entries):
    """The middle entry of every notebook."""
    by_notebook = defaultdict(list)
    for entry in entries:
        by_notebook[entry.notebook].append(entry)
    return [group[len(group) // 2] for group in by_notebook.values()]


def right_but_odd(name, says, cell, before, after):
    """The reference solution of seminar 1 with one place of a cell written in another way."""
    code = solutions("seminar-1-neuron")[cell].replace(before, after)
    return catalogue.Entry(name, says, "seminar-1-neuron", cells={cell: code}, changed="")


DYNAMIC = right_but_odd(
    "dynamic-code", "Градиент потери верен, но вычислен через eval.",
    "loss", "2 * (y_pred - y_true)", 'eval("2 * (y_pred - y_true)")',
)  # fmt: skip
UNUSUAL = right_but_odd(
    "unusual-code", "Градиенты нейрона верны, но рядом назван движок autograd.",
    "neuron", "self.db = dldy", "self.db = dldy\n        engine = torch.autograd.Variable",
)  # fmt: skip
MAGIC = catalogue.Entry(
    "magic", "Слой на numpy, который импортирован под %matplotlib inline.", "task-3-dense-layer",
    cells={"dense-layer": solutions("task-3-dense-layer")["dense-layer"].replace(
        "inputs.T @ dldy", "torch.from_numpy(np.einsum('km,kn->mn', inputs.numpy(), dldy.numpy()))"
    )},
    changed="", extra=["%matplotlib inline\nimport numpy as np"],
)  # fmt: skip
WRONG, RIGHT, BROKEN = "wrong", "right", "broken"
LEARNERS = {
    WRONG: sample(catalogue.mistakes()),
    RIGHT: sample(catalogue.alternatives()),
    DYNAMIC.name: [DYNAMIC],
    UNUSUAL.name: [UNUSUAL],
    MAGIC.name: [MAGIC],
}
ENTRIES = [(learner, entry) for learner, entries in LEARNERS.items() for entry in entries]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course with what the learners hand in, and a notebook that is none."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.create()
    for learner in (*LEARNERS, BROKEN):
        (course.submitted / learner / ORIGINAL.assignment).mkdir(parents=True)
    for learner, entry in ENTRIES:
        notebook = nbformat.read(course.release / f"{entry.notebook}.ipynb", as_version=4)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = (solutions(entry.notebook) | entry.cells).get(grade_id, cell.source)
        notebook.cells[:0] = [nbformat.v4.new_code_cell(extra) for extra in entry.extra]
        nbformat.write(notebook, course.submitted / learner / ORIGINAL.assignment / f"{entry.notebook}.ipynb")
    (course.submitted / BROKEN / ORIGINAL.assignment / f"{DYNAMIC.notebook}.ipynb").write_text("")
    return course


@pytest.fixture(scope="module")
def outcomes(course):
    """{learner: Outcome}"""
    outcomes = course.grade({learner: learner for learner in (*LEARNERS, BROKEN)}, NBGRADER)
    return {outcome.student: outcome for outcome in outcomes}


@pytest.mark.parametrize(("learner", "entry"), ENTRIES, ids=lambda value: getattr(value, "name", value))
def test_same_marks(outcomes, learner, entry):
    assert outcomes[learner].error == ""
    assert outcomes[learner].lost.get(entry.notebook, []) == sorted(entry.fails)


def test_nbgrader_exports_all_points_for_what_is_right_and_0_for_what_is_broken(course, outcomes):
    assert "Traceback" not in course.log.read_text("utf-8")
    assert nbgrader(course, "export").returncode == 0
    grades = (course.folder / "grades.csv").read_text("utf-8")
    assert f"{RIGHT},,{RIGHT},,{TOTAL_POINTS:.1f}," in grades
    assert f"{BROKEN},,{BROKEN},,0.0," in grades


def test_an_assignment_that_nobody_knows_is_refused(course):
    unknown = nbgrader(course, "autograde", "nosuch")
    assert unknown.returncode == 1
    assert "No notebooks were matched" in unknown.stderr


def nbgrader(course, *arguments):
    """Run nbgrader's own command in the course's folder."""
    return forked.run(course.folder, dict(os.environ), "nbgrader", *arguments)


@pytest.mark.parametrize(
    ("entry", "name", "tests"),
    [
        (DYNAMIC, "eval", {"loss-forward", "loss-dypred"}),
        (UNUSUAL, "torch.autograd", {"neuron-dw", "neuron-db"}),
    ],
    ids=["dynamic", "unusual"],
)
def test_it_costs_nothing_but_a_person_looks(course, outcomes, entry, name, tests):
    assert outcomes[entry.name].lost.get(entry.notebook, []) == []
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(entry.notebook, ORIGINAL.assignment, entry.name)
        asked = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
    assert asked == tests
    assert name in comments[next(iter(entry.cells))]

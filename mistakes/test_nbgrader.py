"""A sample of both catalogues gets the same marks from `nbgrader autograde` as from the quick run."""

from collections import defaultdict

import nbformat
import pytest

from examples.course import NBGRADER, Course
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


DYNAMIC = catalogue.Entry(
    name="dynamic-code",
    says="Градиент потери верен, но вычислен через eval.",
    notebook="seminar-1-neuron",
    cells={
        "loss": solutions("seminar-1-neuron")["loss"].replace(
            "2 * (y_pred - y_true)", 'eval("2 * (y_pred - y_true)")'
        )
    },
    changed="",
)
SUSPICIOUS = catalogue.Entry(
    name="suspicious-code",
    says="Градиенты нейрона верны, но рядом назван движок autograd.",
    notebook="seminar-1-neuron",
    cells={
        "neuron": solutions("seminar-1-neuron")["neuron"].replace(
            "self.db = dldy", "self.db = dldy\n        engine = torch.autograd.Variable"
        )
    },
    changed="",
)
ENTRIES += [DYNAMIC, SUSPICIOUS]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """An empty course."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.create()
    return course


@pytest.fixture(scope="module")
def outcomes(course):
    """{entry name: Outcome}; each entry is a student who handed in one notebook."""
    for entry in ENTRIES:
        notebook = nbformat.read(course.release / f"{entry.notebook}.ipynb", as_version=4)
        for cell in notebook.cells:
            grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = (solutions(entry.notebook) | entry.cells).get(grade_id, cell.source)
        notebook.cells[:0] = [nbformat.v4.new_code_cell(extra) for extra in entry.extra]
        folder = course.submitted / entry.name / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{entry.notebook}.ipynb")
    outcomes = course.grade({entry.name: entry.name for entry in ENTRIES}, NBGRADER)
    return {outcome.student: outcome for outcome in outcomes}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_same_marks(outcomes, entry):
    assert outcomes[entry.name].error == ""
    assert outcomes[entry.name].lost.get(entry.notebook, []) == sorted(entry.fails)


@pytest.mark.parametrize(
    ("entry", "name", "tests"),
    [
        (DYNAMIC, "eval", {"loss-forward", "loss-dypred"}),
        (SUSPICIOUS, "autograd", {f"neuron-{name}" for name in ("forward", "dw", "db", "step", "pure")}),
    ],
    ids=["dynamic", "suspicious"],
)
def test_it_costs_nothing_but_a_person_looks(course, outcomes, entry, name, tests):
    assert outcomes[entry.name].lost.get(entry.notebook, []) == []
    with course.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook(entry.notebook, ASSIGNMENT, entry.name)
        asked = {grade.name for grade in notebook.grades if grade.needs_manual_grade}
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
    assert asked == tests
    assert name in comments[next(iter(entry.cells))]

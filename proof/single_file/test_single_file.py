"""A single file works alone in an empty folder, and what is handed in is graded like any other notebook."""

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from course.build import tasks
from course.build.catalogue import points
from course.build.editions import ORIGINAL
from nbgrader_apart.messages import text
from proof.demo.working_copy import Course
from proof.single_file import alone

pytestmark = pytest.mark.slow

FIGURES = "task-5-linear-network"
BY_DAY = tasks.names()[0]
# What an environment of torch, plotly, scikit-learn and ipykernel alone does not have.
LACKING = """
import sys

class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("nbformat", "nbgrader", "nbconvert", "pandas", "matplotlib", "jupyterlab"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Lacking())
"""


def test_it_works_in_an_empty_folder_that_nothing_can_be_written_to(tmp_path):
    folder, lacking = tmp_path / "empty", tmp_path / "lacking"
    folder.mkdir(mode=0o555)
    lacking.mkdir()
    (lacking / "sitecustomize.py").write_text(LACKING)
    done = alone.execute(alone.solved(FIGURES), folder, PYTHONPATH=str(lacking))
    assert alone.errors(done) == []
    assert list(folder.iterdir()) == []
    (figure,) = [cell for cell in done.cells if cell.id == "figure"]
    (shown,) = figure.outputs
    assert list(shown.data) == ["text/plain", "application/vnd.plotly.v1+json"]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == BY_DAY else pytest.mark.nightly) for name in tasks.names()],
)
def test_an_unsolved_one_runs_to_its_end(tmp_path, name):
    notebook = nbformat.read(ORIGINAL.single_file / f"{name}.ipynb", as_version=4)
    found = alone.errors(alone.execute(notebook, tmp_path))
    assert found
    assert not any("ModuleNotFoundError" in said for _, said in found)


@pytest.mark.parametrize("name", [FIGURES, pytest.param("seminar-2-sgd", marks=pytest.mark.nightly)])
def test_a_released_notebook_without_its_folder_says_what_to_do_once(tmp_path, name):
    notebook = nbformat.read(ORIGINAL.release / f"{name}.ipynb", as_version=4)
    with pytest.raises(CellExecutionError):
        alone.execute(notebook, tmp_path)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    (said,) = [output.traceback for output in outputs if output.output_type == "error"]
    assert len(said) == 1
    assert said[0].startswith("Рядом нет папки checks.")
    assert "одним файлом" in said[0]


def as_colab_saves_it(notebook):
    """Cells lose their ids, and get others in their metadata."""
    notebook.nbformat_minor = 0
    for number, cell in enumerate(notebook.cells):
        del cell["id"]
        cell.metadata["id"] = f"Xy{number}"
    notebook.metadata["colab"] = {"provenance": []}


def without_marks(notebook):
    """A program that keeps nothing but the cells' text."""
    as_colab_saves_it(notebook)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})


@pytest.mark.parametrize("names", [[FIGURES], pytest.param(tasks.names(), marks=pytest.mark.nightly)])
def test_it_is_graded_like_any_other(tmp_path, names):
    course = Course(tmp_path / "course", notebooks=names)
    course.create()
    ways = {"alone": lambda notebook: None, "colab": as_colab_saves_it, "bare": without_marks}
    for student, change in ways.items():
        folder = course.submitted / student / ORIGINAL.assignment
        folder.mkdir(parents=True)
        for name in names:
            notebook = alone.solved(name)
            change(notebook)
            (folder / f"{name}.ipynb").write_text(nbformat.v4.writes_json(notebook), "utf-8")
    outcomes = course.grade({student: f"{student} A" for student in ways})
    total = sum(sum(points(name).values()) for name in names)
    assert {outcome.student: (outcome.total, outcome.lost) for outcome in outcomes} == dict.fromkeys(
        ways, (total, {})
    )
    with course.gradebook() as gradebook:
        waiting = [
            (grade.notebook.name, grade.name)
            for submission in gradebook.assignment_submissions(ORIGINAL.assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade
        ]
    assert waiting == []
    graded = (course.folder / "autograded").rglob("*.ipynb")
    assert not [path for path in graded if "PACKED" in path.read_text("utf-8")]
    page = course.feedback / "alone" / ORIGINAL.assignment / f"{FIGURES}.html"
    assert text("intake.title").strip("*") not in page.read_text("utf-8")

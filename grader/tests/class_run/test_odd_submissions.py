"""Odd submissions, one kind each, in a class: each is graded or refused with a reason, and stops nobody."""

import json
import os
import shutil

import pytest
from nbformat.v4 import new_code_cell, new_output

from nbgrader_apart.class_run.gradebook_writer import GradebookWriter
from nbgrader_apart.class_run.grading_run import Run
from nbgrader_apart.model.course import Course
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import run_forked
from support.small_class import EXPECTED, LAYER, RIGHT_LAYER, SHEET, ZERO, grade, scores

pytestmark = pytest.mark.slow

CP1251 = os.fsdecode("при".encode("cp1251"))
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
COMMANDS = [
    ("nbgrader_apart", "grade"),
    pytest.param(("nbgrader", "autograde"), marks=pytest.mark.nightly),
]


def a_folder(name):
    def make(folder):
        (folder / name).mkdir(parents=True)
        (folder / name / "x.csv").write_text("1,2")

    return make


def files(*names):
    def make(folder):
        for name in names:
            (folder / name).write_text("1,2")

    return make


def renamed(*names):
    def make(folder):
        for name in names[1:]:
            shutil.copy(folder / "layer.ipynb", folder / name)
        (folder / "layer.ipynb").rename(folder / names[0])

    return make


def a_notebook(change):
    def make(folder):
        notebook = small_course.answer(LAYER["layer"], "layer")
        change(notebook.cells)
        (folder / "layer.ipynb").write_text(json.dumps(notebook))

    return make


def a_magic(cells):
    cells.insert(1, new_code_cell("%matplotlib inline\n%load_ext not_here\nimport numpy as own"))
    cells[3].source = cells[3].source.replace("import numpy", "%matplotlib inline\nnumpy = own")


def an_untouched_copy(cells):
    cells.insert(4, {**cells[2], "id": "copy", "source": STUB})
    cells.append({**cells[2], "id": "again", "source": STUB})


def old_outputs(cells):
    cells[1].outputs = [new_output("display_data", {"image/png": "iVBO" * 10_000_000})]


def a_merge_conflict(folder):
    lines = json.dumps(small_course.answer(LAYER["layer"], "layer"), indent=1).splitlines()
    lines[3:4] = ["<<<<<<< HEAD", lines[3], "=======", lines[3], ">>>>>>> theirs"]
    (folder / "layer.ipynb").write_text("\n".join(lines))


def a_deep_expression(folder):
    notebook = small_course.answer(LAYER["layer"], "layer")
    deep = {"cell_type": "code", "id": "deep", "metadata": {}, "outputs": [], "execution_count": None}
    notebook.cells.insert(2, deep | {"source": "def f(a):\n    return a" + ".b" * 1500})
    (folder / "layer.ipynb").write_text(json.dumps(notebook))


GRADED = {  # student: what is odd about the submission; a right answer keeps its points
    "name-in-cp1251": files(f"{CP1251}.csv"),
    "notebook-in-cp1251": renamed(f"{CP1251}.ipynb"),
    "folder-as-check": a_folder("checks/layer.py"),
    "folder-as-package": a_folder("checks"),
    "folder-as-timestamp": a_folder("timestamp.txt"),
    "folder-as-notebook": a_folder("loop.ipynb"),
    "file-as-mark": files(".graded.json"),
    "data-in-two-cases": files("data.csv", "DATA.csv"),
    "notebook-in-two-cases": renamed("layer.ipynb", "Layer.ipynb", "LAYER.ipynb"),
    "long-names": files("д" * 120 + ".csv", "x" * 251 + ".csv"),
    "-dash": files("-rf.csv"),
    "a b": files("a b.csv"),
    "a+b": files("a+sheet+b.csv"),
    "[red]": files("[bold].csv"),
    "*": files("*.csv"),
    "{0}%s": files("{0}%s.csv"),
    "x" * 255: files("y.csv"),
    "magic": a_notebook(a_magic),
    "untouched-copy": a_notebook(an_untouched_copy),
    "old-outputs": a_notebook(old_outputs),
}
REFUSED = {"Иванов".encode("cp1251"): "??????", b"two\nlines": "two?lines"}  # how each is shown


@pytest.fixture
def odd(course):
    """The small class, with the odd submissions among it."""
    for student, make in GRADED.items():
        make(small_course.submit(course, student, LAYER))
    a_deep_expression(small_course.submit(course, "deep", LAYER))
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(
            "c.Grading.cell_seconds = c.Grading.notebook_seconds = 60\n"
        )  # a magic imports matplotlib
    a_merge_conflict(small_course.submit(course, "merged", LAYER))
    for student in REFUSED:
        small_course.submit(course, os.fsdecode(student), LAYER)
    return course


@pytest.mark.parametrize("command", COMMANDS)
def test_each_is_graded_or_refused_and_the_others_are_graded(odd, command):
    code, output = run_forked(odd, *command, SHEET)
    assert code == 1
    found = scores(odd)
    deep = found.pop("deep", {})
    assert found == EXPECTED | dict.fromkeys(GRADED, RIGHT_LAYER) | {"merged": ZERO}
    assert "слияния в git" in (odd / "autograded" / "merged" / SHEET / "layer.ipynb").read_text()
    assert set(deep.values()) <= {None} or deep == RIGHT_LAYER
    for shown in REFUSED.values():
        assert f"Не оценена работа {shown}: Имя папки" in output.replace("\n", " ").replace("  ", " ")


class NoPool:
    """Grades nothing."""

    def expect_tasks(self):
        """Needs nothing."""

    def run(self, tasks, tick):
        return [(task, RecursionError("too deep")) for task in tasks]


def test_a_submission_that_vanishes_is_not_graded_and_its_old_score_is_gone(entered, capsys):
    assert grade(entered)[0] == 0
    found = Course()
    folders = found.submitted(SHEET)
    shutil.rmtree(folders["cat"])
    assert not Run(found, GradebookWriter(found, SHEET), folders, False).grade(NoPool(), True)
    assert "Не оценена работа cat: Папка с работой исчезла" in capsys.readouterr().out
    assert scores(entered) == EXPECTED | {"cat": dict.fromkeys(small_course.POINTS)}
    assert not (entered / "autograded" / "cat" / SHEET).exists()


def test_what_fails_on_a_changed_submission_leaves_no_score_and_on_the_same_one_the_old(entered, capsys):
    assert grade(entered)[0] == 0
    found = Course()
    folders = {student: found.submitted(SHEET)[student] for student in ("ann", "bob")}
    (folders["bob"] / "layer.ipynb").write_text("another")
    assert not Run(found, GradebookWriter(found, SHEET), folders, True).grade(NoPool(), True)
    assert (
        "Не оценена работа bob: Ошибка самой программы оценивания: RecursionError" in capsys.readouterr().out
    )
    assert scores(entered) == EXPECTED | {"bob": dict.fromkeys(small_course.POINTS)}


@pytest.mark.parametrize("command", COMMANDS)
def test_where_the_judge_cannot_run_a_locked_cell_there_is_no_score(course, command):
    path = course / "source" / SHEET / "loop.ipynb"  # ann alone has handed it in
    path.write_text(path.read_text().replace("epochs = 3", "epochs = 1 / 0"))
    code, output = run_forked(course, *command, SHEET)
    assert code == 1
    assert "ann" in output
    found = scores(course)
    assert set(found.pop("ann", {}).values()) <= {None}
    assert found == {student: points for student, points in EXPECTED.items() if student != "ann"}

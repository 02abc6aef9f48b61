"""A course with the small class, made once and copied for each test."""

import pytest
from nbformat.v4 import new_code_cell

from nbgrader_apart.class_run import task
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import run_forked
from support.small_class import CLASS, LAYER, SHEET, copied


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """A course with a class whose last submission is no notebook at all."""
    root = tmp_path_factory.mktemp("generated")
    small_course.build(root)
    code, output = run_forked(root, "nbgrader", "generate_assignment", SHEET)
    assert code == 0, output
    for student, (answers, _) in CLASS.items():
        small_course.submit(root, student, answers)
    broken = root / "submitted" / "fay" / SHEET
    broken.mkdir(parents=True)
    (broken / "layer.ipynb").write_text("broken")
    return root


@pytest.fixture
def course(generated, tmp_path):
    """A copy of it."""
    return copied(generated, tmp_path)


@pytest.fixture
def entered(course, monkeypatch):
    """The same course, with this process in its folder, as the command is."""
    monkeypatch.chdir(course)
    task.course.cache_clear()
    yield course
    task.course.cache_clear()


@pytest.fixture
def sleeper(course):
    """The small class, with one whose cells are each in time, and together are not."""
    notebook = small_course.answer(LAYER["layer"], "layer")
    notebook.cells += [new_code_cell("import time\ntime.sleep(3)") for _ in range(20)]
    small_course.submit(course, "sam", {"layer": notebook})
    limits = "c.Grading.notebook_seconds = 100\nc.Grading.submission_seconds = 20"
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text().replace("c.Grading.notebook_seconds = 20", limits))
    return course

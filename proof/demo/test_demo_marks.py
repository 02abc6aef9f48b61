"""Every example gets the marks that its description states, and bad notebooks stop nobody else.

The examples are graded at once, and only once, by day the reference solution. Of most examples
only the notebooks are graded that differ from the reference's and from the untouched ones.
"""

import shutil

import nbformat
import pytest

from course.build.editions import ORIGINAL
from proof.demo.submissions import ExampleError, load, names, points
from proof.demo.working_copy import Course

pytestmark = pytest.mark.slow

BY_DAY = ("reference",)
BY_NIGHT = [name for name in names() if name not in BY_DAY]
WHOLE = ("reference", "untouched", "loops")
BROKEN = {"empty": "", "truncated": '{"cells": [{"cell_type": "co', "other-json": "[1, 2]"}
NOTEBOOK = "seminar-1-neuron.ipynb"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(BY_DAY, id="by day"),
        pytest.param(BY_NIGHT, id="by night", marks=pytest.mark.nightly),
    ],
)
def examples(request):
    """The names of the examples that are graded."""
    return request.param


@pytest.fixture(scope="module")
def course(examples, tmp_path_factory):
    """The course with the examples and three broken submissions handed in."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.create()
    for name in names():
        load(name).write(course.release, course.submitted)
    for name in set(names()).difference(WHOLE):
        for path in handed_in(course, name).values():
            if path.read_bytes() in (handed_in(course, other)[path.stem].read_bytes() for other in WHOLE):
                path.unlink()
    for name in set(names()).difference(examples):
        shutil.rmtree(course.submitted / name)
    for name, text in BROKEN.items():
        path = course.submitted / name / ORIGINAL.assignment / NOTEBOOK
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    return course


@pytest.fixture(scope="module")
def outcomes(course, examples):
    """{student: Outcome} of all who have handed in."""
    students = {name: load(name).student for name in examples} | {name: f"Broken {name}" for name in BROKEN}
    return {outcome.student: outcome for outcome in course.grade(students)}


def handed_in(course, name, folder="submitted"):
    """{notebook: path} of a student's notebooks."""
    return {
        path.stem: path
        for path in sorted((course.folder / folder / name / ORIGINAL.assignment).glob("*.ipynb"))
    }


def test_marks_are_those_of_the_description(course, outcomes, examples):
    for name in examples:
        expected, graded = load(name).failing, handed_in(course, name)
        assert outcomes[name].error == ""
        for notebook in points():
            if notebook in graded:
                lost = outcomes[name].lost.get(notebook, [])
                assert lost == expected.get(notebook, []), (name, notebook)
            else:  # the reference's or the untouched one
                assert expected.get(notebook, []) in ([], sorted(points()[notebook])), (name, notebook)


def test_totals(outcomes, examples):
    for name in set(WHOLE).intersection(examples):
        assert outcomes[name].total == load(name).total, name


def test_every_graded_notebook_has_feedback(course, outcomes, examples):
    for name in examples:
        pages = (course.feedback / name / ORIGINAL.assignment).glob("*.html")
        assert sorted(page.stem for page in pages) == sorted(handed_in(course, name))


@pytest.mark.nightly
@pytest.mark.parametrize("examples", [pytest.param(BY_NIGHT, id="by night")], indirect=True, scope="module")
def test_untouched_notebooks_show_only_stubs_and_failed_checks(course, outcomes):
    for notebook, path in handed_in(course, "untouched", "autograded").items():
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        errors = {output.ename for cell in cells for output in cell.outputs if output.output_type == "error"}
        assert errors <= {"NotImplementedError", "CheckFailed"}, notebook


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_notebook_gets_its_zero_and_a_reason(course, outcomes, name):
    assert outcomes[name].error == ""
    assert outcomes[name].total == 0
    page = (course.feedback / name / ORIGINAL.assignment / NOTEBOOK).with_suffix(".html").read_text("utf-8")
    assert "Тетрадь не принята" in page


def test_where_nothing_can_be_graded_the_reason_is_said(tmp_path, monkeypatch):
    course = Course(tmp_path, notebooks=["seminar-1-neuron"])
    course.create()
    load("untouched").write(ORIGINAL.release, course.submitted)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ExampleError, match="не установлено: bwrap"):
        course.grade({"untouched": load("untouched").student})

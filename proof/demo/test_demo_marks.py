"""Every example gets the marks that its description states, and bad notebooks stop nobody else.

The class is graded at once, and only once. Of most examples only the notebooks are graded that
differ from the reference's and from the untouched ones.
"""

import nbformat
import pytest

from course.build.editions import ORIGINAL
from proof.demo.submissions import ExampleError, load, names, points
from proof.demo.working_copy import Course

pytestmark = pytest.mark.slow

WHOLE = ("reference", "untouched", "loops")
BROKEN = {"empty": "", "truncated": '{"cells": [{"cell_type": "co', "other-json": "[1, 2]"}
NOTEBOOK = "seminar-1-neuron.ipynb"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course with all examples and three broken submissions handed in."""
    course = Course(tmp_path_factory.mktemp("course"))
    course.create()
    for name in names():
        load(name).write(course.release, course.submitted)
    for name in set(names()).difference(WHOLE):
        for path in handed_in(course, name).values():
            if path.read_bytes() in (handed_in(course, other)[path.stem].read_bytes() for other in WHOLE):
                path.unlink()
    for name, text in BROKEN.items():
        path = course.submitted / name / ORIGINAL.assignment / NOTEBOOK
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    return course


@pytest.fixture(scope="module")
def outcomes(course):
    """{student: Outcome} of the whole class."""
    students = {name: load(name).student for name in names()} | {name: f"Broken {name}" for name in BROKEN}
    return {outcome.student: outcome for outcome in course.grade(students)}


def handed_in(course, name, folder="submitted"):
    """{notebook: path} of a student's notebooks."""
    return {
        path.stem: path
        for path in sorted((course.folder / folder / name / ORIGINAL.assignment).glob("*.ipynb"))
    }


@pytest.mark.parametrize("name", names())
def test_marks_are_those_of_the_description(course, outcomes, name):
    expected, graded = load(name).failing, handed_in(course, name)
    assert outcomes[name].error == ""
    for notebook in points():
        if notebook in graded:
            assert outcomes[name].lost.get(notebook, []) == expected.get(notebook, []), notebook
        else:  # the reference's or the untouched one
            assert expected.get(notebook, []) in ([], sorted(points()[notebook])), notebook


@pytest.mark.parametrize("name", WHOLE)
def test_total(outcomes, name):
    assert outcomes[name].total == load(name).total


def test_every_graded_notebook_has_feedback(course, outcomes):
    for name in names():
        pages = (course.feedback / name / ORIGINAL.assignment).glob("*.html")
        assert sorted(page.stem for page in pages) == sorted(handed_in(course, name))


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
    course = Course(tmp_path)
    course.create()
    load("untouched").write(course.release, course.submitted)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ExampleError, match="не установлено: bwrap"):
        course.grade({"untouched": load("untouched").student})

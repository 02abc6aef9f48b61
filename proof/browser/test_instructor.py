"""An instructor generates, releases, collects, grades, comments, returns feedback by mouse, and exports."""

import csv

import pytest
from playwright.sync_api import expect

from proof.browser.editions import FILE_MENU, in_each_edition
from proof.browser.formgrader import Formgrader
from proof.browser.lab_course import INSTRUCTOR, Course, fill, points
from proof.demo.submissions import solutions

# By day `make test-hub` leads an instructor through the same panels.
pytestmark = [pytest.mark.slow, pytest.mark.nightly]

NEURON = "task-1-neuron-batch"
LOST = 2  # points of neuron-db, of which the instructor gives one back
COMMENT = {"ru": "Сложите строки, а не усредняйте.", "en": "Add the rows up, do not average them."}
# The formgrader's page of one submission asks for MathJax; without it formulas stay as they were typed.
MATHJAX = ("https://cdnjs.cloudflare.com/ajax/libs/mathjax/", "MathJax is not defined")


@pytest.fixture
def course(tmp_path, edition):
    """The course with one notebook, as it is after cloning."""
    return Course(tmp_path / "course", (NEURON,), edition)


@pytest.fixture
def address(course):
    """The instructor's JupyterLab in the course's folder."""
    with course.lab(course.folder, INSTRUCTOR) as address:
        yield address


@in_each_edition
def test_instructor(course, edition, lab, page, context, shoot, tmp_path):
    context.watch.expected = MATHJAX
    expect(page.get_by_role("menuitem", name=FILE_MENU[edition.language], exact=True)).to_be_visible()
    formgrader = Formgrader(page, lab.formgrader(), shoot)
    formgrader.press("assign")
    formgrader.press("release")
    hand_in(course, tmp_path / "learner")
    formgrader.press("collect")
    formgrader.frame.locator("td.num-submissions a").click()
    formgrader.press("autograde")
    expect(formgrader.frame.locator("td.score")).to_have_text(f"{points(NEURON) - LOST} / {points(NEURON)}")
    shoot(page, "graded")
    comment_on_a_submission(formgrader, edition, shoot)
    for name in ("Manual Grading", "Manage Assignments"):
        formgrader.open(name)
    formgrader.frame.locator("td.num-submissions a").click()
    formgrader.press("generate-feedback")
    formgrader.press("release-feedback")
    (feedback,) = course.exchange.glob("*/feedback/*.html")
    assert COMMENT[edition.language] in feedback.read_text("utf-8")

    assert "✗" not in course.run("nbgrader_apart", "doctor")
    course.run("nbgrader", "export")
    with (course.folder / "grades.csv").open(encoding="utf-8") as table:
        (row,) = csv.DictReader(table)
    assert (float(row["score"]), float(row["max_score"])) == (points(NEURON) - 1, points(NEURON))


def comment_on_a_submission(formgrader, edition, shoot):
    """Manual grading: a comment, and one of the two lost points given back."""
    for name in ("Manual Grading", edition.assignment, NEURON, "Submission #1"):
        formgrader.open(name)
    frame, page = formgrader.frame, formgrader.page
    expect(frame.locator("#neuron-db")).to_have_attribute("placeholder", "0")
    for field, value in (("#neuron-comment", COMMENT[edition.language]), ("#neuron-db", "1")):
        with page.expect_response(lambda response: response.request.method == "PUT" and response.ok):
            frame.locator(field).fill(value)
            frame.locator(field).blur()
    shoot(page, "manual")


def hand_in(course, folder):
    """A learner averages the bias gradient and submits."""
    assignment = course.edition.assignment
    course.run("nbgrader", "fetch_assignment", assignment, folder=folder)
    solved = solutions(NEURON, course.edition)
    averaged = solved["neuron"].replace("dldy.sum(dim=0)", "dldy.mean(dim=0)")
    fill(folder / assignment / f"{NEURON}.ipynb", solved | {"neuron": averaged})
    course.run("nbgrader", "submit", assignment, folder=folder)

"""An instructor generates, releases, collects, grades, comments, returns feedback by mouse, and exports."""

import csv

import pytest
from playwright.sync_api import expect

from examples.submissions import solutions

from .course import ASSIGNMENT, INSTRUCTOR, Course, fill
from .lab import Lab

pytestmark = pytest.mark.slow

NEURON = "task-1-neuron-batch"
COMMENT = "Сложите строки, а не усредняйте."
# The formgrader's page of one submission asks for MathJax; without it formulas stay as they were typed.
MATHJAX = ("https://cdnjs.cloudflare.com/ajax/libs/mathjax/", "MathJax is not defined")


@pytest.fixture
def course(tmp_path):
    """The course with one notebook, as it is after cloning."""
    return Course(tmp_path / "course", (NEURON,))


@pytest.fixture
def address(course):
    """The instructor's JupyterLab in the course's folder."""
    with course.lab(course.folder, INSTRUCTOR) as address:
        yield address


def test_instructor(course, address, page, context, shoot, tmp_path):
    context.watch.expected = MATHJAX
    formgrader = Formgrader(Lab(page, address), shoot)
    formgrader.press("assign")
    formgrader.press("release")
    hand_in(course, tmp_path / "learner")
    formgrader.press("collect")
    formgrader.frame.locator("td.num-submissions a").click()
    formgrader.press("autograde")
    expect(formgrader.frame.locator("td.score")).to_have_text("10 / 12")
    shoot(page, "graded")
    comment_on_a_submission(formgrader, shoot)
    for name in ("Manual Grading", "Manage Assignments"):
        formgrader.open(name)
    formgrader.frame.locator("td.num-submissions a").click()
    formgrader.press("generate-feedback")
    formgrader.press("release-feedback")
    (feedback,) = (course.exchange / ASSIGNMENT / "feedback").glob("*.html")
    assert COMMENT in feedback.read_text("utf-8")

    assert "✗" not in course.run("grading", "doctor")
    course.run("nbgrader", "export")
    with (course.folder / "grades.csv").open(encoding="utf-8") as table:
        (row,) = csv.DictReader(table)
    assert (float(row["score"]), float(row["max_score"])) == (11, 12)


class Formgrader:
    """nbgrader's pages for instructors, in a tab of JupyterLab."""

    def __init__(self, lab, shoot):
        self.page = lab.page
        self.frame = lab.formgrader()
        self.shoot = shoot

    def press(self, column):
        """Press the button in this column of the only row, and close the dialog that reports success."""
        self.frame.locator(f"td.{column} a").click()
        dialog = self.frame.locator(".modal.in")
        expect(dialog).to_contain_text("Success")
        self.shoot(self.page, column)
        dialog.locator(".modal-footer .btn").click()
        expect(self.frame.locator(".modal-backdrop")).to_have_count(0)

    def open(self, name):
        """Follow a link."""
        self.frame.get_by_role("link", name=name, exact=True).click()


def comment_on_a_submission(formgrader, shoot):
    """Manual grading: a comment, and one of the two lost points given back."""
    for name in ("Manual Grading", ASSIGNMENT, NEURON, "Submission #1"):
        formgrader.open(name)
    frame, page = formgrader.frame, formgrader.page
    expect(frame.locator("#neuron-db")).to_have_attribute("placeholder", "0")
    for field, value in (("#neuron-comment", COMMENT), ("#neuron-db", "1")):
        with page.expect_response(lambda response: response.request.method == "PUT" and response.ok):
            frame.locator(field).fill(value)
            frame.locator(field).blur()
    shoot(page, "manual")


def hand_in(course, folder):
    """A learner averages the bias gradient and submits."""
    course.run("nbgrader", "fetch_assignment", ASSIGNMENT, folder=folder)
    averaged = solutions(NEURON)["neuron"].replace("dldy.sum(dim=0)", "dldy.mean(dim=0)")
    fill(folder / ASSIGNMENT / f"{NEURON}.ipynb", solutions(NEURON) | {"neuron": averaged})
    course.run("nbgrader", "submit", ASSIGNMENT, folder=folder)

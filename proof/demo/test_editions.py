"""Learners are spoken to in the language of the assignment, whatever edition they have handed in."""

import re
import shutil

import pytest

from course.build import notebook_text
from course.build.editions import EDITIONS, ORIGINAL
from nbgrader_apart.testing import forked
from proof.demo.submissions import load
from proof.demo.working_copy import AT_ONCE, NBGRADER, Course

pytestmark = pytest.mark.slow

NAME = "task-1-neuron-batch"
NOTEBOOK = f"{NAME}.ipynb"
RUSSIAN = re.compile("[а-яё]+", re.IGNORECASE)
UNSUMMED = "slip.db_unsummed"  # the key of what a check says of this bias


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(edition, id=edition.language, marks=pytest.mark.nightly if edition == ORIGINAL else [])
        for edition in EDITIONS
    ],
)
def course(request, tmp_path_factory):
    """A course of one notebook; two learners each have solved it in their own edition, but for the bias."""
    edition = request.param
    course = Course(tmp_path_factory.mktemp(edition.language), edition, [NAME])
    course.create()
    for edition in EDITIONS:
        load("unsummed-bias").write(edition.release, course.folder / edition.language)
        work = course.submitted / edition.language / course.assignment
        work.mkdir(parents=True)
        shutil.copy(course.folder / edition.language / "unsummed-bias" / edition.assignment / NOTEBOOK, work)
    return course


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(AT_ONCE, id="apart", marks=pytest.mark.nightly),
        pytest.param(NBGRADER, id="nbgrader"),
    ],
)
def outcomes(request, course):
    """What became of them, graded by either command."""
    shutil.rmtree(course.folder / "autograded", ignore_errors=True)
    return course.grade({edition.language: "A Learner" for edition in EDITIONS}, request.param)


def test_both_editions_are_graded_alike(outcomes):
    assert [outcome.error for outcome in outcomes] == ["", ""]
    first, second = (outcome.marks for outcome in outcomes)
    assert first == second
    assert sum(points for points, _ in first[NAME].values()) > 0


def test_feedback_speaks_the_language_of_the_assignment(course, outcomes):
    own = course.edition.language
    page = (course.feedback / own / course.assignment / NOTEBOOK).with_suffix(".html").read_text("utf-8")
    said = notebook_text.messages(own)[UNSUMMED].split(":")[0]
    assert said[1:] in page  # its first letter is a capital there
    assert f'<html lang="{own}">' in page
    if own != "ru":
        assert RUSSIAN.findall(page) == []


def test_so_does_the_report(course, outcomes):
    done = forked.run(course.folder, forked.environment(), "nbgrader_apart", "report", course.assignment)
    assert done.returncode == 0, done.stderr
    page = (course.folder / "report" / course.assignment / "index.html").read_text("utf-8")
    words = set(RUSSIAN.findall(re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)))
    assert (words == set()) == (course.edition.language != "ru")

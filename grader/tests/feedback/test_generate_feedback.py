"""The page as nbgrader makes it, by its command and by what the formgrader's button calls."""

import re

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.active_content import Active
from nbgrader_apart.testing.commands import run_forked
from nbgrader_apart.testing.small_course import WRONG

pytestmark = pytest.mark.slow

ONE_POINT = """
from nbgrader.plugins import BasePlugin

class OnePoint(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1

c.AssignLatePenalties.plugin_class = OnePoint
"""
SHOW = """
from IPython.display import display
figure = {"data": [{"y": [3, 2, 1], "name": "потеря"}], "layout": {}}
display({"application/vnd.plotly.v1+json": figure}, raw=True)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class of one, graded, with a comment, a mark and a penalty of the instructor's."""
    root = tmp_path_factory.mktemp("course")
    small_course.build(root)
    with (root / "nbgrader_config.py").open("a") as config:  # the attacks' budgets are short
        config.write("c.Grading.cell_seconds = c.Grading.call_seconds = c.Grading.notebook_seconds = 180\n")
        config.write(ONE_POINT)
    assert run_forked(root, "nbgrader", "generate_assignment", small_course.ASSIGNMENT)[0] == 0
    answers = {"layer": {"dense-layer": WRONG + SHOW}, "loop": small_course.RIGHT["loop"]}
    small_course.submit(root, "ann", answers)
    named = ("ann", "--first-name=Анна", "--last-name=Иванова")
    assert run_forked(root, "nbgrader", "db", "student", "add", *named)[0] == 0
    code, output = run_forked(root, "nbgrader", "autograde", small_course.ASSIGNMENT)
    assert code == 0, output
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        about = ("layer", small_course.ASSIGNMENT, "ann")
        gradebook.find_comment("dense-layer", *about).manual_comment = "Нужна **сумма**: $\\sum_i g_i$"
        gradebook.find_grade("layer-dw", *about).manual_score = 1
        gradebook.update_or_create_submission(about[1], "ann", timestamp="2026-03-01 12:30:00 UTC")
        gradebook.update_or_create_assignment(about[1], duedate="2026-03-01 12:00:00 UTC")
    code, output = run_forked(root, "nbgrader", "generate_feedback", small_course.ASSIGNMENT)
    assert code == 0, output
    return root


@pytest.fixture(scope="module")
def page(course):
    return (course / "feedback/ann" / small_course.ASSIGNMENT / "layer.html").read_text()


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]))


def test_marks_are_those_of_the_gradebook(page):
    shown = words(page)
    assert "Анна Иванова" in shown
    assert "2 из 6 баллов" in shown
    assert "на 30 мин позже срока: из 3 вычтен штраф 1" in shown
    assert "4 из 9" in shown
    assert "1 из 2 поставил преподаватель" in shown


def test_the_failed_check_says_what_grading_found(page):
    failed = page[page.index('id="failed"') : page.index('id="passed"')]
    assert 'id="check-layer-db"' in failed
    assert "значения не те" in failed.lower()


def test_the_instructors_comment_is_there_with_its_formula(page):
    assert "<strong>сумма</strong>" in page
    assert "<mo>∑</mo>" in page


def test_the_figure_is_visible_and_the_hidden_tests_are_not(page):
    assert re.search(r'<svg[^>]* aria-label="График[^"]*потеря: точек 3, от 1 до 3', page)
    assert "СЕКРЕТ" not in page
    assert "HIDDEN" not in page
    assert Active.of(page) == []


def test_the_formgraders_button_makes_the_same_page(course, page):
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    path = course / "feedback/ann" / small_course.ASSIGNMENT / "layer.html"
    path.unlink()
    answer = NbGraderAPI(config=config).generate_feedback(small_course.ASSIGNMENT, "ann", force=True)
    assert answer["success"], answer
    assert path.read_text() == page

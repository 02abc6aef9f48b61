"""The page as nbgrader makes it, by its command and by what the formgrader's button calls."""

import re

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from grading.attacks import fixture
from grading.attacks.case import WRONG, Active
from grading.attacks.grade import run_forked

pytestmark = pytest.mark.slow

SHOW = """
from IPython.display import display
figure = {"data": [{"y": [3, 2, 1], "name": "потеря"}], "layout": {}}
display({"application/vnd.plotly.v1+json": figure}, raw=True)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class of one, graded, with a comment, a mark and a penalty of the instructor's."""
    root = tmp_path_factory.mktemp("course")
    fixture.build(root)
    with (root / "nbgrader_config.py").open("a") as config:  # the attacks' budgets are short
        config.write("c.Grading.cell_seconds = c.Grading.call_seconds = c.Grading.notebook_seconds = 180\n")
    assert run_forked(root, "nbgrader", "generate_assignment", fixture.ASSIGNMENT)[0] == 0
    answers = {"layer": {"dense-layer": WRONG + SHOW}, "loop": fixture.RIGHT["loop"]}
    fixture.submit(root, "ann", answers)
    named = ("ann", "--first-name=Анна", "--last-name=Иванова")
    assert run_forked(root, "nbgrader", "db", "student", "add", *named)[0] == 0
    code, output = run_forked(root, "nbgrader", "autograde", fixture.ASSIGNMENT)
    assert code == 0, output
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        about = ("layer", fixture.ASSIGNMENT, "ann")
        gradebook.find_comment("dense-layer", *about).manual_comment = "Нужна **сумма**: $\\sum_i g_i$"
        gradebook.find_grade("layer-dw", *about).manual_score = 1
        gradebook.find_submission_notebook(*about).late_submission_penalty = 0.5
        gradebook.db.commit()
    code, output = run_forked(root, "nbgrader", "generate_feedback", fixture.ASSIGNMENT)
    assert code == 0, output
    return root


@pytest.fixture(scope="module")
def page(course):
    return (course / "feedback/ann" / fixture.ASSIGNMENT / "layer.html").read_text()


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<body>")[2]))


def test_marks_are_those_of_the_gradebook(page):
    shown = words(page)
    assert "Анна Иванова" in shown
    assert "2,5 из 6 баллов" in shown
    assert "из 3 вычтен штраф 0,5" in shown
    assert "5,5 из 9" in shown
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
    path = course / "feedback/ann" / fixture.ASSIGNMENT / "layer.html"
    path.unlink()
    answer = NbGraderAPI(config=config).generate_feedback(fixture.ASSIGNMENT, "ann", force=True)
    assert answer["success"], answer
    assert path.read_text() == page

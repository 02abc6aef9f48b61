"""What only the source decides is found once, for all submissions."""

from nbgrader_apart.model import assignment, source_notebook
from nbgrader_apart.model.settings import APART, INSIDE, Grading


def test_why_tests_cannot_run_apart_is_found_before_there_are_forks(sheet, monkeypatch):
    course = assignment.Assignment(sheet, "")
    course.read_ahead(Grading(tests=APART))
    monkeypatch.delattr(source_notebook, "unfit")
    found = [
        notebook.unfit(name, test, course.given)
        for notebook in course.notebooks.values()
        for name, test in notebook.tests.items()
    ]
    assert found == [None] * 3


def test_nothing_is_looked_for_where_tests_run_inside(sheet, monkeypatch):
    monkeypatch.delattr(source_notebook, "unfit")
    assignment.Assignment(sheet, "").read_ahead(Grading(tests=INSIDE))

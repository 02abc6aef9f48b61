"""`apart doctor ASSIGNMENT`: tests that differ are named with the reason, before anybody is graded."""

import nbformat
import pytest

from nbgrader_apart.doctor import both_ways
from nbgrader_apart.messages import text
from support.one_test import notebook

pytestmark = pytest.mark.slow

SOLVED = "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"
CELLS = [
    ("answer", SOLVED),
    ("test", "assert square(3) == 9"),
    ("test", "assert list(map(square, [2])) == [4] and square.__code__"),
    ("test", "assert 1 == 1"),
    ("test", "assert square(2) == 5, 'five'"),
]
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "c"
c.Grading.tests = {way!r}
c.Grading.tests_of = {of!r}
"""


@pytest.fixture
def course(tmp_path, monkeypatch):
    def course(cells, way, of=()):
        folder = tmp_path / "source" / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(notebook(cells), folder / "one.ipynb")
        (tmp_path / "nbgrader_config.py").write_text(CONFIG.format(way=way, of=dict(of)))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "300")

    return course


def test_each_test_that_differs_is_named_with_its_reason(course, capsys):
    course(CELLS, "inside")
    assert not both_ways.main("ps1")
    said = capsys.readouterr().out
    assert text("doctor.ways.total", told=3, all=4) in said
    assert "one: test-1" not in said
    assert text("apart.inspect") in said
    assert text("doctor.ways.free") in said
    assert text("doctor.ways.reference", way="inside", reason="five") in said
    assert text("doctor.ways.wrong", names="test-4") in said


@pytest.mark.parametrize(("way", "of", "well"), [("apart", {}, False), ("apart", {"ps1": "inside"}, True)])
def test_what_counts_is_the_way_that_is_chosen(course, capsys, way, of, well):
    course(CELLS[:3], way, of)
    assert both_ways.main("ps1") == well
    verdict = text("doctor.ways.cannot", count=1)
    assert text("doctor.ways.verdict", name="ps1", way="apart", verdict=verdict) in capsys.readouterr().out


def test_an_assignment_that_is_none_is_one_sentence(course, capsys):
    course(CELLS, "inside")
    assert not both_ways.main("ps9")
    assert "ps9" in capsys.readouterr().out

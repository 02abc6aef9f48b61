"""Tests that run inside the learner's kernel: nbgrader's own marks, whatever a test does."""

import pytest

from nbgrader_apart.model.course import CourseError
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.model.source_notebook import ReleasedCell
from nbgrader_apart.processes.warm_process import WarmProcess
from support.one_test import POINTS, graded, points, records, stock_points

pytestmark = pytest.mark.slow

HIDDEN = "assert x == 1\n### BEGIN HIDDEN TESTS\nassert x == 1, 'secret'\n### END HIDDEN TESTS"
# what a test shows -> its points, as nbgrader counts them
SHOWN = {
    "pass": POINTS,
    "assert False": 0,
    "import sys; print('x', file=sys.stderr)": 0,
    "import warnings; warnings.warn('old')": 0,
    "print('x')": POINTS,
    "1": 1,
    "0.5": 0.5,
    "-1": POINTS,
    "float('nan')": POINTS,
    "1 == 2": POINTS,
    "'text'": POINTS,
    "1;": POINTS,
    "raise SystemExit": 0,
    "while True: pass": 0,
    "%matplotlib inline": POINTS,
    "await __import__('asyncio').sleep(0)": POINTS,
    "": POINTS,
    "1 / (": 0,
}


@pytest.fixture(scope="module", autouse=True)
def warm_process():
    yield
    WarmProcess.close_all()


@pytest.mark.parametrize(("test", "expected"), SHOWN.items())
def test_marks_are_nbgraders_own(test, expected):
    cells = [("answer", "x = 1"), ("test", test)]
    assert points(cells, cell_seconds=2) == [expected]
    if "while" not in test:
        assert stock_points(cells) == [expected]


def test_more_points_than_possible_are_refused_with_a_sentence():
    with graded([("answer", "x = 1"), ("test", "3")]) as found:
        [record] = records(found)
    assert record["points"] == 0
    assert "3" in record["message"]


def test_a_learner_who_hides_errors_gets_no_points():
    hides = "get_ipython().showtraceback = lambda *a, **k: None"
    assert points([("answer", hides), ("test", "assert False")]) == [0]


def test_no_cell_before_a_test_can_read_its_hidden_lines():
    search = (
        "import glob\nfound = [c for c in In if 'sec' + 'ret' in c]\n"
        "for top in ['/learner', '/stage', '/opt', '/tmp']:\n"
        "    found += glob.glob(f'{top}/**/*.ipynb', recursive=True)"
    )
    cells = [("answer", search), ("locked", "print(found)"), ("answer", "x = 2"), ("test", HIDDEN)]
    with graded(cells) as found:
        assert found.cells[1].outputs[0].text == "[]\n"
        assert records(found)[0]["points"] == 0
        assert "secret" not in str(found.cells[3].source) + str(found.cells[3].outputs[0].traceback)


def test_a_tag_goes_before_the_assignment_and_this_before_the_course():
    settings = Grading(tests="apart", tests_of={"ps1": "inside"})
    assert settings.way("ps2") == "apart"
    assert settings.way("ps1") == "inside"
    assert settings.way("ps1", ["tests-apart"]) == "apart"
    assert Grading().way("ps1") == "inside"


def test_one_notebook_can_have_both():
    patched = "import math\nmath.isclose = lambda *a: True\nx = 1"
    test = "import math\nassert math.isclose(x, 2)"
    cells = [("answer", patched)] + [(f"test tests-{way}", test) for way in ("inside", "apart")]
    assert points(cells) == [POINTS, 0]


def test_without_a_limit_of_its_own_a_cell_has_nbgraders():
    from traitlets.config import Config

    assert Grading().cell_seconds == 30
    assert Grading(config=Config(Execute={"timeout": 7})).cell_seconds == 7
    assert Grading(config=Config(Execute={"timeout": 7}), cell_seconds=3).cell_seconds == 3


def test_a_generated_test_is_taken_from_the_gradebook():
    cells = [("answer", "x = 1"), ("test", "### AUTOTEST x")]
    with pytest.raises(CourseError, match="test-1"):
        points(cells)
    for way in "inside", "apart":
        released = {"test-1": ReleasedCell("", "assert x == 1")}
        assert points(cells, released=released, tests=way) == [POINTS]
        assert points(cells, ["x = 2"], released=released, tests=way) == [0]

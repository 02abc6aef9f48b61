"""Each habit of real courses: inside and apart agree with nbgrader, or apart refuses and blames the test."""

import re

import pytest
from ways.habits import HABITS, OWN
from ways.table import PAGE

from nbgrader_apart.judge.process import UNFIT
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.model.unfit import unfit
from nbgrader_apart.processes.warm_process import WarmProcess
from support.one_test import graded, points, records

pytestmark = pytest.mark.slow

# By day the first habit of each kind.
FIRST = {apart: habit for habit, (_, _, apart, _) in reversed(HABITS.items())}.values()
BY_DAY = {
    *FIRST,
    *OWN,
    "async comprehension",
    "pool of processes",
    "a list that two tests fill",
    "a test that is skipped",
}


@pytest.fixture(scope="module", autouse=True)
def warm_process():
    yield
    WarmProcess.close_all()


def beginnings(apart):
    """How the reasons begin for which a habit may be refused."""
    names = [name for name in apart.split(" or ") if name != "equal"]
    return [text(f"apart.{name}", name="\0", kind="\0", reason="\0").partition("\0")[0] for name in names]


@pytest.mark.parametrize(
    "habit",
    [pytest.param(habit, marks=[] if habit in BY_DAY else pytest.mark.nightly) for habit in HABITS],
)
def test_marks_are_stocks_or_the_test_is_refused(habit):
    cells, wrong, apart, files = HABITS[habit]
    for answers, expected in (OWN.get(habit), True), ([wrong], False):
        inside = points(cells, answers, files)
        assert all(one > 0 for one in inside) if expected else inside[0] == 0, inside
        with graded(cells, answers, files, tests="apart") as found:
            told = records(found)
        for record, mark in zip(told, inside, strict=True):
            if record["key"] == UNFIT:
                assert any(start in record["message"] for start in beginnings(apart)), record
            else:
                assert record["points"] == mark, record
                assert "equal" in apart or not expected, record
        if found.metadata.get("grading"):
            tests = [f"test-{place}" for place, (kind, _) in enumerate(cells) if kind.startswith("test")]
            refused = {test for test, record in zip(tests, told, strict=True) if record["key"] == UNFIT}
            assert set(found.metadata["grading"]["manual"]["tests"]) == refused


def test_the_page_has_stocks_marks_and_declared_refusals_only():
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)[1:]
    assert [row[0] for row in rows] == list(HABITS)
    for habit, stock, inside, apart in rows:
        right, wrong = stock.split(" / ")
        assert all(float(one) > 0 for one in right.split("+")), habit
        assert float(wrong.split("+")[0]) == 0, habit
        assert inside == stock, habit
        declared = HABITS[habit][2]
        if apart.startswith("refused: "):
            with speaking("en"):  # as the page is
                assert any(start in apart for start in beginnings(declared)), habit
        else:
            assert (apart, "equal" in declared) == (stock, True), habit


def test_what_comes_after_a_test_that_does_not_end_is_asked_about():
    cells = [
        ("answer", "x = 1"),
        ("test", "while True: pass"),
        ("locked", "y = 1"),
        ("test", "assert x == y"),
    ]
    with graded(cells, tests="apart", test_seconds=1) as found:
        assert [record["points"] for record in records(found)] == [0, 0]
    assert found.metadata.grading["manual"]["tests"] == ["test-1", "test-3"]
    assert text("judge.gone") in records(found)[1]["message"]


def test_a_module_is_known_by_any_name():
    for test in (
        "from threading import Thread",
        "import numpy.random as r\nr.seed(1)",
        "from os import fork as f\nf()",
    ):
        assert unfit(test, [], [], []) in ("process", "seed"), test
    assert unfit("import numpy.random as r\nr.rand(1)", [], [], []) is None

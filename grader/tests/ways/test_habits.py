"""Each habit of real courses: inside and apart agree with nbgrader, or apart refuses and blames the test."""

import re

import pytest
from ways.habits import HABITS, OWN
from ways.table import PAGE

from nbgrader_apart.judge.process import UNFIT
from nbgrader_apart.messages import speaking, text
from nbgrader_apart.processes.warm_process import WarmProcess
from support.one_test import graded, points, records

pytestmark = pytest.mark.slow

# By day the first habit of each kind.
FIRST = {apart: habit for habit, (_, _, apart, _) in reversed(HABITS.items())}.values()
BY_DAY = {*FIRST, *OWN}


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
            refused = {f"test-{place}" for place, (kind, _) in enumerate(cells) if kind == "test"}
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

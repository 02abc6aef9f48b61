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
    # ipykernel reads what programs print in a thread, and needs a moment
    "import os, time; os.system('echo x >&2'); time.sleep(1)": 0,
    "import os; os.system('echo x');": POINTS,
    "import socket; assert socket.gethostbyname('localhost') == '127.0.0.1'": POINTS,
    "import getpass; assert getpass.getuser()": POINTS,
    "assert get_ipython().__class__.__name__ == 'ZMQInteractiveShell'": POINTS,
    "import faulthandler; faulthandler.enable()": POINTS,
    "%store x": POINTS,
    "import os\n%cd -q ..\n%cd -q -\nassert os.getcwd() == str(_dh[0]) != '/'": POINTS,
    "import getpass\ntry: getpass.getpass()\nexcept Exception as e: assert 'Stdin' in repr(type(e))": POINTS,
}
# cells that share one event loop, and a test that is right because they do
LOOP = {
    "a task of an earlier cell": (
        "import asyncio\ntask = asyncio.create_task(asyncio.sleep(0, 7))",
        "assert await task == 7",
    ),
    "what a task has done meanwhile": (
        "import asyncio\nlog = []\nasync def note(): log.append(1)\nasyncio.ensure_future(note());",
        "assert log == [1]",
    ),
    "a loop that runs": (
        "import asyncio\ntry:\n    x = asyncio.run(asyncio.sleep(0))\nexcept RuntimeError:\n    x = 1",
        "assert x == 1",
    ),
}


@pytest.fixture(scope="module", autouse=True)
def warm_process():
    yield
    WarmProcess.close_all()


@pytest.mark.parametrize(("test", "expected"), SHOWN.items())
def test_marks_are_nbgraders_own(test, expected, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it ipykernel leaves out what programs print
    cells = [("answer", "x = 1"), ("test", test)]
    assert points(cells, cell_seconds=2) == [expected]
    if "while" not in test:
        assert stock_points(cells) == [expected]


@pytest.mark.parametrize("cells", LOOP.values(), ids=LOOP)
def test_all_cells_run_in_one_event_loop(cells):
    cells = list(zip(("answer", "test"), cells, strict=True))
    assert points(cells) == stock_points(cells) == [POINTS]


def test_a_cell_that_awaits_too_long_does_not_go_on_in_the_next():
    waits = "import asyncio\nfor x in 1, 2:\n    await asyncio.sleep(5)"
    cells = [
        ("answer", waits),
        ("test", "assert x == 1"),
        ("test", "await asyncio.sleep(0.1); assert x == 1"),
    ]
    with graded(cells, cell_seconds=1) as found:
        assert [record["points"] for record in records(found)] == [POINTS, POINTS]
        assert [output.ename for output in found.cells[0].outputs] == [
            "KeyboardInterrupt",
            "CellTimeoutError",
        ]


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


def test_a_test_apart_has_what_a_test_inside_defines():
    inside = "import math\nseen = x + 1\ndef half(y): return y / 2"
    cells = [("answer", "x = 1"), ("test tests-inside", inside), ("plain", "seen = seen + 1")]
    cells += [("test tests-apart", "assert seen == 3 and math.pi > half(6)")]
    assert points(cells) == stock_points(cells) == [POINTS, POINTS]


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

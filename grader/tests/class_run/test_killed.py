"""A run that is killed at any moment: the next one gives equal marks, and nothing of the dead one stays."""

import json
import random
import signal
import time
from pathlib import Path

import pytest

from nbgrader_apart.testing import forked, small_course
from nbgrader_apart.testing.commands import environ, run_forked
from nbgrader_apart.testing.small_course import WRONG
from support.small_class import EXPECTED, SHEET, copied, grade, recorded, scores, started

pytestmark = pytest.mark.slow

TESTS = Path(__file__).resolve().parents[1]
OURS, NBGRADERS = ("nbgrader_apart", "grade", SHEET), ("nbgrader", "autograde", SHEET)
BY_OURS = [
    "nothing is laid out", "all is laid out", "between the renames", "the folder is in its place",
    "before the commit", "after the commit", "before the mark", "half a mark",
]  # fmt: skip
BY_NBGRADERS = [
    "nothing is laid out by nbgrader", "a notebook has no scores", "a notebook has scores", "before the mark",
]  # fmt: skip
BY_DAY = "a notebook has scores"
KILLS = 3
LONGEST = 6  # seconds after which a run is killed at the latest: it takes about as many


@pytest.fixture(scope="module")
def graded_once(generated, tmp_path_factory):
    """A course whose class is graded."""
    root = copied(generated, tmp_path_factory.mktemp("graded"))
    code, output = grade(root)
    assert code == 0, output
    return root


@pytest.fixture
def graded(graded_once, tmp_path, monkeypatch):
    """The same, when cat hands in another solution. Temporary files lie in it."""
    copied(graded_once, tmp_path)
    hand_in(tmp_path, "cat", {"dense-layer": WRONG})
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    return tmp_path


def hand_in(course, student, answers):
    path = course / "submitted" / student / SHEET / "layer.ipynb"
    path.write_text(json.dumps(small_course.answer(answers, "layer")))


def killed_at(course, moment, *command):
    environment = environ() | {"PYTHONPATH": str(TESTS)}
    done = forked.run(course, environment, "support.killed_at", moment, *command)
    code, output = done.returncode, done.stdout + done.stderr
    assert code == -signal.SIGKILL, output


def has_nothing_left(course):
    assert not list((course / "tmp").iterdir())
    assert not [path for path in course.glob("autograded/*/.*") if path.is_dir()]
    assert recorded(course) == set(EXPECTED)


def expected(**changed):
    return EXPECTED | {name: EXPECTED["cat"] | points for name, points in changed.items()}


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        *(
            pytest.param(moment, OURS, marks=[] if moment in BY_OURS[::3] else pytest.mark.nightly)
            for moment in BY_OURS
        ),
        *(pytest.param(moment, NBGRADERS, marks=pytest.mark.nightly) for moment in BY_OURS[2:]),
    ],
)
def test_the_next_run_of_either_command_ends_what_was_begun(graded, moment, then):
    killed_at(graded, moment, *OURS)
    code, output = run_forked(graded, *then)
    assert code == 0, output
    has_nothing_left(graded)
    assert scores(graded) == expected(cat={"layer-db": 0})


@pytest.mark.parametrize(
    "moment",
    [pytest.param(moment, marks=[] if moment == BY_DAY else pytest.mark.nightly) for moment in BY_NBGRADERS],
)
def test_nbgraders_command_goes_on_too(graded, moment):
    killed_at(graded, moment, *NBGRADERS, "--force", "--student", "cat")
    code, output = run_forked(graded, *NBGRADERS)
    assert code == 0, output
    has_nothing_left(graded)
    assert scores(graded) == expected(cat={"layer-db": 0})
    assert "без изменений 6" in grade(graded)[1]  # both commands know what is recorded


@pytest.mark.nightly
def test_killed_at_random_moments_by_either_command(graded):
    kill_at_random(graded, KILLS, random.Random(0))


def kill_at_random(course, kills, chance):
    """Kill one run after another, of both commands; let the last one end, and compare."""
    for number in range(kills):
        hand_in(course, "dan", [{"dense-layer": WRONG}, small_course.RIGHT["layer"]][number % 2])
        command, *options = [(OURS,), (NBGRADERS, "--force")][number // 2 % 2]
        with started(course, *options, command=command[:2]):  # kills it at the end
            time.sleep(chance.uniform(0, LONGEST))
    hand_in(course, "dan", small_course.RIGHT["layer"])
    code, output = grade(course)
    assert code == 0, output
    has_nothing_left(course)
    assert scores(course) == expected(cat={"layer-db": 0})

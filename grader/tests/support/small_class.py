"""A class of six for the tests: what they hand in, what they must get, and ways to grade them."""

import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psutil

from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import environ, marks, run_forked
from nbgrader_apart.testing.small_course import WRONG

SHEET = small_course.ASSIGNMENT
LAYER = {"layer": small_course.RIGHT["layer"]}
ZERO = dict.fromkeys(small_course.POINTS, 0)
RIGHT_LAYER = {
    name: points if name.startswith("layer") else 0 for name, points in small_course.POINTS.items()
}
CLASS = {
    "ann": (small_course.RIGHT, small_course.POINTS),
    "bob": ({"layer": {"dense-layer": WRONG}}, {**RIGHT_LAYER, "layer-db": 0}),
    "cat": (LAYER, RIGHT_LAYER),
    "dan": (LAYER, RIGHT_LAYER),
    "eve": (LAYER, RIGHT_LAYER),
}
EXPECTED = {student: points for student, (_, points) in CLASS.items()} | {"fay": ZERO}
SECONDS = 120
PAUSE = 0.02  # seconds between two looks


def copied(course, to):
    """A copy of the course in the folder `to`, which is there."""
    shutil.copytree(course, to, dirs_exist_ok=True)
    config = to / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(course), str(to)))
    return to


def nbgrader(course, *words):
    """What nbgrader says; it succeeds."""
    code, output = run_forked(course, "nbgrader", *words)
    assert code == 0, output
    return output


def grade(course, *options):
    """Run the command; (exit code, output)."""
    return run_forked(course, "nbgrader_apart", "grade", SHEET, *options)


def scores(course, url=None):
    """{student: {grade id of a test: score}}"""
    found = marks(course, url)
    return {name: {test: score for test, (score, _) in tests.items()} for name, tests in found.items()}


@contextmanager
def started(course, *options, command=("nbgrader_apart", "grade"), group=False):
    """The command, running, perhaps in a process group of its own; what it has started is gone afterwards."""
    command = [sys.executable, "-m", *command, SHEET, *options]
    with subprocess.Popen(
        command, cwd=course, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job ignores it
        process_group=0 if group else None,
    ) as process:  # fmt: skip
        yield process
        family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive, "processes outlive the command"


def recorded(course):
    """Students whose submission has been graded and recorded."""
    return {path.parts[-3] for path in course.glob(f"autograded/*/{SHEET}/.graded.json")}


def wait_until(condition, process):
    """Wait for the condition while the process runs."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stdout.read()
        time.sleep(PAUSE)

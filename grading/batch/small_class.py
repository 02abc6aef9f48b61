"""A class of six for the tests: what they hand in, what they must get, and ways to grade them."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import psutil

from grading.attacks import fixture
from grading.attacks.case import WRONG
from grading.attacks.grade import environ, marks, run_forked

SHEET = fixture.ASSIGNMENT
LAYER = {"layer": fixture.RIGHT["layer"]}
ZERO = dict.fromkeys(fixture.POINTS, 0)
RIGHT_LAYER = {name: points if name.startswith("layer") else 0 for name, points in fixture.POINTS.items()}
CLASS = {
    "ann": (fixture.RIGHT, fixture.POINTS),
    "bob": ({"layer": {"dense-layer": WRONG}}, {**RIGHT_LAYER, "layer-db": 0}),
    "cat": (LAYER, RIGHT_LAYER),
    "dan": (LAYER, RIGHT_LAYER),
    "eve": (LAYER, RIGHT_LAYER),
}
EXPECTED = {student: points for student, (_, points) in CLASS.items()} | {"fay": ZERO}
SECONDS = 120
PAUSE = 0.02  # seconds between two looks


def grade(course, *options):
    """Run the command; (exit code, output)."""
    return run_forked(course, "grading", "grade", SHEET, *options)


def scores(course, url=None):
    """{student: {grade id of a test: score}}"""
    found = marks(course, url)
    return {name: {test: score for test, (score, _) in tests.items()} for name, tests in found.items()}


@contextmanager
def started(course, *options):
    """The command, running; whatever it has started is gone afterwards."""
    command = [sys.executable, "-m", "grading", "grade", SHEET, *options]
    with subprocess.Popen(
        command, cwd=course, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job ignores it
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

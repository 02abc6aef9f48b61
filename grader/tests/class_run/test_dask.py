"""The same class on a scheduler and workers of dask.distributed, all on this machine."""

import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from nbgrader_apart.testing.commands import environ
from support.small_class import EXPECTED, SHEET, grade, recorded, scores, started, wait_until

pytestmark = pytest.mark.slow

DASK = [sys.executable, "-m", "dask"]


@contextmanager
def dask(folder, *arguments):
    """A command of Dask's in the folder, from the line that says it runs."""
    environment = environ() | {"DASK_TEMPORARY_DIRECTORY": str(folder)}
    with subprocess.Popen(
        [*DASK, *arguments], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()  # and it cleans up


@pytest.fixture
def scheduler(tmp_path):
    """The address of a running scheduler."""
    arguments = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with dask(tmp_path, *arguments) as process:
        line = next(line for line in process.stderr if "Scheduler at:" in line)
        yield line.split()[-1]


@contextmanager
def worker(folder, address, *kind):
    """A worker that has joined the scheduler."""
    kind = kind or ("--nthreads", "1", "--no-nanny")
    arguments = [address, *kind, "--no-dashboard", "--host", "127.0.0.1"]
    with dask(folder, "worker", *arguments) as process:
        next(line for line in process.stderr if "Registered to" in line)
        yield process


def test_a_worker_killed_in_the_middle_loses_nothing(course, scheduler):
    with worker(course, scheduler) as first, worker(course, scheduler):
        with started(course, "--scheduler", scheduler) as process:
            wait_until(lambda: recorded(course), process)
            first.kill()
            assert process.wait(120) == 0, process.stdout.read()
        assert scores(course) == EXPECTED
        assert "без изменений 6" in grade(course, "--scheduler", scheduler)[1]


def test_a_cluster_without_workers_is_told(course, scheduler):
    code, output = grade(course, "--scheduler", scheduler)
    assert code == 1
    assert "нет ни одного рабочего узла" in output


def test_a_worker_with_another_course_is_told(course, scheduler, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(course / "source", other / "source")
    config = (course / "nbgrader_config.py").read_text()
    (other / "nbgrader_config.py").write_text(config.replace(str(course), str(other)))
    with (other / "source" / SHEET / "checks" / "layer.py").open("a") as checks:
        checks.write("\n# another version\n")
    with worker(other, scheduler):
        code, output = grade(course, "--scheduler", scheduler)
    assert code == 1
    assert "не годится" in output
    assert "Traceback" not in output


@pytest.mark.nightly
@pytest.mark.parametrize(
    "kind",
    [("--nthreads", "1", "--no-nanny"), ("--nthreads", "2")],
)
def test_a_submission_that_goes_on_for_too_long_is_given_up_there_too(sleeper, scheduler, kind):
    with worker(sleeper, scheduler, *kind):
        code, output = grade(sleeper, "--scheduler", scheduler)
    assert code == 1
    assert "Не оценена работа sam: Не хватило времени" in output
    assert scores(sleeper) == EXPECTED

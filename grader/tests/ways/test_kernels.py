"""Kernels of other languages run in the sandbox if they are installed."""

import json
import sys

import pytest

from nbgrader_apart.model.course import CourseError
from nbgrader_apart.processes.warm_process import WarmProcess
from support.one_test import POINTS, graded, points, records

pytestmark = pytest.mark.slow

BASH = {"name": "some-bash", "display_name": "Bash", "language": "bash"}
CELLS = [
    ("answer", "x=3"),
    ("test", '[ "$x" -eq 3 ]'),
    ("test", 'echo "$x"; [ ! -e /boot ] && [ ! -w /usr ]'),
]


@pytest.fixture(autouse=True)
def bash_kernel(tmp_path, monkeypatch):
    folder = tmp_path / "kernels" / BASH["name"]
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": command} | BASH))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    yield
    WarmProcess.close_all()


def test_another_language_is_graded_in_the_sandbox():
    with graded(CELLS, kernel=BASH) as found:
        assert [record["points"] for record in records(found)] == [POINTS, POINTS]
        assert found.cells[2].outputs[0].text == "3\n"
    assert points(CELLS, ["x=4"], kernel=BASH) == [0, POINTS]


@pytest.mark.nightly
def test_an_endless_cell_of_another_language_is_interrupted():
    cells = [("answer", "while true; do sleep 0.1; done"), ("test", "true")]
    with graded(cells, kernel=BASH, cell_seconds=2) as found:
        assert "CellTimeoutError" in [output.get("ename") for output in found.cells[0].outputs]


def test_a_kernel_that_is_not_installed_is_refused_by_name():
    with pytest.raises(CourseError, match="blah"):
        points(CELLS, kernel={"name": "blah", "language": "blah", "display_name": "Blah"})


def test_tests_in_another_language_cannot_run_apart():
    with pytest.raises(CourseError, match="bash"):
        points(CELLS, kernel=BASH, tests="apart")

"""A submission that goes on for too long is given up: no score for it, the right ones for the others."""

import time
from pathlib import Path

import psutil
import pytest

from nbgrader_apart.class_run import task as work
from nbgrader_apart.class_run.gradebook_writer import GradebookWriter
from nbgrader_apart.class_run.grading_run import Run
from nbgrader_apart.model.course import Course
from nbgrader_apart.processes.bounded import OutOfTime
from nbgrader_apart.processes.warm_process import WarmProcess
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import run_forked
from support.small_class import EXPECTED, SECONDS, SHEET, recorded, scores, started, wait_until

pytestmark = pytest.mark.slow


def test_the_class_command_gives_it_up(sleeper, tmp_path_factory, monkeypatch):
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setenv("TMPDIR", str(temporary))
    with started(sleeper) as process:
        wait_until(lambda: recorded(sleeper) == set(EXPECTED), process)
        family = psutil.Process(process.pid).children(recursive=True)
        assert process.wait(SECONDS) == 1
        assert "Не оценена работа sam: Не хватило времени" in process.stdout.read()
        assert not psutil.wait_procs(family, timeout=10)[1]
    assert scores(sleeper) == EXPECTED
    assert not list(temporary.iterdir())


@pytest.mark.nightly
def test_nbgraders_command_gives_it_up_and_forgets_an_older_score(sleeper):
    notebook = sleeper / "submitted" / "sam" / SHEET / "layer.ipynb"
    endless = notebook.read_text()
    notebook.write_text(endless.replace("time.sleep(3)", "time.sleep(0)"))
    assert run_forked(sleeper, "nbgrader", "autograde", SHEET, "--student", "sam")[0] == 0
    assert scores(sleeper)["sam"] == EXPECTED["eve"]
    notebook.write_text(endless)
    code, output = run_forked(sleeper, "nbgrader", "autograde", SHEET, "--force")
    assert code == 1
    assert "Не хватило времени" in output
    assert scores(sleeper) == EXPECTED | {"sam": dict.fromkeys(small_course.POINTS)}


def test_sandbox_and_judge_end_with_a_call_that_is_killed(entered):
    path = entered / "source" / SHEET / "layer.ipynb"
    endless = "import ctypes\\nctypes.CDLL(None).prctl(15, b'endless')\\nwhile True: pass"  # PR_SET_NAME
    path.write_text(path.read_text().replace("check.forward(DenseLayer, trials=20)", endless))
    found = Course()
    call = work.start(
        Run(found, GradebookWriter(found, SHEET), found.submitted(SHEET, ["ann"]), True).task("ann")
    )
    try:
        *_, warm = WarmProcess.running.values()  # the newest: other tests have had theirs
        server, deadline = psutil.Process(warm.process.pid), time.monotonic() + SECONDS
        while not [child for child in server.children() if child.name() == "endless"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        family = server.children(recursive=True) + psutil.Process(call.process.pid).children(recursive=True)
        assert len(family) > 2  # the judge, the kernel, bubblewrap
        call.deadline = time.monotonic()
        with pytest.raises(OutOfTime):
            call.result()
        call.end()
        assert not psutil.wait_procs(family, timeout=10)[1]
        assert not Path(call.folder.name).exists()
    finally:
        call.end()
        WarmProcess.close_all()

"""What the grader's processes die of reaches it in their own words, in a sentence of the catalogue."""

import ast
import os
import socket
import sys

import pytest
from nbformat.v4 import new_code_cell

from nbgrader_apart.inside import entry as inside
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.messages import text
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.processes import kernel, sandbox, warm_process
from nbgrader_apart.processes.failed import ProcessFailed
from nbgrader_apart.wire import connection

pytestmark = pytest.mark.slow

WARM_UPS = {
    "import no_such_package": "ModuleNotFoundError: No module named 'no_such_package' (c.Grading.warm_up, 1)",
    "x = 1\nx +": "SyntaxError: invalid syntax (c.Grading.warm_up, line 2)",
    "raise SystemExit('licence expired')": "SystemExit: licence expired (c.Grading.warm_up, 1)",
    "import os\nos._exit(7)": "процесс завершился с кодом 7",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)": "процесс остановлен сигналом SIGKILL",
    "import os\nos.abort()": "Fatal Python error: Aborted",
    "import os\nos.write(2, b'libomp: already here\\n')\nos._exit(1)": "libomp: already here",
}
DEATHS = {
    "import os\nos._exit(3)": "процесс завершился с кодом 3",
    "import os\nos.abort()": "Fatal Python error: Aborted",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)": "процесс остановлен сигналом SIGKILL",
}
DESCRIPTORS = "import os\n[os.readlink(f'/proc/self/fd/{number}') for number in (0, 1, 2)]"


@pytest.fixture
def package(tmp_path):
    """The source folder of an assignment, without packages."""
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


@pytest.fixture
def started(package, tmp_path):
    """Start a kernel with these settings and these of the learner's files; it ends with the test."""
    kernels = []

    def started(files=(), **settings):
        stage = tmp_path / "submitted"
        stage.mkdir(exist_ok=True)
        for name, data in dict(files).items():
            (stage / name).write_bytes(data)
        one = kernel.LearnersKernel(Grading(**settings), stage, Shipped(package))
        kernels.append(one)
        one.start()
        return one

    yield started
    for one in kernels:
        one.close()
    warm_process.WarmProcess.close_all()


@pytest.fixture
def judged(package):
    """A judge that has turned to a notebook with a kernel in which nothing runs; it ends with the test."""
    judges = []

    def judged(learners, **settings):
        one = Judge(Grading(**settings), package, learners.provisioner.shipped)
        judges.append(one)
        one.start_notebook({}, learners.judge_end, learners.pid)
        return one

    yield judged
    for one in judges:
        one.close()


@pytest.mark.parametrize("code", WARM_UPS)
def test_a_warm_up_that_fails(started, code):
    with pytest.raises(ProcessFailed) as failed:
        started(warm_up=code)
    assert str(failed.value) == text("warm.failed", reason=WARM_UPS[code])


def test_a_warm_process_that_dies_later(started):
    started()
    [warm] = warm_process.WarmProcess.running.values()
    warm.process.kill()
    with pytest.raises(ProcessFailed, match="процесс остановлен сигналом SIGKILL"):
        warm.fork("judge", {}, [])
    started()  # from a new one


def test_a_warm_up_that_takes_too_long(started, monkeypatch):
    monkeypatch.setattr(warm_process, "START", 2)
    with pytest.raises(ProcessFailed) as failed:
        started(warm_up="import time\ntime.sleep(20)")
    assert str(failed.value) == text("warm.late", seconds=2)
    [warm] = warm_process.WarmProcess.running.values()
    warm.process.kill()


def test_a_shipped_package_that_cannot_be_imported(started, package):
    (package / "checks").mkdir()
    (package / "checks" / "__init__.py").write_text("\nimport no_such_package\n")
    with pytest.raises(ProcessFailed, match=r"'no_such_package' \(__init__.py, 2\)"):
        started()


def test_a_fork_that_finds_no_sandbox(started):
    started()
    [warm] = warm_process.WarmProcess.running.values()
    with pytest.raises(ProcessFailed, match=r"ProcessLookupError: .*No such process"):
        warm.fork("kernel", {"pid": 1 << 22}, [0, 0, 0])


@pytest.mark.parametrize("warm", [True, False])
def test_a_kernel_whose_disk_is_full(started, warm):
    with pytest.raises(ProcessFailed, match=r"не запустилось: OSError: .*No space left on device"):
        started(files={"data.csv": bytes(2 << 20)}, disk_mb=1, warm=warm)


def test_a_cold_kernel_without_memory(started):
    with pytest.raises(ProcessFailed, match=r"Ядро тетради не запустилось: .*[Mm]emory"):
        started(memory_mb=1, warm=False)


def test_a_kernel_that_has_not_even_memory_to_pack_that(monkeypatch):
    def no_memory(*_):
        raise MemoryError

    monkeypatch.setattr(inside.os, "_exit", sys.exit)
    monkeypatch.setattr(connection, "packed", no_memory)
    grader, cells = socket.socketpair()
    with pytest.raises(SystemExit):
        inside.run_kernel({"cells": cells.detach()}, no_memory)
    assert connection.Wire(grader, 1000).receive(1) == {"msg_type": "failed", "content": "MemoryError"}


@pytest.mark.parametrize("warm", [True, False])
def test_bubblewrap_that_fails_at_a_kernel(started, tmp_path, monkeypatch, warm):
    sandbox.check()
    monkeypatch.setenv("LC_ALL", "C")
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho bwrap: something else >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises((ProcessFailed, sandbox.SandboxUnavailable), match=r": bwrap: something else\.$"):
        started(warm=warm)


def test_a_cold_kernel_that_python_cannot_start(started, monkeypatch):
    environment = sandbox.environment() | {"PYTHONPATH": "/nowhere"}
    monkeypatch.setattr(sandbox, "environment", lambda: environment)
    with pytest.raises(ProcessFailed, match=r"не запустилось: .*nbgrader_apart.inside.entry"):
        started(warm=False)


@pytest.mark.parametrize("settings", [{}, {"warm": False}, {"unsafe_without_sandbox": True}])
def test_learners_code_cannot_write_where_the_grader_looks_for_reasons(started, settings):
    learners = started(**settings)
    cell = new_code_cell(DESCRIPTORS)
    learners.run_cell(cell)
    stdin, *printed = ast.literal_eval(cell.outputs[0].data["text/plain"])
    assert stdin == "/dev/null"
    assert all(file.endswith(" (deleted)") for file in printed)  # nameless files of the kernel's own
    assert learners.provisioner.process.stderr.closed


@pytest.mark.parametrize("code", DEATHS)
def test_a_judge_that_dies_at_a_test(started, judged, code):
    judge = judged(started())
    assert judge.test(code, "a", [])[0][0]["evalue"] == text("judge.died", reason=DEATHS[code])
    assert judge.test("1", "b", [])[0][0]["evalue"] == text("judge.died", reason=text("judge.gone"))


def test_a_locked_cell_that_fails(started, judged):
    judge = judged(started())
    with pytest.raises(ProcessFailed) as failed:
        judge.trusted("one = 1\ntwo = three", "data")
    reason = "NameError: name 'three' is not defined (<data>, 2)"
    assert str(failed.value) == text("judge.locked", name="data", reason=reason)


def test_a_judge_that_cannot_begin(started, judged, package):
    learners = started()
    with pytest.raises(ProcessFailed, match=r"ModuleNotFoundError: No module named 'absent'"):
        judged(learners, mirrored=["absent.function"])
    package.rmdir()
    with pytest.raises(ProcessFailed, match=r"FileNotFoundError: .*No such file or directory"):
        judged(learners)

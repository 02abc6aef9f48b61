"""Limits on time count what a kernel could use: other processes of the machine cost nobody a mark."""

import os
import subprocess
import time

import pytest

from nbgrader_apart.judge.sandbox_client import SandboxClient, SandboxError
from nbgrader_apart.wire.connection import Wire
from support.cells_in_kernel import names, run

pytestmark = pytest.mark.slow

OTHERS = 4
LIMIT = 1  # second
WORK = """
import time
def work(seconds):
    started = time.process_time()
    while time.process_time() < started + seconds:
        pass
"""
ENOUGH, TOO_MUCH = f"work({LIMIT / 3})", f"work({LIMIT * 3})"


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.nightly)], ids=["warm", "cold"])
def crowded(request, start):
    """A kernel that shares one processor with others, each of them in a session of its own."""
    kernel = start(warm=request.param, cell_seconds=LIMIT)
    processor = min(os.sched_getaffinity(0))
    assert not names(run(kernel, f"{WORK}\nimport os\nos.sched_setaffinity(0, [{processor}])"))
    busy = ["taskset", "--cpu-list", str(processor), "sh", "-c", "while :; do :; done"]
    others = [subprocess.Popen(busy, start_new_session=True) for _ in range(OTHERS)]
    yield kernel
    for other in others:
        other.kill()
        other.wait()


def test_a_cell_has_its_time(crowded):
    started, left = time.monotonic(), crowded.left
    assert not names(run(crowded, ENOUGH))
    assert time.monotonic() - started > LIMIT
    assert left - crowded.left < LIMIT
    assert "CellTimeoutError" in names(run(crowded, TOO_MUCH))


@pytest.mark.nightly
def test_a_call_by_a_test_has_its_time(crowded):
    client = SandboxClient(Wire(crowded.judge_end, 1 << 20), [], LIMIT, crowded.pid)
    work = client.values(["work"])["work"]
    started = time.monotonic()
    work(LIMIT / 3)
    assert time.monotonic() - started > LIMIT
    with pytest.raises(SandboxError):
        work(LIMIT * 3)

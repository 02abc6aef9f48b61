"""The benchmark, ended by a signal, ends the command that it measures."""

import signal
import subprocess
import sys
import time

import psutil

from course.build.paths import ROOT

SECONDS = 60


def test_a_benchmark_that_is_ended_leaves_no_command_and_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    command = [sys.executable, "-m", "proof.bench", "quick"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as bench:
        deadline = time.monotonic() + SECONDS
        log, family = "bench-*/stock/log.txt", []  # imports may start processes too
        while not (
            list(tmp_path.glob(log)) and (family := psutil.Process(bench.pid).children(recursive=True))
        ):
            assert time.monotonic() < deadline
            assert bench.poll() is None, bench.stderr.read()
            time.sleep(0.1)
        bench.terminate()
        assert bench.wait(SECONDS) == 128 + signal.SIGTERM
        assert bench.stderr.read() == "interrupted\n"
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not list(filter(runs, alive))
    assert not list(tmp_path.iterdir())


def runs(process):
    """Whether it is more than a zombie that nobody has waited for yet."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

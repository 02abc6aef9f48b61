"""Bounded calls: answers, exceptions, deaths and deadlines come back, and nothing stays."""

import multiprocessing
import os
import re
import signal
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from nbgrader_apart.processes.bounded import FORK, Call, Died, OutOfTime, call
from nbgrader_apart.processes.failed import sentence
from nbgrader_apart.processes.warm_process import WarmProcess

at_the_next_fork = []  # signals that arrive while this process forks
os.register_at_fork(before=lambda: at_the_next_fork and os.kill(os.getpid(), at_the_next_fork.pop()))


class Odd(Exception):
    """Cannot be unpickled: it takes two arguments."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def throw(error):
    raise error


def stuck_in_c():
    """Python's own signal handlers do not run while the expression backtracks."""
    re.match(r"(a+)+b", "a" * 60)


def test_what_the_function_returns_comes_back():
    assert call(divmod, 7, 2, seconds=20) == (3, 1)


def test_what_it_raises_is_raised_here():
    with pytest.raises(TimeoutError, match="its own") as raised:
        call(throw, TimeoutError("its own"), seconds=20)
    assert "(test_bounded.py, " in sentence(raised.value)
    with pytest.raises(RuntimeError, match="Odd: one two"):
        call(throw, Odd("one", "two"), seconds=20)
    with pytest.raises(RuntimeError, match="SystemExit: 3"):
        call(throw, SystemExit(3), seconds=20)
    with pytest.raises(Exception, match="lambda"):
        call(lambda: lambda: "cannot cross", seconds=20)


def test_a_call_that_hangs_in_c_code_is_killed_when_its_seconds_are_over():
    running = Call(stuck_in_c, seconds=0.3)
    started = time.monotonic()
    with pytest.raises(OutOfTime):
        running.result()
    assert running.is_due()
    running.end()
    assert time.monotonic() - started < 10
    assert running.process.exitcode == -signal.SIGKILL


def test_a_death_is_told_with_its_signal():
    with pytest.raises(Died, match="SIGKILL"):
        call(lambda: os.kill(os.getpid(), signal.SIGKILL), seconds=20)
    with pytest.raises(Died, match="3"):
        call(os._exit, 3, seconds=20)


def test_what_a_killed_call_wrote_into_its_temporary_folder_is_removed(tmp_path):
    def write():
        folder = Path(tempfile.mkdtemp())
        (folder / "large").write_bytes(b"0" * 1000)
        (tmp_path / "told").write_text(str(folder))
        time.sleep(60)

    running = Call(write, seconds=60)
    while not (tmp_path / "told").exists() or not (tmp_path / "told").read_text():
        time.sleep(0.01)
    folder = Path((tmp_path / "told").read_text())
    assert folder.is_dir()
    running.end()
    assert not folder.parent.exists()


def test_an_interrupt_during_the_fork_is_not_lost_and_ends_the_fork():
    at_the_next_fork.append(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        call(time.sleep, 60, seconds=60)
    assert not multiprocessing.active_children()


def test_a_lock_of_the_warm_process_that_another_thread_holds_is_free_in_the_call():
    with WarmProcess.lock:
        assert call(lambda: WarmProcess.lock.acquire(timeout=1), seconds=20)


def test_the_call_dies_with_its_caller(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # a killed caller removes nothing

    def caller():
        inner = Call(time.sleep, 60, seconds=60)
        (tmp_path / "pid").write_text(str(inner.process.pid))
        os.kill(os.getpid(), signal.SIGKILL)

    if (pid := os.fork()) == 0:
        caller()
    os.waitpid(pid, 0)
    inner = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10
    while psutil.pid_exists(inner) and psutil.Process(inner).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_call_that_cannot_begin_leaves_signals_as_they_were(monkeypatch):
    def cannot(process):
        raise BlockingIOError("Resource temporarily unavailable")

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(FORK.Process, "start", cannot)
    with pytest.raises(BlockingIOError):
        call(divmod, 7, 2, seconds=20)
    assert signal.getsignal(signal.SIGINT) is before

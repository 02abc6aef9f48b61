"""Temporary folders: gone when their process ends, however it ends, and nothing else with them."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager

import psutil
import pytest

from nbgrader_apart import locks, scratch
from nbgrader_apart.testing import forked

WAITS = """
from nbgrader_apart import scratch
(scratch.folder() / "file").write_text("large")
print(flush=True)
input()
"""
WAITING = "bwrap --die-with-parent --unshare-user --unshare-pid --info-fd 2 --userns-block-fd 0 --ro-bind"
FORKS = """
import os
from nbgrader_apart import scratch
own = scratch.folder()
if (fork := os.fork()) == 0:
    assert scratch.folder() != own
    os._exit(0)
os.waitpid(fork, 0)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's temporary folder, for this test and what it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def owner():
    """A process that has a folder with a file, and waits."""
    command, environment = [sys.executable, "-c", WAITS], forked.environment()
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_a_process_that_ends_leaves_nothing_of_itself_and_its_forks(temporary):
    with owner() as process:
        assert [path.name for path in temporary.glob("*/*")] == ["file"]
        process.communicate(b"\n")
    assert not list(temporary.iterdir())
    subprocess.run([sys.executable, "-c", FORKS], env=forked.environment(), check=True)
    assert not list(temporary.iterdir())


def test_a_killed_ones_folder_is_removed_by_the_next_and_a_living_ones_is_not(temporary):
    with owner() as killed, owner() as alive:
        dead, kept = sorted(temporary.iterdir(), key=lambda path: path.stat().st_ctime_ns)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        scratch.remove_abandoned()
        assert list(temporary.iterdir()) == [kept]
        assert (kept / "file").exists()
        alive.communicate(b"\n")
    assert dead != kept
    assert not list(temporary.iterdir())


def test_bubblewraps_child_that_waits_for_ever_ends_with_the_folder(temporary):
    with owner() as killed:
        [folder] = temporary.iterdir()
        children = [interrupted_bubblewrap(path) for path in (folder, temporary)]
        killed.kill()
        killed.wait()
        scratch.remove_abandoned()
    ended, alive = psutil.wait_procs(children, timeout=2)
    assert (ended, alive) == (children[:1], children[1:])  # the other one's sandbox is somebody else's
    children[1].kill()


def interrupted_bubblewrap(folder):
    """The child of a bubblewrap that has been killed before it let it go on."""
    command = [*WAITING.split(), folder, "/stage", "true"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as bubblewrap:
        bubblewrap.stderr.readline()
        [child] = psutil.Process(bubblewrap.pid).children()
        bubblewrap.kill()
        bubblewrap.wait()
        assert child.is_running()
        return child


def test_what_only_looks_like_such_a_folder_stays(temporary):
    stranger = temporary / "stranger"
    stranger.mkdir(mode=0o700)
    (temporary / "grading-run-link0000").symlink_to(stranger)
    (temporary / "grading-run-public00").mkdir(mode=0o755)
    (temporary / "grading-run-of-somebody").mkdir(mode=0o700)
    (temporary / "grading-run-file0000").touch(mode=0o700)
    before = sorted(temporary.iterdir())
    if os.getuid() == 0:  # only root may give a folder away
        other = temporary / "grading-run-another0"
        other.mkdir(mode=0o700)
        os.chown(other, 12345, 12345)
        before = sorted([*before, other])
    scratch.remove_abandoned()
    assert sorted(temporary.iterdir()) == before


def test_a_new_folder_that_is_taken_for_a_dead_ones_is_made_again(temporary, monkeypatch):
    taken = []

    def lock(folder, kind):
        if not taken:
            taken.append(folder)
            folder.rmdir()
        return descriptor_of(folder, kind)

    descriptor_of = locks.lock
    monkeypatch.setattr(locks, "lock", lock)
    made = scratch._folder_of.__wrapped__(os.getpid())
    assert made.is_dir()
    assert taken != [made]


def test_without_locks_in_the_file_system_there_is_a_folder_and_nobodys_is_removed(temporary, monkeypatch):
    def no_lock(folder, kind):
        raise OSError("no locks here")

    monkeypatch.setattr(locks, "lock", no_lock)
    first, second = (scratch._folder_of.__wrapped__(os.getpid()) for _ in range(2))
    assert {first, second} == set(temporary.iterdir())

"""What ends a run from outside: signals, full disks, failing databases. One sentence, nothing is lost."""

import errno
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest
from sqlalchemy import exc

from nbgrader_apart.model.course import CourseError, GradebookError, explained
from nbgrader_apart.processes.bounded import Call
from nbgrader_apart.processes.pool import CallPool
from nbgrader_apart.testing.commands import environ, run_forked
from support.small_class import EXPECTED, SECONDS, SHEET, recorded, scores, started, wait_until

pytestmark = pytest.mark.slow

OURS, NBGRADERS = ("nbgrader_apart", "grade"), ("nbgrader", "autograde")
EITHER = [OURS, pytest.param(NBGRADERS, marks=pytest.mark.nightly)]
SENTENCE = "Прервано. Всё, что успели оценить, записано; следующий запуск продолжит с этого места."


def begun(course):
    """Whether a submission has been graded."""
    return bool(list(course.glob(f"autograded/*/{SHEET}/.graded.json")))


@pytest.mark.parametrize(
    ("command", "number"),
    [
        (OURS, signal.SIGINT),
        pytest.param(NBGRADERS, signal.SIGTERM, marks=pytest.mark.nightly),
        pytest.param(OURS, signal.SIGTERM, marks=pytest.mark.nightly),
        pytest.param(NBGRADERS, signal.SIGINT, marks=pytest.mark.nightly),
    ],
)
def test_a_signal_ends_the_run_with_one_sentence_and_its_code(course, monkeypatch, command, number):
    (course / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(course / "tmp"))
    with started(course, command=command, group=True) as process:
        wait_until(lambda: begun(course), process)
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, number)  # to all of them, as a terminal does
        code = process.wait(60)
        said = process.stdout.read()
        _, alive = psutil.wait_procs(family, timeout=20)
    assert code == 128 + number, said
    assert said.count(SENTENCE) == 1
    assert "Traceback" not in said
    assert not alive
    assert not list((course / "tmp").iterdir())
    assert {path.parts[-2] for path in course.glob(f"autograded/*/{SHEET}")} == recorded(course)
    code, output = run_forked(course, *command, SHEET)
    assert code == 0, output
    assert scores(course) == EXPECTED


def test_a_signal_that_comes_while_a_fork_starts_ends_the_fork_too():
    def start(_):
        call = Call(time.sleep, SECONDS, seconds=SECONDS)
        signal.raise_signal(signal.SIGTERM)
        return call

    def stop(*_):
        raise SystemExit

    before = signal.signal(signal.SIGTERM, stop)
    local = CallPool(start, 1)
    try:
        with pytest.raises(SystemExit):
            list(local.run(["ann"], print))
        assert multiprocessing.active_children()
        local.close()
        assert not multiprocessing.active_children()
    finally:
        signal.signal(signal.SIGTERM, before)


def with_small_disk(course, folder, kilobytes, *command, environment=()):
    """Run the command in a mount namespace where the folder is a disk of its own; (code, output)."""
    folder.mkdir(exist_ok=True)
    own = "mount -t tmpfs -o size=$1k,mode=777 tmpfs $0 && shift"
    own += ' && { test $0 != database || cp gradebook.db $0; exec "$@"; }'
    as_root, as_before = [], []
    if os.getuid():
        as_root = ["--map-root-user"]
        as_before = ["unshare", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
    done = subprocess.run(
        ["unshare", *as_root, "--mount", "sh", "-c", own, folder.name, str(kilobytes), *as_before,
         sys.executable, "-m", *command, SHEET],
        cwd=course, env=environ() | dict(environment), capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("command", EITHER)
@pytest.mark.parametrize(
    ("folder", "kilobytes", "variable", "sentence"),
    [
        ("autograded", 100, {}, "не осталось места (No space left on device)"),
        pytest.param(
            "tmp", 20, {"TMPDIR": "{}"}, "не осталось места (No space left on device)",
            marks=pytest.mark.nightly,
        ),
        pytest.param(
            "database", 160, {"GRADEBOOK_URL": "sqlite:///{}/gradebook.db"},
            "Журнал оценок не отвечает: database or disk is full",
            marks=pytest.mark.nightly,
        ),
    ],
)  # fmt: skip
def test_a_full_disk_is_one_sentence(course, command, folder, kilobytes, variable, sentence):
    place = course / folder
    environment = {name: value.format(place) for name, value in variable.items()}
    code, output = with_small_disk(course, place, kilobytes, *command, environment=environment)
    assert code == 1
    assert output.count(sentence) == 1, output
    assert "Traceback" not in output
    assert not list(place.iterdir())
    code, output = run_forked(course, *command, SHEET)
    assert code == 0, output
    assert scores(course) == EXPECTED


@pytest.mark.parametrize("command", EITHER)
def test_a_gradebook_that_is_locked_in_mid_run_ends_it_and_keeps_what_was_recorded(course, command):
    with started(course, *([] if command == NBGRADERS else ["--workers", "1"]), command=command) as process:
        wait_until(lambda: begun(course), process)
        with sqlite3.connect(course / "gradebook.db", isolation_level=None, timeout=30) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert process.wait(SECONDS) == 1
        said = process.stdout.read()
    assert "database is locked" in said
    assert "Traceback" not in said
    before = recorded(course)
    assert set() < before < set(EXPECTED)
    assert {path.parts[-2] for path in course.glob(f"autograded/*/{SHEET}")} == before
    code, output = run_forked(course, *command, SHEET)
    assert code == 0, output
    assert scores(course) == EXPECTED


@pytest.mark.parametrize(
    "raised",
    [
        exc.OperationalError("SELECT", {}, sqlite3.OperationalError("disk I/O error\nmore")),
        exc.DatabaseError("SELECT", {}, sqlite3.DatabaseError("database disk image is malformed")),
        exc.InterfaceError("SELECT", {}, sqlite3.InterfaceError("")),
        exc.IntegrityError("SELECT", {}, sqlite3.IntegrityError("FOREIGN KEY constraint failed")),
        exc.ResourceClosedError("This Connection is closed"),
    ],
)
def test_whatever_the_database_raises_is_one_sentence(raised):
    with pytest.raises(GradebookError) as told, explained():
        raise raised
    assert "\n" not in str(told.value)
    assert (str(raised.orig).partition("\n")[0] if hasattr(raised, "orig") else "closed") in str(told.value)


def test_what_does_not_fit_on_a_disk_with_room_is_about_this_submission_alone(tmp_path):
    with pytest.raises(CourseError) as told, explained(tmp_path):
        raise OSError(errno.EFBIG, "File too large")
    assert type(told.value) is CourseError
    assert str(tmp_path) in str(told.value)
    with pytest.raises(PermissionError), explained(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")

"""A small class graded at once: marks, resuming, deaths in the middle, other places to record."""

import json
import os
import re
import signal
import sqlite3

import psutil
import pytest

from nbgrader_apart.model.course import forbidden
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import run_forked
from nbgrader_apart.testing.small_course import WRONG
from support.postgresql import postgresql
from support.small_class import EXPECTED, SECONDS, SHEET, grade, recorded, scores, started, wait_until

pytestmark = pytest.mark.slow


def test_a_class_is_graded_once_and_again_only_what_has_changed(course):
    code, output = grade(course)
    assert code == 0, output
    assert scores(course) == EXPECTED
    assert "Не принята fay, layer" in output
    code, output = grade(course)
    assert code == 0
    assert "без изменений 6" in output
    path = course / "submitted" / "cat" / SHEET / "layer.ipynb"
    path.write_text(json.dumps(small_course.answer({"dense-layer": WRONG}, "layer")))
    code, output = grade(course)
    assert "Оценено 1, без изменений 5" in output
    assert scores(course)["cat"]["layer-db"] == 0
    code, output = grade(course, "--student", "ann", "--force", "--quiet")
    assert (code, output) == (0, "")
    assert not list(course.glob("autograded/*/.*"))


def test_interrupted_it_says_so_and_killed_in_the_middle_it_goes_on(course):
    with started(course, "--workers", "1") as process:
        wait_until(lambda: recorded(course), process)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert "Прервано" in process.stdout.read()
    interrupted = recorded(course)
    assert interrupted < set(EXPECTED)
    with started(course, "--workers", "1") as process:
        wait_until(lambda: recorded(course) > interrupted, process)
    killed = recorded(course)
    assert killed < set(EXPECTED)
    code, output = grade(course)
    assert code == 0, output
    assert f"без изменений {len(killed)}" in output
    assert scores(course) == EXPECTED


def test_a_worker_that_dies_takes_nobody_with_it(sleeper):
    with started(sleeper) as process:
        wait_until(lambda: recorded(sleeper) == set(EXPECTED), process)
        children = psutil.Process(process.pid).children()
        (call,) = [child for child in children if "grade" in child.cmdline()]  # sam's
        call.kill()
        assert process.wait(SECONDS) == 1
        output = " ".join(process.stdout.read().split())
        assert re.search(r"Не оценена работа sam: .* остановлен сигналом SIGKILL", output)
    assert scores(sleeper) == EXPECTED


def refused(course, sentence):
    code, output = grade(course)
    assert code == 1
    assert sentence in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda course: (course / "gradebook.db").unlink(), "generate_assignment sheet"),
        (lambda course: schema(course, "0"), "nbgrader db upgrade"),
        (lambda course: (course / "gradebook.db").write_bytes(b"no database" * 100), "not a database"),
        (lambda course: refuse_writing(course), "Журнал оценок не отвечает: read-only"),
        (
            lambda course: (course / "nbgrader_config.py").write_text("import nosuch"),
            "does not run",
        ),  # in no language
        (lambda course: (course / "requirements.txt").write_text("nosuch==1"), "nosuch не установлен"),
    ],
)
def test_a_course_that_cannot_serve_is_told(course, spoil, sentence):
    spoil(course)
    refused(course, sentence)
    assert not recorded(course)
    assert not list(course.glob("autograded/*/.*"))


def refuse_writing(course):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute(
            "CREATE TRIGGER no BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'read-only'); END"
        )


def schema(course, number):
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (number,))


def test_a_folder_that_cannot_be_written_costs_nobody_else_the_grading(course):
    (course / "autograded").mkdir()
    (course / "autograded" / "bob").write_text("in the way")
    code, output = grade(course)
    assert code == 1
    assert "Не оценена работа bob: В папку" in output
    assert scores(course) == {student: points for student, points in EXPECTED.items() if student != "bob"}


@pytest.mark.nightly
def test_nor_in_nbgraders_command(course):
    (course / "autograded").mkdir()
    (course / "autograded" / "bob").write_text("in the way")
    code, output = run_forked(course, "nbgrader", "autograde", SHEET)
    assert code == 1
    assert "Не оценена работа bob: В папку" in output
    assert scores(course) == {student: points for student, points in EXPECTED.items() if student != "bob"}


def test_a_submission_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode & os.W_OK)  # root may read everything
    assert "нельзя прочитать" in forbidden("bob", tmp_path, tmp_path / "autograded" / "bob" / SHEET)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nosuch"], "Задания «nosuch» нет"),
        ([SHEET, "--student", "zoe"], "Нет ни одной работы"),
        pytest.param(
            [SHEET, "--scheduler", "tcp://127.0.0.1:9"],
            "планировщик Dask не отвечает",
            marks=pytest.mark.nightly,
        ),
    ],
)
def test_wrong_arguments_are_told(course, arguments, sentence):
    code, output = run_forked(course, "nbgrader_apart", "grade", *arguments)
    assert code == 1
    assert sentence in output
    assert "Traceback" not in output


@pytest.fixture
def database():
    """The address of an empty database."""
    with postgresql() as address:
        yield address


def test_marks_in_postgresql(course, database, monkeypatch):
    monkeypatch.setenv("GRADEBOOK_URL", database)
    code, output = run_forked(course, "nbgrader", "generate_assignment", SHEET, "--force")
    assert code == 0, output
    code, output = grade(course)
    assert code == 0, output
    assert scores(course, database) == EXPECTED
    assert "без изменений 6" in grade(course)[1]

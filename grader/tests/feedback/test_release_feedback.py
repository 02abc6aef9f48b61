"""Feedback goes back through the exchange to those whose work came through it; the others are named."""

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import notebook_hash
from traitlets.config.loader import PyFileConfigLoader

from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import run_forked

SHEET = small_course.ASSIGNMENT
COMMAND = ("nbgrader", "release_feedback", SHEET)


@pytest.fixture
def course(tmp_path):
    """Pages of ann, bob and cat, of whom ann alone has handed in through the exchange."""
    small_course.build(tmp_path)
    (tmp_path / "exchange").mkdir(exist_ok=True)
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db", "fixture") as gradebook:
        gradebook.add_assignment(SHEET)
    for student in ("bob", "ann", "cat"):
        folder = tmp_path / "feedback" / student / SHEET
        folder.mkdir(parents=True)
        (folder / "layer.html").write_text(student)
    came_through_exchange(tmp_path, "ann")
    (tmp_path / "feedback" / "cat" / SHEET / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    return tmp_path


def came_through_exchange(course, student):
    for name in ("submission_secret.txt", "timestamp.txt"):
        (course / "feedback" / student / SHEET / name).write_text(f"{student} {name}")


def released(course):
    return {path.name: path.read_text() for path in (course / "exchange/fixture/feedback").glob("*")}


def test_work_that_came_another_way_is_named_and_the_others_have_theirs(course):
    code, said = run_forked(course, *COMMAND)
    assert code == 0, said
    name = notebook_hash(secret="ann submission_secret.txt", notebook_id="layer")
    assert released(course) == {f"{name}.html": "ann"}
    assert said.count("не через неё: bob, cat.") == 1
    assert f"feedback/*/{SHEET}/*.html" in said


def test_nobody_is_named_where_all_came_through_the_exchange(course):
    came_through_exchange(course, "bob")
    code, said = run_forked(course, *COMMAND, "--CourseDirectory.student_id_exclude=cat")
    assert code == 0, said
    assert sorted(released(course).values()) == ["ann", "bob"]
    assert "папку обмена" not in said


def test_the_formgraders_button_does_the_same_each_time(course, monkeypatch):
    monkeypatch.chdir(course)
    config = PyFileConfigLoader("nbgrader_config.py", str(course)).load_config()
    api = NbGraderAPI(config=config)
    for _ in range(2):
        assert api.release_feedback(SHEET)["success"]
    assert list(released(course).values()) == ["ann"]
    assert api.coursedir.student_id_exclude == ""

"""Feedback goes back to Moodle in the folders that the work came in."""

import os
import zipfile

import pytest
from lms.conftest import ANN, BOB

from nbgrader_apart.intake.staging import read
from nbgrader_apart.lms.feedback_zip import pack
from nbgrader_apart.model.assignment import load
from nbgrader_apart.model.course import Course, CourseError
from nbgrader_apart.record import graded_folder
from nbgrader_apart.record.last_grading import HandIn, LastGrading
from nbgrader_apart.testing.commands import run_forked

WORK = {f"{folder}/{name}.ipynb": b"1" for folder in (ANN, BOB) for name in ("layer", "train")}


def grade(course, student, *, answer=True, before=0.0):
    """What grading and, perhaps, feedback leave; the feedback may be older."""
    for folder, end in (("autograded", "ipynb"), ("feedback", "html"))[: 1 + answer]:
        for name in ("layer", "train"):
            path = course / folder / student / "sheet" / f"{name}.{end}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{student} {name}", "utf-8")
            os.utime(path, (1e9, 1e9 - before * (end == "html")))


def test_pages_lie_in_moodles_folders(course, take_in):
    take_in(WORK)
    grade(course, "ann")
    grade(course, "bob")
    done = pack("sheet", None)
    assert (done.people, done.pages, done.problems) == (2, 4, [])
    with zipfile.ZipFile(course / "downloaded" / "sheet" / "feedback.zip") as found:
        assert found.namelist() == [
            f"{folder}/{name}.html" for folder in (ANN, BOB) for name in ("layer", "train")
        ]
        assert found.read(f"{ANN}/layer.html") == b"ann layer"


def test_who_has_no_new_pages_is_told_and_left_out(course, take_in):
    take_in({**WORK, "Катя ОНил_9_assignsubmission_file_/layer.ipynb": b"1"})
    grade(course, "ann")
    grade(course, "bob", before=60)
    done = pack("sheet", None)
    assert (done.people, done.pages) == (1, 2)
    assert [problem.split(":")[0] for problem in done.problems] == ["bob", "cat"]


def test_feedback_on_work_that_was_replaced_is_left_out(course, take_in):
    take_in(WORK)
    grade(course, "ann")
    grade(course, "bob")
    settings, source = Course(), load(course / "source" / "sheet")
    for student in ("ann", "bob"):
        files = read(course / "submitted" / student / "sheet", source, settings.settings)
        grading = LastGrading("", None, HandIn.of(None, files).content, None, 1.0)
        graded_folder.mark(course / "autograded" / student / "sheet", "", grading)
    assert pack("sheet", None).people == 2
    take_in({**WORK, f"{ANN}/layer.ipynb": b"2"}, update=True)
    done = pack("sheet", None)
    assert done.people == 1
    assert [problem.partition(",")[0] for problem in done.problems] == ["ann: сдана другая работа"]


def test_folders_of_several_zips_are_remembered(course, take_in):
    take_in({f"{ANN}/layer.ipynb": b"1"})
    take_in({f"{BOB}/layer.ipynb": b"1"})
    grade(course, "ann")
    grade(course, "bob")
    assert pack("sheet", None).people == 2


def test_a_zip_that_fails_leaves_no_older_one(course, take_in, tmp_path):
    target = tmp_path / "feedback.zip"
    target.write_text("of last week")
    with pytest.raises(CourseError, match="apart collect-zip"):
        pack("sheet", target)
    assert not target.exists()
    take_in(WORK)
    target.write_text("of last week")
    with pytest.raises(CourseError, match="generate_feedback"):
        pack("sheet", target)
    assert not target.exists()


def test_the_commands_tell_by_their_exit_codes(course, take_in, tmp_path):
    take_in(WORK)
    path = str(tmp_path / "all.zip")
    assert run_forked(course, "nbgrader_apart", "collect-zip", "sheet", path)[0] == 0
    code, said = run_forked(course, "nbgrader_apart", "collect-zip", "sheet", str(tmp_path / "none.zip"))
    assert (code, said.count("\n")) == (1, 1)
    assert "none.zip" in said
    code, said = run_forked(course, "nbgrader_apart", "feedback-zip", "sheet")
    assert (code, said.count("\n")) == (1, 1)
    assert "generate_feedback" in said
    grade(course, "ann")
    code, said = run_forked(course, "nbgrader_apart", "feedback-zip", "sheet")
    assert code == 1
    assert "людей 1, страниц 2" in said
    assert "bob: отзывов нет" in said

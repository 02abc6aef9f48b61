"""What has to be mended in mid-term, by the commands of the guide for instructors."""

import copy
import csv
import json
import re
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import get_username

from nbgrader_apart.record import graded_folder
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import run_forked
from nbgrader_apart.testing.small_course import WRONG
from support.small_class import RIGHT_LAYER, SHEET, copied, grade, nbgrader, scores

pytestmark = pytest.mark.slow

LEARNER = """
c = get_config()
c.CourseDirectory.course_id = "fixture"
c.Exchange.root = {exchange!r}
"""
BOB = {**RIGHT_LAYER, "layer-db": 0}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A course in mid-term: ann has everything right, bob one gradient wrong; both have their feedback."""
    root = tmp_path_factory.mktemp("running")
    small_course.build(root)
    nbgrader(root, "generate_assignment", SHEET)
    small_course.submit(root, "ann", {"layer": small_course.RIGHT["layer"]})
    small_course.submit(root, "bob", {"layer": {"dense-layer": WRONG}})
    assert grade(root)[0] == 0
    nbgrader(root, "generate_feedback", SHEET)
    return root


@pytest.fixture
def course(running, tmp_path):
    """A copy of it."""
    return copied(running, tmp_path / "course")


def page(course, student):
    """(when it was written, text) of the learner's feedback."""
    path = course / "feedback" / student / SHEET / "layer.html"
    return path.stat().st_mtime_ns, path.read_text("utf-8")


def mend(course, old, new):
    path = course / "source" / SHEET / "layer.ipynb"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def exported(course):
    """{student: (score, state)} as exported."""
    nbgrader(course, "export", "--to", "grades.csv")
    with (course / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student_id"]: (row["score"], row["state"]) for row in csv.DictReader(stream)}


def reported(course):
    code, output = run_forked(course, "nbgrader_apart", "report", SHEET)
    assert code == 0, output
    return (course / "report" / SHEET / "index.html").read_text("utf-8")


def section(shown, name):
    """The text of the report's section."""
    found = next(part for part in shown.split("<section") if f'id="{name}"' in part)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


def test_a_fixed_test(course):
    before = {student: page(course, student) for student in ("ann", "bob")}
    mend(course, "check.gradient(DenseLayer, 'db'", "check.gradient(DenseLayer, 'dw'")
    nbgrader(course, "generate_assignment", SHEET, "--force")
    code, output = grade(course)
    assert (code, "│ bob │ 6 (было 4) │" in " ".join(output.split())) == (0, True), output
    said = nbgrader(course, "generate_feedback", SHEET)
    assert "составлено 1, без изменений 1" in said
    assert page(course, "ann") == before["ann"]
    assert page(course, "bob") != before["bob"]
    changes = section(reported(course), "changes")
    assert "bob 4 6 та же работа оценена заново" in changes
    assert "ann" not in changes


@pytest.mark.nightly
def test_a_graded_cell_is_added(course):
    path = course / "source" / SHEET / "layer.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (test,) = [cell for cell in notebook.cells if cell.id == "layer-db"]
    added = copy.deepcopy(test)
    added.id = added.metadata.nbgrader.grade_id = "added"
    notebook.cells.insert(notebook.cells.index(test) + 1, added)
    nbformat.write(notebook, path)
    code, output = run_forked(course, "nbgrader", "generate_assignment", SHEET, "--force")
    assert (code, "Cannot add or remove cells" in output) == (1, True), output
    nbgrader(course, "db", "assignment", "remove", SHEET, "--force")
    nbgrader(course, "generate_assignment", SHEET, "--force")
    assert grade(course)[0] == 0
    assert scores(course) == {"ann": RIGHT_LAYER | {"added": 2}, "bob": BOB | {"added": 0}}
    assert "составлено 2, без изменений 0" in nbgrader(course, "generate_feedback", SHEET)


def test_a_typo_in_a_notebook_that_learners_have_fetched(course):
    nbgrader(course, "release_assignment", SHEET)
    mend(course, "с прямым и обратным", "с прямым и с обратным")
    nbgrader(course, "generate_assignment", SHEET, "--force")
    nbgrader(course, "release_assignment", SHEET, "--force")
    released = course / "exchange" / "fixture" / "outbound" / SHEET / "layer.ipynb"
    assert "с прямым и с обратным" in released.read_text("utf-8")
    small_course.submit(course, "cat", {"layer": small_course.RIGHT["layer"]})  # as it was fetched
    assert grade(course)[0] == 0
    assert scores(course) == {"ann": RIGHT_LAYER, "bob": BOB, "cat": RIGHT_LAYER}


def test_a_learner_who_submits_again_and_a_lost_submission(course):
    me = get_username()
    learner = course.parent / "learner"
    (learner / SHEET).mkdir(parents=True)
    exchange = str(course / "exchange")
    (learner / "nbgrader_config.py").write_text(LEARNER.format(exchange=exchange))
    nbgrader(course, "release_assignment", SHEET)
    for source, collected in ((WRONG, "Collecting submission"), (small_course.LAYER, "already exists")):
        notebook = small_course.answer({"dense-layer": source}, "layer")
        (learner / SHEET / "layer.ipynb").write_text(json.dumps(notebook))
        shutil.copy(course / "release" / SHEET / "loop.ipynb", learner / SHEET)
        nbgrader(learner, "submit", SHEET)
        assert collected in nbgrader(course, "collect", SHEET)
        assert grade(course)[0] == 0
        assert scores(course)[me]["layer-db"] == 0
    nbgrader(course, "generate_feedback", SHEET)
    assert "Updating submission" in nbgrader(course, "collect", SHEET, "--update")
    code, output = grade(course)
    assert (code, "Оценено 1, без изменений 2" in output) == (0, True)
    assert scores(course)[me] == RIGHT_LAYER
    assert "составлено 1, без изменений 2" in nbgrader(course, "generate_feedback", SHEET)
    assert "не через неё: ann, bob." in nbgrader(course, "release_feedback", SHEET)
    nbgrader(learner, "fetch_feedback", SHEET)
    assert list(learner.glob(f"{SHEET}/feedback/*/layer.html"))
    shown = reported(course)
    assert f"{me} 4 6 сдана ещё раз" in section(shown, "changes")
    assert f"{me} 2 " in section(shown, "again")
    partial = section(shown, "partial")
    assert ("ann" in partial, "bob" in partial, me in partial) == (True, True, False)
    folder = course / "autograded" / me / SHEET
    assert graded_folder.graded(folder).hand_ins == 2

    shutil.rmtree(course / "submitted" / me)
    code, output = grade(course)
    assert (code, f"Папки в submitted больше нет, балл прежний: {me}" in output) == (0, True), output
    assert exported(course)[me] == ("6.0", "final")
    assert "Collecting submission" in nbgrader(course, "collect", SHEET)
    code, output = grade(course)
    assert (code, "без изменений 3" in output, "больше нет" in output) == (0, True, False)


@pytest.mark.nightly
def test_a_doubled_submission(course):
    shutil.copytree(course / "submitted" / "bob", course / "submitted" / "bobby")
    code, output = grade(course)
    assert (code, output.count("не было в списке студентов, добавлен")) == (0, 1), output
    assert set(exported(course)) == {"ann", "bob", "bobby"}
    nbgrader(course, "db", "student", "remove", "bobby", "--force")
    code, output = run_forked(course, "nbgrader", "generate_feedback", SHEET)
    assert (code, "bobby не составлен: студента нет в журнале оценок." in output) == (1, True), output
    assert "не было в списке" in grade(course)[1]
    for step in ("submitted", "autograded"):
        shutil.rmtree(course / step / "bobby")
    nbgrader(course, "db", "student", "remove", "bobby", "--force")
    assert set(exported(course)) == {"ann", "bob"}
    assert "без изменений 2" in grade(course)[1]


@pytest.mark.nightly
def test_a_question_about_a_mark(course):
    before = {student: page(course, student) for student in ("ann", "bob")}
    about = ("layer", SHEET, "bob")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:  # as the formgrader does it
        grades = gradebook.find_grade("layer-db", *about)
        grades.manual_score, grades.extra_credit, grades.needs_manual_grade = 1.5, 1, False
        gradebook.find_comment("dense-layer", *about).manual_comment = "Среднее вместо суммы"
        gradebook.db.commit()
    assert "составлено 1, без изменений 1" in nbgrader(course, "generate_feedback", SHEET)
    assert page(course, "ann") == before["ann"]
    assert "Среднее вместо суммы" in page(course, "bob")[1]
    assert "1,5 из 2 и ещё 1 сверх" in re.sub(r"<[^>]+>", "", page(course, "bob")[1])
    assert exported(course)["bob"] == ("6.5", "final")
    assert "bob 4 6,5 после оценки изменены баллы" in section(reported(course), "changes")
    code, output = grade(course, "--student", "bob", "--force")
    shown = " ".join(output.split())
    assert (code, "│ bob │ 6.5 │" in shown) == (0, True)
    assert "ждёт человека, из них сверх заданий 1" in shown
    assert exported(course)["bob"] == ("6.5", "provisional")


def test_a_graded_folder_that_is_gone_is_not_taken_for_nothing_handed_in(course):
    shutil.rmtree(course / "autograded" / "bob")
    shutil.rmtree(course / "submitted" / "bob")
    code, output = run_forked(course, "nbgrader_apart", "report", SHEET)
    assert code == 1
    assert "Работа bob: в папке autograded нет оценённых тетрадей: layer, loop" in output
    shown = (course / "report" / SHEET / "index.html").read_text("utf-8")
    assert "bob" not in section(shown, "partial")
    assert "папки в submitted больше нет" in section(shown, "map")
    assert exported(course)["bob"] == ("4.0", "final")

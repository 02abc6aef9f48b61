"""A due date, a penalty, an extension: learners read of them, and a change runs no learner's code again."""

import json
import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from nbgrader_apart.deadlines import due_date
from nbgrader_apart.model import marks
from nbgrader_apart.testing import commands, small_course
from nbgrader_apart.testing.commands import run_forked
from nbgrader_apart.testing.small_course import WRONG
from support.small_class import SHEET, copied, grade, nbgrader

pytestmark = pytest.mark.slow

PER_DAY = '''
from nbgrader.plugins import BasePlugin


class PerDay(BasePlugin):
    """A tenth of the points for each day that has begun."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * min(1, 0.1 * (1 + total_seconds_late // 86400))


c.AssignLatePenalties.plugin_class = PerDay
'''


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of two that is graded: ann handed in on the 1st of March, bob on the 3rd at noon (UTC)."""
    root = tmp_path_factory.mktemp("graded")
    small_course.build(root)
    nbgrader(root, "generate_assignment", SHEET)
    for student, layer, day in (("ann", small_course.LAYER, 1), ("bob", WRONG, 3)):
        folder = small_course.submit(root, student, {"layer": {"dense-layer": layer}})
        (folder / "timestamp.txt").write_text(f"2026-03-0{day} 12:00:00 UTC")
    assert grade(root)[0] == 0
    return root


@pytest.fixture
def course(graded, tmp_path):
    """A copy of it."""
    return copied(graded, tmp_path)


def score(course, student):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        return marks.read_one(gradebook, SHEET, student).score


def set_due(course, time):
    nbgrader(course, "db", "assignment", "add", SHEET, "--duedate", time)


def penalty(course, line="c.LateSubmissionPlugin.penalty_method = 'zero'"):
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"\n{line}\n")


def grade_again(course, *said):
    """`apart grade`; no learner's code is run."""
    before = {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/*/*")}
    code, output = grade(course)
    output = " ".join(output.split())
    assert code == 0, output
    assert "Оценено 0, без изменений 2" in output
    assert {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/*/*")} == before
    for words in said:
        assert words in output
    return output


def test_a_change_takes_effect_without_running_code(course):
    assert (score(course, "ann"), score(course, "bob")) == (6, 4)
    set_due(course, "2026-03-02T15:00+03:00")  # noon in UTC
    assert "bob" not in grade_again(course)  # late, but nbgrader's default costs nothing
    penalty(course, PER_DAY)
    grade_again(course, "│ bob │ 3.2 (было 4) │", "опоздание, штраф 0.8", "код не запускался")
    set_due(course, "2026-03-01T12:00+00:00")  # ann is in time to the second
    grade_again(course, "│ bob │ 2.8 (было 3.2) │")
    code, output = run_forked(course, "nbgrader_apart", "extend", SHEET, "bob", "--days", "2")
    assert (code, "Срок для bob: 3 марта 2026, 12:00" in output) == (0, True), output
    grade_again(course, "│ bob │ 4 (было 2.8) │")
    run_forked(course, "nbgrader_apart", "extend", SHEET, "bob", "--days", "0")
    assert "ann" not in grade_again(course, "│ bob │ 2.8 (было 4) │")
    assert score(course, "ann") == 6


def test_without_grading_again_no_stale_mark_leaves(course):
    """Points by hand and a due date after grading count in the export and in nbgrader's own command too."""
    penalty(course)
    set_due(course, "2026-03-02T12:00+00:00")
    nbgrader(course, "export", "--to", "grades.csv")
    assert score(course, "bob") == 0
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        gradebook.find_grade("layer-db", "layer", SHEET, "bob").manual_score = 2
        gradebook.db.commit()
    assert score(course, "bob") == 2  # the penalty of 4 points was for 4
    nbgrader(course, "autograde", SHEET)
    assert score(course, "bob") == 0


def test_an_extension_before_the_hand_in(course):
    penalty(course)
    set_due(course, "2026-03-02T12:00+00:00")
    nbgrader(course, "db", "student", "add", "cat")
    assert run_forked(course, "nbgrader_apart", "extend", SHEET, "cat", "--days", "1", "--hours", "2")[0] == 0
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        mark = marks.read_one(gradebook, SHEET, "cat")
        assert (mark.state, str(mark.due)) == (marks.State.MISSING, "2026-03-03 14:00:00")
    shutil.copytree(course / "submitted" / "bob", course / "submitted" / "cat")
    code, output = grade(course)
    assert (code, "Оценено 1, без изменений 2" in output) == (0, True)
    assert (score(course, "bob"), score(course, "cat")) == (0, 4)


@pytest.mark.parametrize(
    ("due", "words", "says"),
    [
        (True, ["nosuch", "bob"], "сначала выполните nbgrader generate_assignment"),
        (True, [SHEET, "nobody"], "Студента nobody в журнале оценок нет"),
        (False, [SHEET, "bob"], "нет срока"),
    ],
)
def test_an_extension_of_nothing_is_refused(course, due, words, says):
    if due:
        set_due(course, "2026-03-02T12:00+00:00")
    code, output = run_forked(course, "nbgrader_apart", "extend", *words, "--days", "1")
    assert code == 1
    assert says in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("c.AssignLatePenalties.plugin_class = 'no.such.Plugin'", "Настройка штрафов в nbgrader_config.py"),
        (PER_DAY.replace("score *", "None *"), "плагин штрафов PerDay не справился с работой bob (TypeError"),
    ],
)
@pytest.mark.parametrize("command", [("nbgrader_apart", "grade"), ("nbgrader", "autograde")])
def test_a_plugin_that_fails_is_told_and_marks_stay(course, line, says, command):
    set_due(course, "2026-03-02T12:00+00:00")
    penalty(course, line)
    code, output = run_forked(course, *command, SHEET)
    assert code == 1
    assert says in " ".join(output.split())
    assert score(course, "bob") == 4


def test_a_released_notebook_names_the_due_date_and_is_graded_as_before(course, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Moscow")
    set_due(course, "2026-03-05T23:59+03:00")
    assert commands.nbgrader(course, "generate_assignment", SHEET, "--force")[0] == 0  # a start reads TZ
    released = nbformat.read(course / "release" / SHEET / "layer.ipynb", as_version=4)
    assert released.cells[0].source == (
        "# Слой\n\n**Сдать до 5 марта 2026, 23:59 (UTC+03:00).** "
        "Если преподаватель продлил вам срок, действует ваш."
        "\nНапишите слой с прямым и обратным проходом."
    )
    for cell in released.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = small_course.LAYER
    folder = course / "submitted" / "cat" / SHEET
    folder.mkdir(parents=True)
    nbformat.write(released, folder / "my own name.ipynb")  # found by its texts
    assert grade(course)[0] == 0
    assert score(course, "cat") == 6


def test_without_a_due_date_the_release_is_as_it_was(course):
    before = (course / "release" / SHEET / "layer.ipynb").read_text("utf-8")
    nbgrader(course, "generate_assignment", SHEET, "--force")
    assert (course / "release" / SHEET / "layer.ipynb").read_text("utf-8") == before
    assert "Сдать до" not in before
    (course / "gradebook.db").unlink()
    nbgrader(course, "generate_assignment", SHEET, "--force", "--no-db")
    assert not (course / "gradebook.db").exists()


@pytest.mark.parametrize(
    "first",
    [new_code_cell("x = 1"), new_markdown_cell("no title"),
     new_markdown_cell("# Title", metadata={"nbgrader": {"grade_id": "a"}})],
)  # fmt: skip
def test_where_the_title_is_no_plain_text_the_sentence_has_its_own_cell(first):
    notebook = new_notebook(cells=[first])
    before = json.dumps(first)
    due_date.put(notebook, "Сдать до завтра.")
    assert [cell.source for cell in notebook.cells] == ["Сдать до завтра.", first.source]
    assert json.dumps(notebook.cells[1]) == before
    nbformat.validate(notebook)

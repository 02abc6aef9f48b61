"""The report says what the gradebook and the notebooks say, and nothing that a learner wrote runs in it."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter

import pandas
import pytest
from nbgrader.api import MissingEntry

from nbgrader_apart.model.marks import State
from nbgrader_apart.report import class_summary, graded_notebooks, histograms, write_report
from nbgrader_apart.report.collect import Outcome, collect
from nbgrader_apart.report.report_settings import ClassReport
from nbgrader_apart.testing import forked
from support import made_up_class

pytestmark = pytest.mark.slow

LEARNERS = 60


@pytest.fixture(scope="module")
def room(tmp_path_factory, sheet):
    return made_up_class.make(tmp_path_factory.mktemp("class"), sheet, LEARNERS)


@pytest.fixture(scope="module")
def group(room):
    with room.gradebook() as gradebook:
        return collect(gradebook, room.coursedir(), room.assignment, {made_up_class.UNDONE})


@pytest.fixture(scope="module")
def folder(room):
    """Where the report on the class was written."""
    folder = room.root / "report"
    settings = ClassReport(
        config=room.config(), undone=[made_up_class.UNDONE], mistakes_page="release/mistakes.md"
    )
    assert write_report.write(room.coursedir(), settings, room.assignment, folder)[1] == []
    return folder


def autograded(room):
    """(student, notebook, its JSON) of every autograded notebook."""
    for path in (room.root / "autograded").glob("*/*/*.ipynb"):
        yield path.parts[-3], path.stem, json.loads(path.read_text("utf-8"))


def test_checks_stand_in_the_order_of_the_notebooks_under_their_titles(group):
    assert [(check.notebook, check.name, check.title) for check in group.checks] == [
        ("part-1", "a", "Первая проверка"),
        ("part-1", "b", "b"),
        ("part-2", "c", "c"),
    ]
    assert group.titles == {"part-1": "Часть 1. Тема", "part-2": "Часть 2. Тема"}


def test_every_result_is_that_of_the_gradebook(room, group):
    with room.gradebook() as gradebook:
        for learner in group.learners:
            try:
                submission = gradebook.find_submission(room.assignment, learner.mark.student)
            except MissingEntry:
                assert learner.results == {}
                continue
            points = {
                (notebook.name, grade.name): (grade.score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            assert points == {
                (check.notebook, check.name): (result.points, result.waiting)
                for check, result in learner.results.items()
            }


def test_mistakes_and_pass_rates_are_counted_by_learner(room, group):
    met, passed = {}, Counter()
    for student, notebook, content in autograded(room):
        for cell in content["cells"]:
            result = cell["metadata"].get("grading")
            if result:
                passed[notebook, cell["metadata"]["nbgrader"]["grade_id"]] += result["passed"]
                if result["message"] and result["key"] != made_up_class.UNDONE:
                    met.setdefault(result["key"], set()).add(student)
    found = class_summary.mistakes(group, {"course.shape": "форма {yours}, а нужна {expected}."})
    assert {mistake.key: mistake.learners for mistake in found} == {
        key: len(students) for key, students in met.items()
    }
    assert [mistake.learners for mistake in found] == sorted((len(s) for s in met.values()), reverse=True)
    assert next(m.sentence for m in found if m.key == "course.shape") == "форма …, а нужна …."
    assert next(m.sentence for m in found if m.key is None) == made_up_class.MISTAKES[None]
    for rate in class_summary.rates(group):
        assert rate.tried == len(group.graded) == LEARNERS - 2
        assert rate.outcomes[Outcome.FULL] == passed[rate.check.notebook, rate.check.name]


def test_only_a_ticked_box_asks_for_feedback(group):
    """The sentence beside the box names both forms: it is no tick."""
    asking = [learner.mark.student for learner in group.learners if learner.asks]
    assert sorted(asking) == ["s0004", "s0034"]
    assert all(learner.asks == ["part-1", "part-2"] for learner in group.learners if learner.asks)


def test_who_waits_for_a_person_and_why(group):
    waiting = {
        learner.mark.student: class_summary.questions(learner)
        for learner in group.learners
        if learner.mark.state == State.PROVISIONAL
    }
    assert sorted(waiting) == ["s0003", "s0033"]
    notebook, checks, why = waiting["s0003"][0]
    assert (notebook, [check.name for check in checks]) == ("part-2", ["c"])
    assert why == ["Этот код преподаватель посмотрит сам: в нём есть exec."]


def test_a_question_of_nbgrader_itself_has_a_reason_too(tmp_path, sheet):
    room = made_up_class.make(tmp_path, sheet, 2)
    with room.gradebook() as gradebook:
        for notebook in gradebook.find_submission(room.assignment, "s0001").notebooks:
            for grade in notebook.grades:
                grade.needs_manual_grade = True
                grade.manual_score = 1 if notebook.name == "part-1" else None
        gradebook.db.commit()
        group = collect(gradebook, room.coursedir(), room.assignment, set())
    reasons = [why for learner in group.graded for _, _, (why,) in class_summary.questions(learner)]
    assert len(set(reasons)) == 2


def test_the_distribution_counts_every_mark_once(group):
    ranges = class_summary.distribution(group)
    assert (ranges[0][0], ranges[-1][1]) == (0, 12)
    assert sum(final for _, _, final, _ in ranges) == LEARNERS - 4
    assert sum(other for *_, other in ranges) == 2


def test_the_csv_files_hold_the_same_data(group, folder):
    learners = pandas.read_csv(folder / "learners.csv", keep_default_na=False)
    scores = [str(learner.mark.score) if learner.mark.is_mark else "" for learner in group.learners]
    assert learners.score.tolist() == scores
    assert (learners.state == "missing").sum() == 2
    assert not learners.name.str.startswith("=").any()
    results = pandas.read_csv(folder / "results.csv", keep_default_na=False)
    assert len(results) == 3 * len(group.graded)
    assert results.points.sum() == sum(learner.mark.raw for learner in group.learners)
    checks = pandas.read_csv(folder / "checks.csv")
    share = (results[results.check == "a"].outcome == "full").mean()
    assert checks.set_index("check").pass_rate["a"] == pytest.approx(share, abs=1e-4)
    assert len(pandas.read_csv(folder / "mistakes.csv")) == len(class_summary.mistakes(group, {}))


def test_the_page_runs_only_its_own_two_scripts_and_asks_for_nothing(folder):
    page = (folder / "index.html").read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page).group(1)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 2
    allowed = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts}
    assert set(re.findall("sha256-([^&]+)&", policy)) == allowed
    assert policy.startswith("default-src &#39;none&#39;")
    own = page.replace(scripts[0], "")
    assert not re.search(r"<(link|img|iframe|object|embed)\b", own)
    assert not re.search(r"(src|@import|url)\s*[=(]", re.sub(r"<bdi>.*?</bdi>", "", own))
    assert "&lt;script&gt;document.title" in own
    assert 'href="../release/mistakes.md"' in own


@pytest.mark.parametrize("learners", [0, 1])
def test_a_class_without_a_single_mark_has_a_report(tmp_path, sheet, learners):
    room = made_up_class.make(tmp_path, sheet, learners)  # the first learner has handed in nothing
    path, _ = write_report.write(
        room.coursedir(), ClassReport(config=room.config()), room.assignment, tmp_path / "out"
    )
    assert path.read_text("utf-8").count("ничего не сдано: 1") == learners


def lose(path):
    path.unlink()


def fill_with(content):
    return lambda path: path.write_text(content)


def become_folder(path):
    path.unlink()
    path.mkdir()


def become_pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lose, "нет оценённых тетрадей: part-1"),
        (fill_with('{"cells": ['), "испорченный JSON"),
        (fill_with("[" * 100_000), "слишком глубокая вложенность"),
        (fill_with('{"cells": [{"metadata": []}], "metadata": {"grading": 7}}'), "не то, что бывает"),
        (fill_with("[]"), "не то, что бывает"),
        (fill_with("{" * 100), "испорченный JSON"),
        (fill_with('{"metadata": {}, "cells": [' + ",".join(['{"metadata":{},"source":""}'] * 20_000) + "]}"),
         "слишком много"),
        (become_folder, "«part-1.ipynb» не читается"),
        (become_pipe, "«part-1.ipynb» не читается"),
    ],
)  # fmt: skip
def test_a_notebook_that_cannot_be_read_is_named_and_the_rest_is_reported(tmp_path, sheet, spoil, says):
    room = made_up_class.make(tmp_path, sheet, 4)
    spoil(room.root / "autograded" / "s0001" / "sheet" / "part-1.ipynb")
    configure(room.root)
    done = forked.run(room.root, forked.environment(), "nbgrader_apart", "report", room.assignment)
    assert done.returncode == 1
    assert "s0001" in done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    folder = room.root / "report" / room.assignment
    assert says in (folder / "index.html").read_text("utf-8")
    learners = pandas.read_csv(folder / "learners.csv", keep_default_na=False).set_index("student_id")
    assert says in learners.problem["s0001"]
    assert not any(learners.problem.drop("s0001"))
    assert (pandas.read_csv(folder / "results.csv").student_id.value_counts() == 3).all()


def test_rows_without_a_number_are_named_and_the_rest_is_reported(tmp_path, sheet):
    room = made_up_class.make(tmp_path, sheet, 4)
    with room.gradebook() as gradebook:
        submission = gradebook.find_submission(room.assignment, "s0001")
        submission.notebooks[0].grades[0].auto_score = float("inf")
        gradebook.db.commit()
    path, problems = write_report.write(
        room.coursedir(), ClassReport(config=room.config()), room.assignment, tmp_path / "out"
    )
    assert [mark.student for mark, _ in problems] == ["s0001"]
    assert "не число" in path.read_text("utf-8")
    learners = pandas.read_csv(tmp_path / "out" / "learners.csv").set_index("student_id")
    assert learners.state.tolist().count("ungraded") == 1
    assert (learners.score[["s0002", "s0003"]] > 0).all()


def test_values_of_a_wrong_kind_in_a_notebook_are_left_out(tmp_path):
    path = tmp_path / "a.ipynb"
    result = {"key": ["x"], "message": 5}
    cell = {"metadata": {"grading": result, "nbgrader": {"grade_id": "a"}}, "source": ""}
    path.write_text(json.dumps({"cells": [cell], "metadata": {"grading": {"refused": {}}}}))
    record = graded_notebooks.record(path)
    assert record.diagnoses == {"a": graded_notebooks.Diagnosis()}
    assert record.refused is None


CONFIG = """
import nbgrader_apart
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "synthetic"
nbgrader_apart.use(c, language="ru")
"""


def configure(folder, config=""):
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(folder)) + config)


def test_the_command_writes_beside_the_other_folders(room):
    configure(room.root)
    words = [sys.executable, "-m", "nbgrader_apart", "report", "sheet"]
    done = subprocess.run(words, cwd=room.root, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("Отчёт готов")
    assert "report/sheet/index.html" in done.stdout
    files = {path.name for path in (room.root / "report" / "sheet").iterdir()}
    assert files == {"index.html", *write_report.FILES}


@pytest.mark.parametrize(
    ("assignment", "config", "says"),
    [
        ("nonsense", "", "Ошибка: Задания «nonsense» в журнале оценок нет. Есть: «sheet»."),
        (
            "sheet",
            "c.ClassReport.catalogue = 'absent.json'",
            "absent.json, названный в c.ClassReport.catalogue, не читается",
        ),
        (
            "sheet",
            "c.CourseDirectory.db_url = 'sqlite:////absent/gradebook.db'",
            "Журнала оценок /absent/gradebook.db нет",
        ),
        ("sheet", "c.CourseDirectory.db_url = 'sqlite:///nbgrader_config.py'", "file is not a database"),
        ("sheet", "import nosuch", "No module named 'nosuch'"),
    ],
)
def test_the_command_refuses_in_one_sentence(room, assignment, config, says, tmp_path):
    configure(room.root, config)
    words = "report", assignment, "--to", str(tmp_path / "out")
    done = forked.run(room.root, forked.environment(), "nbgrader_apart", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.nightly
def test_five_hundred_learners_take_seconds(tmp_path, request):
    room = made_up_class.make(tmp_path, request.config.rootpath / "release" / "backprop", 500)
    start = time.process_time()
    path, _ = write_report.write(
        room.coursedir(), ClassReport(config=room.config()), room.assignment, tmp_path / "out"
    )
    assert time.process_time() - start < 15
    assert path.stat().st_size < 8e6


def test_learners_are_counted_whole():
    few, many = [(0.0, 5.0, 1, 1), (5.0, 10.0, 0, 3)], [(0.0, 5.0, 20, 9)]
    assert histograms.marks(few).layout.yaxis.dtick == 1
    assert histograms.marks(many).layout.yaxis.dtick is None
    assert histograms.marks([]).layout.yaxis.dtick == 1


def test_the_next_lesson_begins_with_the_check_that_the_class_fails_most(group):
    rates, mistakes = class_summary.rates(group), class_summary.mistakes(group, {})
    topics = class_summary.topics(rates, mistakes)
    shares = [topic.rate.share for topic in topics]
    assert shares == sorted(shares)
    assert shares[0] == min(rate.share for rate in rates) < 1
    for topic in topics:
        counted = Counter(
            learner.results[topic.rate.check].key or learner.results[topic.rate.check].message
            for learner in group.graded
            if learner.results[topic.rate.check].outcome in (Outcome.ZERO, Outcome.PART)
        )
        assert [learners for _, learners in topic.said] == [count for _, count in counted.most_common(2)]
    assert class_summary.topics([rate for rate in rates if rate.share == 1], mistakes) == []


def test_a_failed_check_with_extra_credit_stays_failed(tmp_path, sheet):
    room = made_up_class.make(tmp_path, sheet, 3)
    with room.gradebook() as gradebook:
        for grade in gradebook.find_submission(room.assignment, "s0002").notebooks[0].grades:
            grade.auto_score, grade.extra_credit = 0, 5
        gradebook.db.commit()
        learners = collect(gradebook, room.coursedir(), room.assignment, set()).learners
    (learner,) = [learner for learner in learners if learner.mark.student == "s0002"]
    extra = {check.name: result for check, result in learner.results.items() if result.points == 5}
    assert {result.outcome for result in extra.values()} == {Outcome.ZERO}
    assert learner.mark.extra == 5 * len(extra) > 0

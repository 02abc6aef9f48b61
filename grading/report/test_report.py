"""The report says what the gradebook and the notebooks say, and nothing that a learner wrote runs in it."""

import base64
import hashlib
import json
import logging
import re
import subprocess
import sys
import time
from collections import Counter

import pandas
import pytest
from nbgrader.api import MissingEntry

from grading import forked, synthetic
from grading.marks import State
from grading.report import command, notebooks, summary
from grading.report.collect import Outcome, collect
from grading.report.settings import ClassReport

LEARNERS = 60
LOG = logging.getLogger()


@pytest.fixture(scope="module")
def room(tmp_path_factory, sheet):
    return synthetic.make(tmp_path_factory.mktemp("class"), sheet, LEARNERS)


@pytest.fixture(scope="module")
def group(room):
    with room.gradebook() as gradebook:
        return collect(gradebook, room.coursedir(), room.assignment, {synthetic.UNDONE}, LOG)


@pytest.fixture(scope="module")
def folder(room):
    """Where the report on the class was written."""
    folder = room.root / "report"
    settings = ClassReport(undone=[synthetic.UNDONE], mistakes_page="release/mistakes.md")
    command.write(room.coursedir(), settings, room.assignment, folder, LOG)
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
                if result["message"] and result["key"] != synthetic.UNDONE:
                    met.setdefault(result["key"], set()).add(student)
    found = summary.mistakes(group, {"course.shape": "форма {yours}, а нужна {expected}."})
    assert {mistake.key: mistake.learners for mistake in found} == {
        key: len(students) for key, students in met.items()
    }
    assert [mistake.learners for mistake in found] == sorted((len(s) for s in met.values()), reverse=True)
    assert next(m.sentence for m in found if m.key == "course.shape") == "форма …, а нужна …."
    assert next(m.sentence for m in found if m.key is None) == synthetic.MISTAKES[None]
    for rate in summary.rates(group):
        assert rate.tried == len(group.graded) == LEARNERS - 2
        assert rate.outcomes[Outcome.FULL] == passed[rate.check.notebook, rate.check.name]


def test_only_a_ticked_box_asks_for_feedback(group):
    """The sentence beside the box names both forms: it is no tick."""
    asking = [learner.mark.student for learner in group.learners if learner.asks]
    assert sorted(asking) == ["s0004", "s0034"]
    assert all(learner.asks == ["part-1", "part-2"] for learner in group.learners if learner.asks)


def test_who_waits_for_a_person_and_why(group):
    waiting = {
        learner.mark.student: summary.questions(learner)
        for learner in group.learners
        if learner.mark.state == State.PROVISIONAL
    }
    assert sorted(waiting) == ["s0003", "s0033"]
    notebook, checks, why = waiting["s0003"][0]
    assert (notebook, [check.name for check in checks]) == ("part-2", ["c"])
    assert why == ["Этот код преподаватель посмотрит сам: в нём есть exec."]


def test_a_question_of_nbgrader_itself_has_a_reason_too(tmp_path, sheet):
    room = synthetic.make(tmp_path, sheet, 2)
    with room.gradebook() as gradebook:
        for notebook in gradebook.find_submission(room.assignment, "s0001").notebooks:
            for grade in notebook.grades:
                grade.needs_manual_grade = True
                grade.manual_score = 1 if notebook.name == "part-1" else None
        gradebook.db.commit()
        group = collect(gradebook, room.coursedir(), room.assignment, set(), LOG)
    reasons = [why for learner in group.graded for _, _, (why,) in summary.questions(learner)]
    assert len(set(reasons)) == 2


def test_the_distribution_counts_every_mark_once(group):
    ranges = summary.distribution(group)
    assert (ranges[0][0], ranges[-1][1]) == (0, 12)
    assert sum(final for _, _, final, _ in ranges) == LEARNERS - 4
    assert sum(other for *_, other in ranges) == 2


def test_the_csv_files_hold_the_same_data(group, folder):
    learners = pandas.read_csv(folder / "learners.csv", keep_default_na=False)
    assert learners.score.tolist() == [learner.mark.score for learner in group.learners]
    assert (learners.state == "missing").sum() == 2
    assert not learners.name.str.startswith("=").any()
    results = pandas.read_csv(folder / "results.csv", keep_default_na=False)
    assert len(results) == 3 * len(group.graded)
    assert results.points.sum() == sum(learner.mark.raw for learner in group.learners)
    checks = pandas.read_csv(folder / "checks.csv")
    share = (results[results.check == "a"].outcome == "full").mean()
    assert checks.set_index("check").pass_rate["a"] == pytest.approx(share, abs=1e-4)
    assert len(pandas.read_csv(folder / "mistakes.csv")) == len(summary.mistakes(group, {}))


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
    room = synthetic.make(tmp_path, sheet, learners)  # the first learner has handed in nothing
    path = command.write(room.coursedir(), ClassReport(), room.assignment, tmp_path / "out", LOG)
    assert path.read_text("utf-8").count("ничего не сдано: 1") == learners


def test_a_notebook_that_cannot_be_read_is_named_and_the_rest_is_reported(tmp_path, sheet, caplog):
    room = synthetic.make(tmp_path, sheet, 3)
    broken = room.root / "autograded" / "s0001" / "sheet" / "part-1.ipynb"
    broken.write_text('{"cells": [')
    foreign = room.root / "autograded" / "s0002" / "sheet" / "part-1.ipynb"
    foreign.write_text('{"cells": [{"metadata": []}], "metadata": {"grading": 7}}')
    (room.root / "autograded" / "s0002" / "sheet" / "part-2.ipynb").unlink()
    with room.gradebook() as gradebook:
        group = collect(gradebook, room.coursedir(), room.assignment, set(), LOG)
    assert [str(path) in caplog.text for path in (broken, foreign)] == [True, True]
    assert len(group.graded) == 2
    assert all(len(learner.results) == 3 for learner in group.graded)


def test_values_of_a_wrong_kind_in_a_notebook_are_left_out(tmp_path):
    path = tmp_path / "a.ipynb"
    result = {"key": ["x"], "message": 5}
    cell = {"metadata": {"grading": result, "nbgrader": {"grade_id": "a"}}, "source": ""}
    path.write_text(json.dumps({"cells": [cell], "metadata": {"grading": {"refused": {}}}}))
    record = notebooks.record(path, LOG)
    assert record.diagnoses == {"a": notebooks.Diagnosis()}
    assert record.refused is None


CONFIG = "c = get_config()\nc.CourseDirectory.root = {root!r}\nc.CourseDirectory.course_id = 'synthetic'\n"


ENVIRONMENT = {"PYTHONPATH": str(command.Path(command.__file__).parents[2])}


def configure(folder, config=""):
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(folder)) + config)


def test_the_command_writes_beside_the_other_folders(room):
    configure(room.root)
    words = [sys.executable, "-m", "grading", "report", "sheet"]
    done = subprocess.run(words, cwd=room.root, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0
    assert "report/sheet/index.html" in done.stdout
    files = {path.name for path in (room.root / "report" / "sheet").iterdir()}
    assert files == {"index.html", *command.FILES}


@pytest.mark.parametrize(
    ("assignment", "config", "says"),
    [
        ("nonsense", "", "no assignment 'nonsense'; it has sheet"),
        ("sheet", "c.ClassReport.catalogue = 'absent.json'", "absent.json, cannot be read"),
        ("sheet", "c.CourseDirectory.db_url = 'sqlite:////absent/gradebook.db'", "no gradebook /absent"),
        ("sheet", "c.CourseDirectory.db_url = 'sqlite:///nbgrader_config.py'", "file is not a database"),
        ("sheet", "import nosuch", "No module named 'nosuch'"),
    ],
)
def test_the_command_refuses_in_one_sentence(room, assignment, config, says, tmp_path):
    configure(room.root, config)
    words = "report", assignment, "--to", str(tmp_path / "out")
    done = forked.run(room.root, ENVIRONMENT, "grading", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_five_hundred_learners_take_seconds(tmp_path, request):
    room = synthetic.make(tmp_path, request.config.rootpath / "source" / "backprop", 500)
    start = time.process_time()
    path = command.write(room.coursedir(), ClassReport(), room.assignment, tmp_path / "out", LOG)
    assert time.process_time() - start < 15
    assert path.stat().st_size < 8e6

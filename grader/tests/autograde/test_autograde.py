"""A small class through nbgrader's own command: marks, regrading, refusal, feedback."""

import json

import pytest
from traitlets.config import Config

from nbgrader_apart import use
from nbgrader_apart.messages import text
from nbgrader_apart.own_steps import name, only_nbgraders
from nbgrader_apart.processes import kernel, sandbox
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import marks, run_forked
from nbgrader_apart.testing.small_course import WRONG

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    small_course.build(root)
    assert run_forked(root, "nbgrader", "generate_assignment", small_course.ASSIGNMENT)[0] == 0
    small_course.submit(root, "ann", small_course.RIGHT)
    code, output = run_forked(root, "nbgrader", "autograde", small_course.ASSIGNMENT)
    assert code == 0, output
    return root


def scores(root, student):
    return {name: score for name, (score, _) in marks(root)[student].items()}


def test_a_right_submission_gets_everything(course):
    assert scores(course, "ann") == small_course.POINTS


def test_regrading_replaces_every_score(course):
    folder = course / "submitted" / "ann" / small_course.ASSIGNMENT
    (folder / "layer.ipynb").write_text(json.dumps(small_course.answer({"dense-layer": WRONG}, "layer")))
    (folder / "loop.ipynb").write_text("broken")
    assert run_forked(course, "nbgrader", "autograde", small_course.ASSIGNMENT, "--force")[0] == 0
    expected = {**small_course.POINTS, "layer-db": 0, "train-steps": 0, "history-result": 0}
    assert scores(course, "ann") == expected
    cells = json.loads((course / "autograded/ann" / small_course.ASSIGNMENT / "layer.ipynb").read_text())[
        "cells"
    ]
    records = {cell["id"]: cell["metadata"]["grading"] for cell in cells if "grading" in cell["metadata"]}
    assert records["layer-dw"]["passed"]
    assert records["layer-db"]["points"] == 0
    assert records["layer-db"]["message"]


def test_hidden_tests_are_neither_returned_nor_in_the_feedback(course):
    assert run_forked(course, "nbgrader", "generate_feedback", small_course.ASSIGNMENT, "--force")[0] == 0
    pages = [*(course / "autograded").rglob("*.ipynb"), *(course / "feedback").rglob("*.html")]
    assert pages
    assert not [page for page in pages if "СЕКРЕТ" in page.read_text() or "HIDDEN TESTS" in page.read_text()]


def test_the_unsafe_setting_says_so_in_red(course):
    config = course / "nbgrader_config.py"
    before = config.read_text()
    unsafe = "c.Grading.unsafe_without_sandbox = True\nc.Grading.cell_seconds = 30\n"  # cold imports
    config.write_text(before + unsafe)
    try:
        code, output = run_forked(course, "nbgrader", "autograde", small_course.ASSIGNMENT, "--force")
    finally:
        config.write_text(before)
    assert code == 0, output
    assert "\x1b[31mВНИМАНИЕ" in output
    assert (
        "БЕЗ песочницы" in (course / "autograded/ann" / small_course.ASSIGNMENT / "layer.ipynb").read_text()
    )
    assert scores(course, "ann")["layer-dw"] == small_course.POINTS["layer-dw"]


def test_a_run_without_bubblewrap_ends_before_it_removes_anything(course, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho no namespaces here >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    before = scores(course, "ann")
    code, output = run_forked(
        course, "nbgrader", "autograde", small_course.ASSIGNMENT, "--force", path=tmp_path
    )
    assert code == 1
    assert "Песочница не запускается: no namespaces here." in output
    assert "Traceback" not in output
    assert scores(course, "ann") == before


@pytest.mark.parametrize(
    "command",
    [("nbgrader_apart", "grade"), pytest.param(("nbgrader", "autograde"), marks=pytest.mark.nightly)],
)
def test_what_a_warm_up_dies_of_is_said(course, command):
    config = course / "nbgrader_config.py"
    before = config.read_text()
    config.write_text(before + "c.Grading.warm_up = 'import no_such_package'\n")
    try:
        code, output = run_forked(course, *command, small_course.ASSIGNMENT, "--force")
    finally:
        config.write_text(before)
    assert code == 1
    reason = "ModuleNotFoundError: No module named 'no_such_package' (c.Grading.warm_up, 1)"
    assert text("warm.failed", reason=reason) in " ".join(output.split())
    assert command[0] == "nbgrader" or "Traceback" not in output  # nbgrader's own report of a failure


def test_without_bubblewrap_grading_refuses_in_one_sentence(monkeypatch):
    sandbox.check.cache_clear()
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(sandbox.SandboxUnavailable, match="apt-get install bubblewrap"):
        sandbox.check()
    sandbox.check.cache_clear()


def test_an_old_kernel_of_the_system_means_cold_kernels_and_says_so(monkeypatch, capsys):
    kernel.can_fork_into_sandbox.cache_clear()
    monkeypatch.setattr(kernel.platform, "release", lambda: "5.4.0-generic")
    assert not kernel.can_fork_into_sandbox()
    assert "Linux 5.8" in capsys.readouterr().err
    kernel.can_fork_into_sandbox.cache_clear()


OWN = """
import nbgrader_apart
from nbgrader.preprocessors import NbGraderPreprocessor
class Own(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        open("ran", "a").write(f"{type(self.parent).__name__} ")
        return nb, resources
c = get_config()
c.CourseDirectory.course_id = "fixture"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata", Own]
c.GenerateAssignment.preprocessors.append(Own)
c.GenerateFeedback.preprocessors = ["nbgrader.preprocessors.GetGrades", Own]
nbgrader_apart.use(c, language="ru")
"""


def test_a_courses_own_steps_are_run_where_nbgrader_runs_them(tmp_path):
    small_course.build(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(OWN)
    small_course.submit(tmp_path, "ann", small_course.RIGHT)
    for command in "generate_assignment", "autograde", "generate_feedback":
        code, output = run_forked(tmp_path, "nbgrader", command, small_course.ASSIGNMENT)
        assert code == 0, output
        assert "SAWarning" not in output
        assert (tmp_path / "ran").read_text(), command
        (tmp_path / "ran").unlink()
    code, output = run_forked(tmp_path, "nbgrader_apart", "grade", small_course.ASSIGNMENT, "--force")
    assert (code, "SAWarning" in output) == (0, False), output
    assert text("use.own_steps", names="Own") in " ".join(output.split())


def test_a_list_that_would_run_code_without_the_sandbox_is_refused(course):
    config = course / "nbgrader_config.py"
    before = config.read_text()
    stock = "c.Autograde.autograde_preprocessors = ['nbgrader.preprocessors.Execute']\n"
    try:
        config.write_text(before + stock)
        code, output = run_forked(course, "nbgrader", "autograde", small_course.ASSIGNMENT, "--force")
    finally:
        config.write_text(before)
    assert code != 0
    assert "c.Autograde.autograde_preprocessors" in output
    assert scores(course, "ann")


def test_own_steps_stay_in_their_place():
    config = Config()
    own = [
        "my.First",
        "nbgrader.preprocessors.Execute",
        "my.Second",
        "nbgrader.preprocessors.SaveAutoGrades",
        "my.Last",
    ]
    config.Autograde.autograde_preprocessors = own
    for _ in range(2):
        use(config)
        assert [*map(name, config.Autograde.autograde_preprocessors)] == [
            "First", "RunAndJudge", "LimitOutput", "Second", "SaveGrades", "CheckCellMetadata", "Last",
        ]  # fmt: skip
    assert only_nbgraders(config) == ["First", "Second", "Last"]

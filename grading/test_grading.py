"""A small class through nbgrader's own command: marks, regrading, refusal, feedback."""

import json

import pytest

from grading.attacks import fixture
from grading.attacks.case import WRONG
from grading.attacks.grade import marks, run_forked
from grading.run import kernel, sandbox

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    fixture.build(root)
    assert run_forked(root, "nbgrader", "generate_assignment", fixture.ASSIGNMENT)[0] == 0
    fixture.submit(root, "ann", fixture.RIGHT)
    code, output = run_forked(root, "nbgrader", "autograde", fixture.ASSIGNMENT)
    assert code == 0, output
    return root


def scores(root, student):
    return {name: score for name, (score, _) in marks(root)[student].items()}


def test_a_right_submission_gets_everything(course):
    assert scores(course, "ann") == fixture.POINTS


def test_regrading_replaces_every_score(course):
    folder = course / "submitted" / "ann" / fixture.ASSIGNMENT
    (folder / "layer.ipynb").write_text(json.dumps(fixture.answer({"dense-layer": WRONG}, "layer")))
    (folder / "loop.ipynb").write_text("broken")
    assert run_forked(course, "nbgrader", "autograde", fixture.ASSIGNMENT, "--force")[0] == 0
    expected = {**fixture.POINTS, "layer-db": 0, "train-steps": 0, "history-result": 0}
    assert scores(course, "ann") == expected
    cells = json.loads((course / "autograded/ann" / fixture.ASSIGNMENT / "layer.ipynb").read_text())["cells"]
    records = {cell["id"]: cell["metadata"]["grading"] for cell in cells if "grading" in cell["metadata"]}
    assert records["layer-dw"]["passed"]
    assert records["layer-db"]["points"] == 0
    assert records["layer-db"]["message"]


def test_hidden_tests_are_neither_returned_nor_in_the_feedback(course):
    assert run_forked(course, "nbgrader", "generate_feedback", fixture.ASSIGNMENT, "--force")[0] == 0
    pages = [*(course / "autograded").rglob("*.ipynb"), *(course / "feedback").rglob("*.html")]
    assert pages
    assert not [page for page in pages if "СЕКРЕТ" in page.read_text() or "HIDDEN TESTS" in page.read_text()]


def test_the_unsafe_setting_says_so_in_red(course):
    config = course / "nbgrader_config.py"
    before = config.read_text()
    unsafe = "c.Grading.unsafe_without_sandbox = True\nc.Grading.cell_seconds = 30\n"  # cold imports
    config.write_text(before + unsafe)
    try:
        code, output = run_forked(course, "nbgrader", "autograde", fixture.ASSIGNMENT, "--force")
    finally:
        config.write_text(before)
    assert code == 0, output
    assert "\x1b[31mВНИМАНИЕ" in output
    assert "БЕЗ песочницы" in (course / "autograded/ann" / fixture.ASSIGNMENT / "layer.ipynb").read_text()
    assert scores(course, "ann")["layer-dw"] == fixture.POINTS["layer-dw"]


def test_a_run_without_bubblewrap_ends_before_it_removes_anything(course, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho no namespaces here >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    before = scores(course, "ann")
    code, output = run_forked(course, "nbgrader", "autograde", fixture.ASSIGNMENT, "--force", path=tmp_path)
    assert code == 1
    assert "apt-get install bubblewrap" in output
    assert "Traceback" not in output
    assert scores(course, "ann") == before


def test_without_bubblewrap_grading_refuses_in_one_sentence(monkeypatch):
    sandbox.check.cache_clear()
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    with pytest.raises(sandbox.SandboxUnavailable, match="apt-get install bubblewrap"):
        sandbox.check()
    sandbox.check.cache_clear()


def test_an_old_kernel_of_the_system_means_cold_kernels_and_says_so(monkeypatch, capsys):
    kernel.can_be_warm.cache_clear()
    monkeypatch.setattr(kernel.platform, "release", lambda: "5.4.0-generic")
    assert not kernel.can_be_warm()
    assert "Linux 5.8" in capsys.readouterr().err
    kernel.can_be_warm.cache_clear()

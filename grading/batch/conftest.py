"""A course with the small class, made once and copied for each test."""

import shutil

import pytest

from grading.attacks import fixture
from grading.attacks.grade import run_forked
from grading.batch.small_class import CLASS, SHEET


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """A course with a class whose last submission is no notebook at all."""
    root = tmp_path_factory.mktemp("generated")
    fixture.build(root)
    code, output = run_forked(root, "nbgrader", "generate_assignment", SHEET)
    assert code == 0, output
    for student, (answers, _) in CLASS.items():
        fixture.submit(root, student, answers)
    broken = root / "submitted" / "fay" / SHEET
    broken.mkdir(parents=True)
    (broken / "layer.ipynb").write_text("broken")
    return root


@pytest.fixture
def course(generated, tmp_path):
    """A copy of it."""
    shutil.copytree(generated, tmp_path, dirs_exist_ok=True)
    config = tmp_path / "nbgrader_config.py"
    config.write_text(config.read_text().replace(str(generated), str(tmp_path)))
    return tmp_path

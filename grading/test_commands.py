"""The commands of this package and of the examples without one of their packages."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "words", [["grading", "grade", "sheet"], ["grading", "doctor"], ["examples", "demo"]]
)
def test_a_missing_package_is_told_in_one_sentence(request, tmp_path, words):
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError('No module named typer', name='typer')")
    command = [sys.executable, "-m", *words]
    root = request.config.rootpath
    env = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "typer" in done.stderr
    assert "requirements-dev.txt" in done.stderr
    assert done.stderr.count("\n") == 1

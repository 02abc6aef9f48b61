"""The commands without one of their packages."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("words", [["nbgrader_apart", "grade", "sheet"], ["nbgrader_apart", "doctor"]])
def test_a_missing_package_is_told_in_one_sentence(tmp_path, words):
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError('No module named typer', name='typer')")
    command = [sys.executable, "-m", *words]
    env = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "typer" in done.stderr
    assert "pip install nbgrader-apart" in done.stderr
    assert done.stderr.count("\n") == 1

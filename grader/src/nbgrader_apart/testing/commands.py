"""Runs nbgrader on a course folder, as its command line does, and reads the marks."""

import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from nbgrader_apart.testing import forked
from nbgrader_apart.testing.small_course import ASSIGNMENT


def nbgrader(
    root: Path, *arguments: str, seconds: float = 900, path: str = "/", temporary: Path | None = None
) -> tuple[int, str]:
    """Run an nbgrader command in the course folder; (exit code, output)."""
    return run(root, "nbgrader", *arguments, seconds=seconds, path=path, temporary=temporary)


def run(
    root: Path,
    module: str,
    *arguments: str,
    seconds: float = 900,
    path: str = "/",
    temporary: Path | None = None,
) -> tuple[int, str]:
    """Run a Python module's command in the course folder, `path` first on PATH; (exit code, output)."""
    environment = environ(path) | ({"TMPDIR": str(temporary)} if temporary else {})
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=seconds)
    return done.returncode, done.stdout + done.stderr


def run_forked(root: Path, module: str, *arguments: str, path: str = "/") -> tuple[int, str]:
    """The same in a fork that has its imports already: for tests of what a command does, not of its start."""
    done = forked.run(root, environ(path), module, *arguments)
    return done.returncode, done.stdout + done.stderr


def environ(path: str = "/") -> dict[str, str]:
    """The environment in which the course folder finds this package, `path` first on PATH."""
    variables = forked.environment()
    return variables | {"PATH": f"{path}:{variables['PATH']}"}


def marks(root: Path, url: str | None = None) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """{student: {grade id of a test: (automatic score, needs a person)}}"""
    with Gradebook(url or f"sqlite:///{root}/gradebook.db") as gradebook:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }

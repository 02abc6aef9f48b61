"""Runs nbgrader on a course folder, as its command line does, and reads the marks."""

import subprocess
import sys

from nbgrader.api import Gradebook

from .. import forked
from .fixture import ASSIGNMENT


def nbgrader(root, *arguments, **options):
    """Run an nbgrader command in the course folder; (exit code, output)."""
    return run(root, "nbgrader", *arguments, **options)


def run(root, module, *arguments, seconds=900, path="/", temporary=None):
    """Run a Python module's command in the course folder, `path` first on PATH; (exit code, output)."""
    environment = environ(path) | ({"TMPDIR": str(temporary)} if temporary else {})
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=seconds)
    return done.returncode, done.stdout + done.stderr


def run_forked(root, module, *arguments, path="/"):
    """The same in a fork that has its imports already: for tests of what a command does, not of its start."""
    done = forked.run(root, environ(path), module, *arguments)
    return done.returncode, done.stdout + done.stderr


def environ(path="/"):
    """The environment in which the course folder finds this package, `path` first on PATH."""
    variables = forked.environment()
    return variables | {"PATH": f"{path}:{variables['PATH']}"}


def marks(root, url=None):
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

"""Runs nbgrader on a course folder, as its command line does, and reads the marks."""

import os
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from .fixture import ASSIGNMENT


def nbgrader(root, *arguments, seconds=900, path=None):
    """Run an nbgrader command in the course folder, `path` first on PATH; (exit code, output)."""
    path = f"{path or '/'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=seconds
    )
    return done.returncode, done.stdout + done.stderr


def marks(root):
    """{student: {grade id of a test: (automatic score, needs a person)}}"""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return {
            submission.student.id: {
                grade.name: (grade.auto_score, grade.needs_manual_grade)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in gradebook.assignment_submissions(ASSIGNMENT)
        }

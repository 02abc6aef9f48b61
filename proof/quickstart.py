"""`python -m proof.quickstart [COPIES]`: nbgrader's own example course, by stock nbgrader and both ways.

`nbgrader quickstart` makes the course; its two submissions, here COPIES times, are those of the guide in
the installed package. The three grade by turns, everything anew each time.
"""

import os
import shutil
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import typer
from nbgrader.api import Gradebook

from nbgrader_apart.testing.commands import run

WAYS = ("stock", "inside", "apart")
ASSIGNMENT, TURNS = "ps1", 3
SUBMITTED = Path(find_spec("nbgrader").origin).parent / "docs" / "source" / "user_guide" / "submitted"
SWITCHED_ON = "import nbgrader_apart\nnbgrader_apart.use(c)\nc.Grading.tests = {way!r}\n"


class Quickstart:
    """The course in `folder`, graded one way."""

    def __init__(self, folder, way, copies=1):
        self.folder, self.way = Path(folder) / way, way
        self._command("nbgrader", "quickstart", way, folder=folder)
        config = self.folder / "nbgrader_config.py"
        config.write_text(config.read_text() + (SWITCHED_ON.format(way=way) if way != "stock" else ""))
        self._command("nbgrader", "generate_assignment", ASSIGNMENT)
        for student in SUBMITTED.iterdir():
            for number in range(copies):
                shutil.copytree(student, self.folder / "submitted" / f"{student.name}-{number}")

    def grade(self):
        """Grade all anew; how many seconds it took."""
        command = ("nbgrader", "autograde") if self.way == "stock" else ("nbgrader_apart", "grade")
        started = time.monotonic()
        self._command(*command, ASSIGNMENT, "--force")
        return time.monotonic() - started

    def marks(self):
        """{(student, test): (points, or None when a person has to give them; whether one has to look)}"""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            return {
                (submission.student.id, grade.name): (grade.auto_score, grade.needs_manual_grade)
                for submission in gradebook.assignment_submissions(ASSIGNMENT)
                for notebook in submission.notebooks
                for grade in notebook.grades
            }

    def _command(self, *words, folder=None):
        code, said = run(folder or self.folder, *words)
        if code:
            raise RuntimeError(f"{' '.join(words)} ended with {code}:\n{said}")


def main(copies: int = typer.Argument(1, help="How many learners hand in each of the two submissions.")):
    """Print each test's points by the three, and how long they took; 1 is the exit code when marks differ."""
    with tempfile.TemporaryDirectory(prefix="quickstart-") as folder:
        courses = [Quickstart(folder, way, copies) for way in WAYS]
        took = {way: [] for way in WAYS}
        for _ in range(TURNS):
            for course in courses:
                took[course.way].append(course.grade())
        marks = {course.way: course.marks() for course in courses}
    print(f"| submission | test | {' | '.join(WAYS)} |\n|:--|:--|{'--:|' * len(WAYS)}")
    for student, test in marks["stock"]:
        points = [shown(*marks[way][student, test]) for way in WAYS]
        if student.endswith("-0"):
            print(f"| {student.removesuffix('-0')} | {test} | {' | '.join(points)} |")
    print(f"\nseconds for {2 * copies} submissions, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores:")
    for way, seconds in took.items():
        each = ", ".join(f"{one:.1f}" for one in seconds)
        print(f"{way}: {each}; median {statistics.median(seconds):.1f}")
    refused = {test for test, (_, person) in marks["apart"].items() if person}
    odd = [test for test, found in marks["stock"].items() if marks["inside"][test] != found]
    odd += [test for test in marks["stock"].keys() - refused if marks["apart"][test] != marks["stock"][test]]
    for student, test in odd:
        print(f"another mark than stock's: {student}, {test}")
    raise typer.Exit(bool(odd))


def shown(points, person):
    """The points in the table."""
    return f"{'–' if points is None else points}{', a person looks' if person else ''}"


if __name__ == "__main__":
    typer.run(main)

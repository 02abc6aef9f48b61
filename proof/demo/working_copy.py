"""A working copy of the course: nbgrader generates, grades and writes feedback there.

The instructor's own submitted/, autograded/ and gradebook.db are not touched.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from course.build.editions import ORIGINAL
from course.build.paths import ROOT
from nbgrader_apart.testing import forked
from proof.demo.submissions import ExampleError

CONFIG = """
load_subconfig({course!r})
c = get_config()
c.CourseDirectory.root = {root!r}
"""
CACHES = {"__pycache__", ".ipynb_checkpoints"}
AT_ONCE = ("nbgrader_apart", "grade", "--quiet")
NBGRADER = ("nbgrader", "autograde")
RAISED = re.compile(r"^ *\w[\w.]*(?:Error|Exception): (.+)$", re.MULTILINE)  # the last line of a traceback


@dataclass
class Outcome:
    """What came of one student's submission: marks by notebook and test cell, or why there are none."""

    student: str
    error: str = ""
    marks: dict = field(default_factory=dict)  # {notebook: {grade id: (points, possible points)}}

    def points(self, notebook):
        """The points of one notebook."""
        return sum(points for points, _ in self.marks[notebook].values())

    @property
    def total(self):
        """The points of all notebooks."""
        return sum(self.points(notebook) for notebook in self.marks)

    @property
    def lost(self):
        """{notebook: names of the test cells that cost points}."""
        lost = {
            notebook: [name for name, (points, possible) in cells.items() if points < possible]
            for notebook, cells in self.marks.items()
        }
        return {notebook: sorted(cells) for notebook, cells in lost.items() if cells}


class Course:
    """The course laid out in `folder`, as an instructor has it, with one of its editions."""

    def __init__(self, folder, edition=ORIGINAL, notebooks=None):
        """`notebooks` are the names of those that it has, all when it is None. Nothing is written yet."""
        self.folder = Path(folder).resolve()
        self.edition, self.assignment, self.notebooks = edition, edition.assignment, notebooks
        self.release = self.folder / "release" / self.assignment
        self.submitted = self.folder / "submitted"
        self.feedback = self.folder / "feedback"
        self.log = self.folder / "nbgrader.log"

    def create(self):
        """Start anew: copy source/ here and let nbgrader generate the release from it."""
        try:
            shutil.rmtree(self.folder, ignore_errors=True)
            copy_source(self.edition, self.folder, self.notebooks)
            (self.folder / "nbgrader_config.py").write_text(
                CONFIG.format(course=str(ROOT / "nbgrader_config.py"), root=str(self.folder)), "utf-8"
            )
        except OSError as error:
            raise ExampleError(
                f"The course cannot be laid out in {self.folder}: {error.strerror or error}"
            ) from None
        if error := self._run(self._api().generate_assignment, self.assignment):
            raise ExampleError(f"nbgrader could not generate the release: {error}")

    def grade(self, students, command=AT_ONCE, feedback=True):
        """Outcomes of `students` ({id: "First Last"}), graded by the command, with `feedback` written.

        A submission that cannot be graded has an error in its outcome; the others are graded. Raises
        ExampleError when none is graded.
        """
        self._enrol(students)
        self._command(*command, self.assignment)
        if not list(self.folder.glob(f"autograded/*/{self.assignment}")):
            raise ExampleError(self.log.read_text("utf-8").splitlines()[-1])
        if feedback:
            self._command("nbgrader", "generate_feedback", self.assignment)
        folders = [self.folder / "autograded", *([self.feedback] if feedback else [])]
        with self.gradebook() as gradebook:
            return [
                Outcome(student, self._error(student, folders), _marks(gradebook, self.assignment, student))
                for student in students
            ]

    def _command(self, module, *arguments):
        """Run a command in the course's folder and keep what it says."""
        command, environment = [sys.executable, "-m", module, *arguments], forked.environment()
        with self.log.open("a", encoding="utf-8") as log:
            subprocess.run(command, cwd=self.folder, env=environment, stdout=log, stderr=log, check=False)

    def _error(self, student, folders):
        """What is missing of a student's results in the folders, in one sentence, or nothing."""
        done = all((folder / student / self.assignment).exists() for folder in folders)
        return "" if done else f"see {self.log}"

    def write_feedback(self, student):
        """Write a student's feedback anew; what went wrong in one sentence, or nothing."""
        return self._run(partial(self._api().generate_feedback, force=True), self.assignment, student)

    def _run(self, step, *arguments):
        """Run one step of nbgrader's and keep what it says; what went wrong, or nothing."""
        result = step(*arguments)
        said = result.get("log", "")
        with self.log.open("a", encoding="utf-8") as log:
            log.write(said)
        if result["success"]:
            return ""
        raised = RAISED.findall(said) or RAISED.findall(result["error"])
        return raised[-1] if raised else f"see {self.log}"

    def _enrol(self, students):
        """Make every row that grading needs at once: two processes would trip over each other."""
        with self.gradebook() as gradebook:
            for student, name in students.items():
                first, _, last = name.partition(" ")
                gradebook.update_or_create_student(student, first_name=first, last_name=last)
                gradebook.update_or_create_submission(self.assignment, student)

    def gradebook(self):
        """The gradebook of nbgrader, to be used in a `with` statement."""
        return Gradebook(
            f"sqlite:///{self.folder / 'gradebook.db'}", course_id=self._config().CourseDirectory.course_id
        )

    def _config(self):
        config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
        config.CourseDirectory.root = str(self.folder)
        return config

    def _api(self):
        return NbGraderAPI(config=self._config())


def copy_source(edition, folder, notebooks=None):
    """Copy an edition's source into the course's `folder`, of its notebooks these, or all when it is None."""

    def left_out(_, names):
        found = [name for name in names if name.endswith(".ipynb") and notebooks is not None]
        unasked = {name for name in found if Path(name).stem not in notebooks}
        return CACHES.intersection(names) | unasked

    shutil.copytree(edition.source, folder / "source" / edition.assignment, ignore=left_out)


def _marks(gradebook, assignment, student):
    """{notebook: {grade id: (points, possible points)}} as nbgrader's gradebook has them."""
    submission = gradebook.find_submission(assignment, student)
    return {
        notebook.name: {grade.name: (grade.score, grade.max_score) for grade in notebook.grades}
        for notebook in sorted(submission.notebooks, key=lambda notebook: notebook.name)
    }

"""Example submissions, laid onto the released notebooks from short files of cell sources.

`submissions/<name>/submission.toml` describes one:

    what = "One sentence: what this learner does."
    student = "First Last"
    solved = ["*"]            # notebooks ("task-1-neuron-batch") or cells ("task-1-neuron-batch/loss")
                              # whose solutions are taken from source/; "*" stands for all of them
    ask_feedback = [...]      # optional: notebooks in which the box that asks for feedback is ticked
    [lost]                    # the test cells that cost points, notebook by notebook; of a notebook in which
    task-6-relu-network = ["layer2-dw"]  # nothing is solved all do, without being named here

`submissions/<name>/<notebook>/<grade id>.py` is the source of that cell as the learner wrote it.
"""

import re
import shutil
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat

from course.build import catalogue, tasks
from course.build.editions import EDITIONS, ORIGINAL

HERE = Path(__file__).resolve().parent / "submissions"
SOLUTION_MARK = re.compile(r"^\s*### (BEGIN|END) SOLUTION\n?", re.MULTILINE)
EMPTY_BOX, TICKED_BOX = "- [ ]", "- [x]"


class ExampleError(Exception):
    """What is wrong with an example or with the folder it is written to, in one sentence."""


@dataclass(frozen=True)
class Submission:
    """One example submission: what its learner did and the marks it has to get."""

    name: str
    what: str
    student: str
    solved: list = field(default_factory=list)
    ask_feedback: list = field(default_factory=list)
    lost: dict = field(default_factory=dict)

    @property
    def failing(self):
        """{notebook: sorted names of the test cells that cost points}."""
        done = {place.partition("/")[0] for place in self.solved} | {
            notebook for notebook, _ in self.own_cells
        }
        empty = {} if "*" in done else {name: list(points()[name]) for name in points() if name not in done}
        return {notebook: sorted(cells) for notebook, cells in (empty | self.lost).items()}

    @property
    def total(self):
        """The marks that nbgrader has to give."""
        return sum(
            most
            for notebook, cells in points().items()
            for cell, most in cells.items()
            if cell not in self.failing.get(notebook, ())
        )

    @property
    def own_cells(self):
        """{(notebook, grade id): source} of the cells that this learner wrote."""
        return {
            (path.parent.name, path.stem): path.read_text("utf-8")
            for path in (HERE / self.name).glob("*/*.py")
        }

    def write(self, release, submitted):
        """Write the learner's notebooks, laid onto those of `release`, into submitted/<name>/backprop/."""
        target = submitted / self.name / release.name
        edition = next((one for one in EDITIONS if one.assignment == release.name), ORIGINAL)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        unused = self.own_cells
        for path in sorted(release.glob("*.ipynb")):
            notebook = nbformat.read(path, as_version=4)
            for cell in notebook.cells:
                self._fill(cell, path.stem, edition, unused)
            nbformat.write(notebook, target / path.name)
        if unused:
            raise ExampleError(f"{self.name}: the release has no cell {'/'.join(next(iter(unused)))}")

    def _fill(self, cell, notebook, edition, own):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if (notebook, grade_id) in own:
            cell.source = own.pop((notebook, grade_id)).rstrip("\n")
        elif grade_id and {"*", notebook, f"{notebook}/{grade_id}"} & set(self.solved):
            cell.source = solutions(notebook, edition).get(grade_id, cell.source)
        elif "feedback-request" in cell.metadata.get("tags", ()) and notebook in self.ask_feedback:
            cell.source = cell.source.replace(EMPTY_BOX, TICKED_BOX)


@cache
def points():
    """{notebook: {grade id: points}} of the test cells."""
    return {name: catalogue.points(name) for name in tasks.names()}


@cache
def solutions(notebook, edition=ORIGINAL):
    """{grade id: source} of the learner's cells of source/<assignment>/<notebook>.ipynb, solved."""
    cells = nbformat.read(edition.source / f"{notebook}.ipynb", as_version=4).cells
    marked = [(cell, cell.metadata.get("nbgrader", {})) for cell in cells]
    return {
        mark["grade_id"]: SOLUTION_MARK.sub("", cell.source) for cell, mark in marked if mark.get("solution")
    }


def load(name):
    """The example called `name`."""
    path = HERE / name / "submission.toml"
    if not path.is_file():
        known = ", ".join(sorted(other.parent.name for other in HERE.glob("*/submission.toml")))
        raise ExampleError(f"There is no example {name!r}. Known ones: {known}")
    return Submission(name=name, **tomllib.loads(path.read_text("utf-8")))


def names():
    """The names of all examples: right ones first, then by the marks they get."""
    found = [(load(path.parent.name).total, path.parent.name) for path in HERE.glob("*/submission.toml")]
    return [name for _, name in sorted(found, key=lambda pair: (-pair[0], pair[1]))]

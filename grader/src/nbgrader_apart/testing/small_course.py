"""A small course of two notebooks, for the tests and the attacks of this package."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbgrader_apart.intake.rebuild import released
from nbgrader_apart.model.source_notebook import is_learners

HERE = Path(__file__).parent
ASSIGNMENT = "sheet"
CONFIG = """
import os
import nbgrader_apart
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "fixture"
c.Exchange.root = {root!r} + "/exchange"
if "GRADEBOOK_URL" in os.environ:
    c.CourseDirectory.db_url = os.environ["GRADEBOOK_URL"]
nbgrader_apart.use(c, language="ru")
c.Grading.tests = "apart"
c.Grading.warm_up = "import {library}"
c.Grading.cell_seconds = 4
c.Grading.call_seconds = 4
c.Grading.notebook_seconds = 20
c.Grading.memory_mb = 1500
c.Grading.output_mb = 2
c.Grading.disk_mb = 64
c.Grading.file_mb = 32
"""

LAYER = """import numpy

class DenseLayer:
    def __init__(self, weights, bias):
        self.weights, self.bias = weights, bias

    def forward(self, inputs):
        return inputs @ self.weights + self.bias

    def backward(self, inputs, dldy):
        self.dw = inputs.T @ dldy
        self.db = dldy.sum(0)
        return dldy @ self.weights.T
"""
WRONG = LAYER.replace("dldy.sum(0)", "dldy.mean(0)")
TRAIN = """def train(layer, inputs, dldy, lr, epochs):
    losses = []
    for _ in range(epochs):
        losses.append(float((layer.forward(inputs) ** 2).mean()))
        layer.backward(inputs, dldy)
        layer.step(lr)
    return losses
"""
HISTORY = """import numpy

layer = DenseLayer(numpy.zeros((3, 1)), numpy.zeros(1))
history = train(layer, numpy.ones((4, 3)), numpy.ones((4, 1)), 0.1, 0) + [2.0, 1.0]
snapshots = {0: numpy.zeros(3), 5: numpy.ones(3)}
"""
CHECK = "from checks import layer as check"
POINTS = {
    "layer-forward": 1,
    "layer-dw": 2,
    "layer-db": 2,
    "layer-pure": 1,
    "train-steps": 2,
    "history-result": 1,
}
Answers: TypeAlias = Mapping[str, NotebookNode | dict[str, str]]
RIGHT = {"layer": {"dense-layer": LAYER}, "loop": {"dense-layer": LAYER, "train": TRAIN, "training": HISTORY}}


def learners(name: str, source: str) -> NotebookNode:
    """A cell that the learner writes."""
    return cell(source, name, solution=True)


def test(name: str, source: str, hidden: str) -> NotebookNode:
    """A graded cell with hidden lines."""
    body = f"{source}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return cell(body, name, grade=True, locked=True, points=POINTS[name])


def cell(source: str, name: str, points: float | None = None, **flags: bool) -> NotebookNode:
    """A code cell with nbgrader's metadata."""
    about = {
        "schema_version": 3,
        "grade_id": name,
        "grade": False,
        "locked": False,
        "solution": False,
        "task": False,
    }
    made = new_code_cell(source, id=name, metadata={"nbgrader": {**about, **flags}})
    if points:
        made.metadata.nbgrader["points"] = points
    return made


def notebooks() -> dict[str, NotebookNode]:
    """{name: source notebook}"""
    box = new_markdown_cell("- [ ] Хочу обратную связь", id="box", metadata={"tags": ["feedback-request"]})
    layer = [
        new_markdown_cell("# Слой\nНапишите слой с прямым и обратным проходом.", id="head"),
        new_code_cell(f"import numpy\n{CHECK}", id="imports"),
        learners("dense-layer", LAYER),
        new_code_cell("check.forward(DenseLayer)", id="visible", metadata={"tags": ["raises-exception"]}),
        test("layer-forward", "check.forward(DenseLayer)", "check.forward(DenseLayer, trials=20)"),
        test(
            "layer-dw",
            "check.gradient(DenseLayer, 'dw')",
            "check.gradient(DenseLayer, 'dw', trials=20)  # СЕКРЕТ",
        ),
        test("layer-db", "check.gradient(DenseLayer, 'db')", "check.gradient(DenseLayer, 'db', trials=20)"),
        test("layer-pure", "check.pure(DenseLayer)", "check.pure(DenseLayer)"),
        box,
    ]
    loop = [
        new_markdown_cell("# Обучение\nНапишите цикл обучения слоя.", id="head2"),
        new_code_cell(CHECK, id="imports2"),
        cell("epochs = 3", "data", locked=True),
        learners("dense-layer", LAYER),
        learners("train", TRAIN),
        test("train-steps", "check.train(train)", "check.train(train)"),
        learners("training", HISTORY),
        test(
            "history-result",
            "assert history[-1] < history[0] and len(snapshots) == 2",
            "assert snapshots[5].sum() == 3 and epochs == 3 and not (snapshots[0] == snapshots[5]).any()",
        ),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {
        name: new_notebook(cells=cells, metadata=kernel) for name, cells in (("layer", layer), ("loop", loop))
    }


def build(root: Path, library: str = "numpy") -> None:
    """Write the course into the folder `root`; its checks work with the arrays of the library.

    "torch" takes a second longer to import, each time that something is graded.
    """
    source = root / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    (root / "exchange").mkdir(mode=0o777)
    for name, notebook in notebooks().items():
        nbformat.write(notebook, source / f"{name}.ipynb")
    (source / "checks").mkdir()
    for path in (HERE / "checks").glob("*.py"):  # what they use of numpy, torch has under the same names
        (source / "checks" / path.name).write_text(path.read_text().replace("numpy", library))
    (root / "nbgrader_config.py").write_text(CONFIG.format(root=str(root), library=library))


def answer(sources: dict[str, str], name: str) -> NotebookNode:
    """The released notebook `name` with the learner's cells replaced by `sources` {grade id: source}."""
    notebook = released(notebooks()[name])
    for each in notebook.cells:
        if is_learners(each):
            each.source = sources.get(each.metadata.nbgrader.grade_id, "raise NotImplementedError")
    return notebook


def submit(root: Path, student: str, answers: Answers) -> Path:
    """Write a submission: {notebook name: {grade id: source}, or a notebook}."""
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True)
    for name, sources in answers.items():
        notebook = sources if "cells" in sources else answer(sources, name)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder

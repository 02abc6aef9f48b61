"""The step between nbgrader's sanitising and its gradebook: run the learner's cells, judge the tests."""

import sys
from pathlib import Path

import nbformat
from jupyter_core.utils import run_sync
from nbformat.v4 import new_markdown_cell
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor

from .judge.cells import plain_error
from .judge.names import bound_names, imports_of
from .judge.session import Judge
from .messages import text
from .record import clean, gradebook, manual
from .run.kernel import LearnersKernel
from .run.shipped import shipped
from .settings import Grading
from .take_in.rebuild import grade_id, is_learners

RED = "\x1b[31m{}\x1b[0m"


class RunAndJudge(NbGraderPreprocessor):
    """Fills the outputs of every code cell: learner's cells in the sandbox, tests by the judge."""

    def preprocess(self, nb, resources):
        self.settings = Grading(parent=self)
        gradebook.forget_scores(resources)
        for name, checksum in gradebook.checksums(resources).items():
            for cell in nb.cells:
                if grade_id(cell) == name:
                    cell.metadata.nbgrader["checksum"] = checksum
        course = Course(self.parent.parent.coursedir, resources["nbgrader"])
        reason = nb.metadata.get("grading", {}).get("refused")
        if reason:
            refuse(nb, text("intake.refused", reason=reason))
        else:
            if self.settings.unsafe_without_sandbox:
                print(RED.format(text("run.unsafe")), file=sys.stderr)
                nb.cells.insert(0, new_markdown_cell(f"**{text('run.unsafe')}**", id="grading-unsafe"))
            run_sync(self._run)(nb, course)
            self._ask_person(nb, course)
        return nb, resources

    async def _run(self, nb, course):
        """Run and judge the cells in their order. Whatever happens, nothing is left running."""
        kernel = LearnersKernel(self.settings, course.autograded, course.shipped)
        judge = None
        try:
            await kernel.start()
            judge = Judge(
                self.settings, course.source_folder, course.shipped.names, course.contract, kernel.judge_end
            )
            for cell in nb.cells:
                if cell.cell_type == "markdown":
                    if "nbgrader" not in cell.metadata and cell.get("id") not in course.ids:
                        cell.source = clean.markup(cell.source)
                elif cell.cell_type == "code" and grade_id(cell) in course.tests:
                    judge_cell(cell, course, judge, kernel)
                elif cell.cell_type == "code":
                    await kernel.run_cell(cell)
                    cell.outputs = clean.outputs(cell.outputs)
                    prepare(cell, course, judge)
        finally:
            if judge:
                judge.close()
            await kernel.close()

    def _ask_person(self, nb, course):
        cells = [cell for cell in nb.cells if cell.cell_type == "code"]
        written = [cell for cell in cells if is_learners(cell) or cell.get("id") not in course.ids]
        own = next((grade_id(cell) for cell in written if grade_id(cell)), None)
        named = [(grade_id(cell) or own, cell.source) for cell in written]
        flagged, comments = manual.questions(named, course.tests)
        if flagged:
            nb.metadata.setdefault("grading", {})["manual"] = {"tests": sorted(flagged), "comments": comments}


class Course:
    """What the course itself says about one notebook: its tests, its names, its files."""

    def __init__(self, coursedir, about):
        student, assignment = about["student"], about["assignment"]
        self.source_folder = Path(coursedir.format_path(coursedir.source_directory, ".", assignment))
        self.autograded = Path(coursedir.format_path(coursedir.autograded_directory, student, assignment))
        self.shipped = shipped(self.source_folder)
        cells = nbformat.read(self.source_folder / f"{about['notebook']}.ipynb", as_version=4).cells
        code = [cell for cell in cells if cell.cell_type == "code"]
        self.ids = {cell.get("id") for cell in cells}
        self.tests = {
            grade_id(cell): cell.source for cell in code if utils.is_grade(cell) and not is_learners(cell)
        }
        self.locked = {grade_id(cell): cell.source for cell in code if utils.is_locked(cell)}
        self.plain = {cell.id: cell.source for cell in code if "nbgrader" not in cell.metadata}
        self.contract = set().union(*(bound_names(cell.source) for cell in code if is_learners(cell)))


def prepare(cell, course, judge):
    """Give the judge what the course defines for its tests: locked cells, imports of its plain cells."""
    name = grade_id(cell)
    if name in course.locked:
        judge.trusted(course.locked[name], name)
    elif cell.get("id") in course.plain:
        judge.trusted(imports_of(course.plain[cell.id]), cell.id)


def judge_cell(cell, course, judge, kernel):
    """Judge one test; write its outputs and its record into the cell."""
    name = grade_id(cell)
    outputs, key = judge.test(course.tests[name], name)
    outputs = [nbformat.from_dict(output) for output in outputs]
    points = float(cell.metadata.nbgrader["points"])
    for number, output in enumerate(outputs):
        if output.output_type == "execute_result" and float(output.data["text/plain"]) > points:
            value = output.data["text/plain"]
            outputs[number] = nbformat.from_dict(
                plain_error("ValueError", text("judge.bad_score", value=value))
            )
    if kernel.stopped and any(output.output_type == "error" for output in outputs):
        outputs.append(nbformat.from_dict(plain_error("GradingStopped", kernel.stopped)))
    cell.outputs, cell.execution_count = outputs, None
    note_result(cell, key)


def note_result(cell, key):
    """The record of a check, in `metadata.grading`: points, the sentence it failed with, and its key."""
    message = next((output.evalue for output in cell.outputs if output.output_type == "error"), None)
    points, possible = utils.determine_grade(cell)
    record = {"points": points, "possible": possible, "passed": points == possible}
    cell.metadata["grading"] = record | {"message": message, "key": key}


def refuse(nb, message):
    """Every test of the notebook fails with the message."""
    for cell in nb.cells:
        if cell.cell_type == "code" and utils.is_grade(cell):
            cell.outputs = [nbformat.from_dict(plain_error("NotAccepted", message))]
            note_result(cell, "intake.refused")

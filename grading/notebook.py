"""Grades one notebook: the learner's cells run in the sandbox, tests are judged, outputs tell the result."""

import sys

import nbformat
from nbformat.v4 import new_markdown_cell
from nbgrader import utils

from .judge.cells import plain_error
from .judge.names import bound_names, imports_of
from .messages import text
from .record import clean, manual
from .run.kernel import LearnersKernel
from .take_in.rebuild import grade_id, is_learners

RED = "\x1b[31m{}\x1b[0m"


class SourceNotebook:
    """What the course itself says about one notebook: its tests and its names."""

    def __init__(self, notebook):
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.ids = {cell.get("id") for cell in notebook.cells}
        self.tests = {
            grade_id(cell): cell.source for cell in code if utils.is_grade(cell) and not is_learners(cell)
        }
        self.locked = {grade_id(cell): cell.source for cell in code if utils.is_locked(cell)}
        self.plain = {cell.id: cell.source for cell in code if "nbgrader" not in cell.metadata}
        self.contract = set().union(*(bound_names(cell.source) for cell in code if is_learners(cell)))


def grade(notebook, name, assignment, files, settings, checksums, judge):
    """Fill the outputs of every code cell of the taken-in `notebook`, called `name` in the assignment.

    `files` is the folder with the learner's data files, `checksums` those of the released cells by grade id:
    by them nbgrader knows an answer that was left as it was. Raises SandboxUnavailable.
    """
    for cell in notebook.cells:
        if grade_id(cell) in checksums:
            cell.metadata.nbgrader["checksum"] = checksums[grade_id(cell)]
    source = assignment.notebooks[name]
    reason = notebook.metadata.get("grading", {}).get("refused")
    if reason:
        refuse(notebook, text("intake.refused", reason=reason))
        return
    if settings.unsafe_without_sandbox:
        print(RED.format(text("run.unsafe")), file=sys.stderr)
        notebook.cells.insert(0, new_markdown_cell(f"**{text('run.unsafe')}**", id="grading-unsafe"))
    _run(notebook, source, LearnersKernel(settings, files, assignment.shipped), judge)
    _ask_person(notebook, source, settings)


def _run(notebook, source, kernel, judge):
    """Run and judge the cells in their order. Whatever happens, nothing is left running in the sandbox."""
    try:
        kernel.start()
        judge.turn_to(source.contract, kernel.judge_end)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                if "nbgrader" not in cell.metadata and cell.get("id") not in source.ids:
                    cell.source = clean.markup(cell.source)
            elif cell.cell_type == "code" and grade_id(cell) in source.tests:
                judge_cell(cell, source, judge, kernel)
            elif cell.cell_type == "code":
                kernel.run_cell(cell)
                cell.outputs = clean.outputs(cell.outputs)
                prepare(cell, source, judge)
    finally:
        kernel.close()


def _ask_person(notebook, source, settings):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    written = [cell for cell in cells if is_learners(cell) or cell.get("id") not in source.ids]
    own = next((grade_id(cell) for cell in written if grade_id(cell)), None)
    named = [(grade_id(cell) or own, cell.source) for cell in written]
    asked_about = settings.suspicious_names, settings.suspicious_except_in
    flagged, comments = manual.questions(named, source.tests, *asked_about)
    if flagged:
        asked = {"tests": sorted(flagged), "comments": comments}
        notebook.metadata.setdefault("grading", {})["manual"] = asked


def prepare(cell, source, judge):
    """Give the judge what the course defines for its tests: locked cells, imports of its plain cells."""
    name = grade_id(cell)
    if name in source.locked:
        judge.trusted(source.locked[name], name)
    elif cell.get("id") in source.plain:
        judge.trusted(imports_of(source.plain[cell.id]), cell.id)


def judge_cell(cell, source, judge, kernel):
    """Judge one test; write its outputs and its record into the cell."""
    name = grade_id(cell)
    outputs, key = judge.test(source.tests[name], name)
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


def refuse(notebook, message):
    """Every test of the notebook fails with the message."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and utils.is_grade(cell):
            cell.outputs = [nbformat.from_dict(plain_error("NotAccepted", message))]
            note_result(cell, "intake.refused")

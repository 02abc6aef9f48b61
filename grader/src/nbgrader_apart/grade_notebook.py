"""Grades one notebook: learners' cells run in the sandbox, tests there or in the judge."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader import utils
from nbgrader.preprocessors import IgnorePattern

from nbgrader_apart.judge.client import Judge
from nbgrader_apart.judge.process import UNFIT, plain_error, unfit_error
from nbgrader_apart.messages import text
from nbgrader_apart.model.assignment import Assignment
from nbgrader_apart.model.course import CourseError
from nbgrader_apart.model.magics import plain_python
from nbgrader_apart.model.settings import INSIDE, Grading
from nbgrader_apart.model.source_notebook import (
    AUTOTEST,
    ReleasedCell,
    SourceNotebook,
    grade_id,
    is_learners,
)
from nbgrader_apart.model.syntax import changed_names, free_names
from nbgrader_apart.processes.kernel import LearnersKernel
from nbgrader_apart.processes.kernelspecs import foreign_kernel
from nbgrader_apart.record import manual_review, safe_outputs
from nbgrader_apart.record.allow_list import AllowList

RED = "\x1b[31m{}\x1b[0m"


def grade(
    notebook: NotebookNode,
    name: str,
    assignment: Assignment,
    files: Path | str,
    settings: Grading,
    released: Mapping[str, ReleasedCell],
    judge: Judge,
) -> None:
    """Fill the outputs of every code cell of the taken-in `notebook`, called `name` in the assignment.

    `files` is the folder with the learner's data files, `released` the gradebook's cells by grade id.
    Raises SandboxUnavailable, ProcessFailed, CourseError.
    """
    for cell in notebook.cells:
        if grade_id(cell) in released:
            cell.metadata.nbgrader["checksum"] = released[grade_id(cell)].checksum
    source = assignment.notebooks[name]
    tests = plan(source, assignment.folder.name, settings, released)
    foreign = foreign_kernel(assignment.sources[name].metadata.get("kernelspec", {}))
    if foreign and tests.apart:
        raise CourseError(text("run.apart_language", name=name, language=foreign.language))
    reason = notebook.metadata.get("grading", {}).get("refused")
    if reason:
        refuse(notebook, text("intake.refused", reason=reason))
        return
    if settings.unsafe_without_sandbox:
        print(RED.format(text("run.unsafe")), file=sys.stderr)
        notebook.cells.insert(0, new_markdown_cell(f"**{text('run.unsafe')}**", id="grading-unsafe"))
    kernel = LearnersKernel(settings, files, assignment.shipped, foreign)
    _run(notebook, source, tests, assignment.given, kernel, judge)
    _ask_person(notebook, source, tests, settings)


@dataclass(frozen=True)
class Tests:
    """The tests of a notebook: {grade id: source} of those that run inside, and of those that run apart."""

    inside: dict[str, str]
    apart: dict[str, str]


def plan(
    source: SourceNotebook, assignment: str, settings: Grading, released: Mapping[str, ReleasedCell]
) -> Tests:
    """Which tests run where. Raises CourseError when a generated one is not in the gradebook."""
    tests = Tests({}, {})
    for name, written in source.tests.items():
        if AUTOTEST in written:
            if name not in released or AUTOTEST in released[name].source:
                raise CourseError(text("record.not_generated", name=name))
            written = released[name].source
        way = settings.way(assignment, source.tags[name])
        (tests.inside if way == INSIDE else tests.apart)[name] = written
    return tests


def _run(
    notebook: NotebookNode,
    source: SourceNotebook,
    tests: Tests,
    given: Collection[str],
    kernel: LearnersKernel,
    judge: Judge,
) -> None:
    """Run the cells and tests in their order. In any case nothing is left running in the sandbox."""
    missing: set[str] = set()  # what refused tests would have defined
    try:
        kernel.start()
        if tests.apart:
            judge.start_notebook(source.apart.imported, kernel.judge_end, kernel.pid)
        for cell in notebook.cells:
            name = grade_id(cell)
            if cell.cell_type == "markdown":
                if "nbgrader" not in cell.metadata and cell.get("id") not in source.ids:
                    cell.source = safe_outputs.markup(cell.source)
            elif cell.cell_type == "code" and name in tests.apart:
                run_apart(cell, tests.apart[name], source, given, judge, kernel, missing)
            elif cell.cell_type == "code" and name in tests.inside:
                run_inside(cell, tests.inside[name], kernel)
            elif cell.cell_type == "code":
                kernel.run_cell(cell)
                cell.outputs = safe_outputs.outputs(cell.outputs)
                if tests.apart:
                    prepare(cell, source, judge)
    finally:
        kernel.close()


def _ask_person(notebook: NotebookNode, source: SourceNotebook, tests: Tests, settings: Grading) -> None:
    """Note which tests a person should look at.

    One that runs inside can be fooled anyway: it is asked about only where the course has an allow-list.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    written = [cell for cell in cells if is_learners(cell) or cell.get("id") not in source.ids]
    own = next((grade_id(cell) for cell in written if grade_id(cell)), "")
    named = [(grade_id(cell) or own, cell.source) for cell in written]
    given = [code for _, kind, code in source.code if kind != "answer"]
    allowed = AllowList.of(settings.allowed)
    watched = source.tests if allowed.tests else tests.apart
    flagged, comments = manual_review.questions(named, watched, allowed, given)
    unfit = {grade_id(cell): cell.metadata.grading["message"] for cell in cells if is_unfit(cell)}
    if flagged or unfit:
        asked = {"tests": sorted(flagged | unfit.keys()), "comments": comments, "unfit": unfit}
        notebook.metadata.setdefault("grading", {})["manual"] = asked


def is_unfit(cell: NotebookNode) -> bool:
    """Whether the cell is a test that cannot run apart: it says nothing about the answer."""
    return cell.metadata.get("grading", {}).get("key") == UNFIT


def prepare(cell: NotebookNode, source: SourceNotebook, judge: Judge) -> None:
    """Give the judge what the course defines for its tests: locked cells, imports of its plain cells."""
    name = grade_id(cell) or cell.id
    if judge.running and (code := source.apart.trusted.get(name)):
        judge.trusted(code, name)


def run_inside(cell: NotebookNode, source: str, kernel: LearnersKernel) -> None:
    """Run one test in the learner's kernel; nbgrader's own rules read its mark from the outputs."""
    kernel.run_cell(cell, source)
    ignore = IgnorePattern(config=kernel.settings.config)
    if ignore.enabled:
        ignore.preprocess_cell(cell, {}, 0)
    cell.outputs = safe_outputs.outputs(cell.outputs)
    for output in cell.outputs:
        if output.output_type == "error" and source != cell.source:  # the traceback would show hidden lines
            output.traceback = plain_error(output.ename, output.evalue)["traceback"]
    note_result(cell, None)


def run_apart(
    cell: NotebookNode,
    test: str,
    source: SourceNotebook,
    given: Collection[str],
    judge: Judge,
    kernel: LearnersKernel,
    missing: set[str],
) -> None:
    """Run one test in the judge; write its outputs and its record into the cell.

    `missing` are the names that refused tests would have defined; this test's are put in or taken out.
    """
    if "skip-execution" in cell.metadata.get("tags", []):  # as inside, and in nbgrader
        found, key = [], None
    elif reason := source.unfit(grade_id(cell), test, given):
        found, key = [unfit_error(text(f"apart.{reason}"))], UNFIT
    elif lacking := missing and missing & free_names(plain_python(test)):
        found, key = [unfit_error(text("apart.needs", name=min(lacking)))], UNFIT
    else:
        found, key = judge.test(test, grade_id(cell), source.apart.needed(test))
    own = changed_names(plain_python(test)) - source.apart.known
    if key == UNFIT:
        missing |= own
    else:
        missing -= own
    cell.outputs, cell.execution_count = [nbformat.from_dict(output) for output in found], None
    if kernel.stopped and any(output.output_type == "error" for output in cell.outputs):
        cell.outputs.append(nbformat.from_dict(plain_error("GradingStopped", kernel.stopped)))
    note_result(cell, key)


def note_result(cell: NotebookNode, key: str | None) -> None:
    """The record of a check, in `metadata.grading`: points, the sentence it failed with, and its key."""
    refuse_excess(cell)
    message = next((output.evalue for output in cell.outputs if output.output_type == "error"), None)
    points, possible = utils.determine_grade(cell)
    record = {"points": points, "possible": possible, "passed": points == possible}
    cell.metadata["grading"] = record | {"message": message, "key": key}


def refuse_excess(cell: NotebookNode) -> None:
    """Put an error in place of more points than are possible: nbgrader would end its run there."""
    try:
        utils.determine_grade(cell)
    except ValueError:
        value = next(output.data["text/plain"] for output in cell.outputs if output.get("data"))
        error = plain_error("ValueError", text("judge.bad_score", value=value))
        cell.outputs = [nbformat.from_dict(error)]


def refuse(notebook: NotebookNode, message: str) -> None:
    """Every test of the notebook fails with the message."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and utils.is_grade(cell):
            cell.outputs = [nbformat.from_dict(plain_error("NotAccepted", message))]
            note_result(cell, "intake.refused")

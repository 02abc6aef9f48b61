"""What a course's source notebook says: which cells the learner writes, which are tests."""

import functools
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbgrader import utils

from nbgrader_apart.model.apart_names import ApartNames, apart_names
from nbgrader_apart.model.magics import plain_python
from nbgrader_apart.model.settings import INSIDE
from nbgrader_apart.model.syntax import bound_names, changed_names, free_names, imported_names, loaded_names
from nbgrader_apart.model.unfit import unfit

# A box begins a line, because the sentence that explains it may name both forms. Its blanks are no line ends:
# else the search would be repeated from each of them.
TICK = re.compile(r"^[^\S\n]*(?:[-*+][^\S\n]*)?\[[^\S\n]*[xXхХ✓✔][^\S\n]*\]", re.MULTILINE)
BOX = re.compile(r"^([^\S\n]*(?:[-*+][^\S\n]*)?)\[[^\S\n]*\]", re.MULTILINE)
TICK_TAG = "feedback-request"
AUTOTEST = "AUTOTEST"  # InstantiateTests.autotest_delimiter


def is_learners(cell: NotebookNode) -> bool:
    """Whether the learner writes this cell."""
    return bool(utils.is_solution(cell))


def grade_id(cell: NotebookNode) -> str:
    """The name by which nbgrader knows the cell; "" if it does not."""
    return cell.metadata.get("nbgrader", {}).get("grade_id") or ""


def language(notebook: NotebookNode) -> str | None:
    """The language in which the notebook wants its learners spoken to; None if it does not say."""
    return notebook.metadata.get("apart", {}).get("language")


def read_source(path: Path) -> NotebookNode:
    """A source notebook in the format 4.5, without outputs: each submission gets a copy of it.

    A cell of an older format, without an id, gets one by its place.
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number}")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


class ReleasedCell(NamedTuple):
    """What the gradebook keeps of a cell since `nbgrader generate_assignment`."""

    checksum: str  # by which nbgrader recognises an answer that was left unchanged
    source: str  # with hidden tests


class SourceNotebook:
    """What the course itself says about one notebook: its tests and its names."""

    def __init__(self, notebook: NotebookNode) -> None:
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        tests = [cell for cell in code if utils.is_grade(cell) and not is_learners(cell)]
        self.ids = {cell.get("id") for cell in notebook.cells}
        self.tests = {grade_id(cell): cell.source for cell in tests}
        self.tags = {grade_id(cell): cell.metadata.get("tags", []) for cell in tests}
        self.code = [(grade_id(cell) or cell.id, kind(cell), cell.source) for cell in code]
        inside = {name for name, tags in self.tags.items() if f"tests-{INSIDE}" in tags}
        # for tests apart: what runs in the kernel, as a test with that tag does, is the learner's
        self._seen = [(name, "answer" if name in inside else kind, code) for name, kind, code in self.code]
        self._unfit: dict[tuple[str, str], str | None] = {}  # (grade id, source) -> what `unfit` has found

    @functools.cached_property
    def apart(self) -> ApartNames:
        """What the judge has to know for tests that run apart."""
        return apart_names(self._seen)

    @functools.cached_property
    def _shared(self) -> tuple[int, set[str]]:
        """What tests would change for others, if they ran in one process.

        The place of the first test that changes what a later cell of the kernel reads; and the tests that
        read a name of the learner's which a test before them has set: the judge asks the kernel for it anew.
        """
        first, readers = len(self.code), set()
        bound: set[str] = set()  # in the kernel
        changed: dict[str, int] = {}  # {name: place of the test that has changed it}
        for place, (name, kind, source) in enumerate(self._seen):
            code = plain_python(source)
            read = free_names(code) & changed.keys()
            if kind == "test":
                by_others = self.apart.needed(code) - loaded_names(code)  # functions of locked cells
                if changed.keys() & (by_others | read & self.apart.contract):
                    readers.add(name)
                changed |= dict.fromkeys(bound_names(code) | (changed_names(code) - bound), place)
            else:
                first = min([first, *(changed[each] for each in read)])
                bound |= changed_names(code)
                for each in bound_names(code) | imported_names(code):
                    changed.pop(each, None)
        return first, readers

    def unfit(self, name: str, source: str, given: Collection[str]) -> str | None:
        """The end of the key apart.… of why the test cannot run apart; None when no reason is seen."""
        if (name, source) not in self._unfit:
            self._unfit[name, source] = self._why_unfit(name, source, given)
        return self._unfit[name, source]

    def _why_unfit(self, name: str, source: str, given: Collection[str]) -> str | None:
        first, readers = self._shared
        if [grade for grade, *_ in self.code].index(name) >= first:
            return "later"
        if name in readers:
            return "earlier"
        cells = [code for _, kind, code in self._seen if kind != "test"]
        return unfit(source, self.apart.contract, cells, given)


def kind(cell: NotebookNode) -> str:
    """What a code cell is for: answer, test, locked (the course's) or plain (anybody may change it)."""
    if is_learners(cell):
        return "answer"
    if utils.is_grade(cell):
        return "test"
    return "locked" if utils.is_locked(cell) else "plain"

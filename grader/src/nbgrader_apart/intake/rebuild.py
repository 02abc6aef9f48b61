"""The notebook that is graded: the course's source notebook with the learner's sources put in."""

import copy
import difflib
import re

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from nbgrader.utils import is_locked, is_task
from traitlets.config import Configurable

from nbgrader_apart.intake.notebook_reader import SubmittedCell, has_conflict
from nbgrader_apart.messages import text
from nbgrader_apart.model.language_stubs import LanguageStubs
from nbgrader_apart.model.source_notebook import BOX, TICK, TICK_TAG, grade_id, is_learners


def released(source: NotebookNode, parent: Configurable | None = None) -> NotebookNode:
    """A copy of the source notebook, as `read_source` has read it, without solutions and hidden tests."""
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        if is_learners(cell):
            cell.source = ""
    for preprocessor in (ClearHiddenTests(parent=parent), ClearMarkScheme(parent=parent)):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return notebook


def keep_schemes(notebook: NotebookNode, source: NotebookNode) -> None:
    """Put the tasks' mark schemes back, which nbgrader keeps for whoever grades them."""
    tasks = {grade_id(cell): cell.source for cell in source.cells if is_task(cell)}
    for cell in notebook.cells:
        cell.source = tasks.get(grade_id(cell), cell.source)


def stubs(source: NotebookNode, parent: Configurable | None = None) -> dict[str, str]:
    """{grade id of a learner's cell: what the release has in it}, if nbgrader has a stub in its language."""
    clear = LanguageStubs(parent=parent)
    if source.metadata.get("kernelspec", {}).get("language", "python") not in clear.code_stub:
        return {}
    notebook = NotebookNode(metadata=source.metadata, cells=[*filter(is_learners, source.cells)])
    notebook, _ = clear.preprocess(copy.deepcopy(notebook), {})
    return {grade_id(cell): cell.source.strip() for cell in notebook.cells}


def refused(source: NotebookNode, reason: str, parent: Configurable | None = None) -> NotebookNode:
    """The notebook to record when nothing of the submission is usable: every test fails with the reason."""
    notebook = released(source, parent)
    keep_schemes(notebook, source)
    notebook.metadata["grading"] = {"refused": reason}
    notebook.cells.insert(0, note([text("intake.refused", reason=reason)]))
    return notebook


def note(lines: list[str]) -> NotebookNode:
    """A cell at the top of the notebook that says how the submission was read."""
    # An underscore is escaped: Markdown would set __init__ in bold.
    plain = [re.sub(r"[<>&`]", "", line).replace("_", r"\_") for line in lines]
    body = "\n".join(f"- {line}" for line in plain)
    return new_markdown_cell(f"{text('intake.title')}\n\n{body}", id="grading-notes")


def rebuild(
    source: NotebookNode, cells: list[SubmittedCell], notes: list[str], parent: Configurable | None = None
) -> NotebookNode:
    """The graded notebook from the source notebook and the submitted `cells` (of notebook_reader.py).

    Returns it and adds to `notes`, which are shown to the learner.
    """
    notebook = released(source, parent)
    untouched = stubs(source, parent)
    match, by_place = align(notebook.cells, cells, untouched)
    missing: list[str] = []
    for index, cell in enumerate(notebook.cells):
        found = match.get(index)
        if is_learners(cell):
            if found is None:
                missing.append(grade_id(cell))
            else:
                cell.source = cells[found].source
        elif (
            TICK_TAG in cell.metadata.get("tags", [])
            and found is not None
            and TICK.search(cells[found].source)
        ):
            cell.source = BOX.sub(r"\1[x]", cell.source, count=1)
    notebook.cells = interleave(notebook.cells, cells, match, untouched)
    keep_schemes(notebook, source)
    if any(has_conflict(cell.source) for cell in cells):
        notes.append(text("intake.conflict_in_cells"))
    if missing:
        notes.append(text("intake.missing_cells", names=", ".join(missing)))
    if by_place:
        notes.append(text("intake.matched", names=", ".join(by_place)))
    if notes:
        notebook.cells.insert(0, note(notes))
    return notebook


def align(
    originals: list[NotebookNode], cells: list[SubmittedCell], untouched: dict[str, str]
) -> tuple[dict[int, int], list[str]]:
    """{index in the source: index in the submission}, and the grade ids found by their place only."""
    match: dict[int, int] = {}
    taken: set[int] = set()
    by_id = {grade_id(cell): index for index, cell in enumerate(originals) if grade_id(cell)}
    for found, cell in enumerate(cells):  # of several copies the last one that was worked on counts
        if cell.grade_id in by_id:
            taken.add(found)
            if by_id[cell.grade_id] not in match or is_work(cell, untouched):
                match[by_id[cell.grade_id]] = found
    ids = {cell.get("id"): index for index, cell in enumerate(originals) if cell.get("id")}
    for found, cell in enumerate(cells):
        if found not in taken and cell.id in ids and ids[cell.id] not in match:
            match[ids[cell.id]] = found
            taken.add(found)
    _match_endings(originals, cells, match, taken)
    _match_texts(originals, cells, match, taken)
    return match, _match_gaps(originals, cells, match, taken, untouched)


def is_work(cell: SubmittedCell, untouched: dict[str, str]) -> bool:
    """Whether a copy of an answer's cell holds more than the release has in it."""
    return cell.source.strip() not in ("", untouched.get(cell.grade_id or ""))


def _match_endings(
    originals: list[NotebookNode], cells: list[SubmittedCell], match: dict[int, int], taken: set[int]
) -> None:
    """A locked cell with lines put before it is that cell: a notebook may bring its files along so."""
    locked = [index for index, cell in enumerate(originals) if is_locked(cell) and index not in match]
    for index, ending in [(index, originals[index].source.strip()) for index in locked]:
        for found, cell in enumerate(cells):
            if ending and found not in taken and cell.source.rstrip().endswith(f"\n{ending}"):
                match[index] = found
                taken.add(found)
                break


def _match_texts(
    originals: list[NotebookNode], cells: list[SubmittedCell], match: dict[int, int], taken: set[int]
) -> None:
    """Unchanged texts in the same order are the same cells."""
    left = [
        index for index in range(len(originals)) if index not in match and originals[index].source.strip()
    ]
    right = [index for index in range(len(cells)) if index not in taken]
    texts = (
        [originals[index].source.strip() for index in left],
        [cells[index].source.strip() for index in right],
    )
    for a, b, size in difflib.SequenceMatcher(None, *texts, autojunk=False).get_matching_blocks():
        for step in range(size):
            match[left[a + step]] = right[b + step]
            taken.add(right[b + step])


def _match_gaps(
    originals: list[NotebookNode],
    cells: list[SubmittedCell],
    match: dict[int, int],
    taken: set[int],
    untouched: dict[str, str],
) -> list[str]:
    """A learner's cell without a match is the first free code cell between its matched neighbours.

    Cells as the release has them come last.
    """
    by_place = []
    for index, cell in enumerate(originals):
        if index in match or not is_learners(cell) or cell.cell_type != "code":
            continue
        start = max((found for original, found in match.items() if original < index), default=-1)
        end = min((found for original, found in match.items() if original > index), default=len(cells))
        free = [
            n
            for n in range(start + 1, end)
            if n not in taken and cells[n].kind == "code" and cells[n].source.strip()
        ]
        if free:
            stub = untouched[grade_id(cell)]
            match[index] = next((n for n in free if cells[n].source.strip() != stub), free[0])
            taken.add(match[index])
            by_place.append(grade_id(cell))
    return by_place


def interleave(
    originals: list[NotebookNode],
    cells: list[SubmittedCell],
    match: dict[int, int],
    untouched: dict[str, str],
) -> list[NotebookNode]:
    """The source's cells in their order, each followed by what the learner added after it."""
    ours = {found: index for index, found in match.items()}
    fixed = {grade_id(cell) for cell in originals if grade_id(cell) and not is_learners(cell)}
    texts = {cell.source.strip() for cell in originals} | set(untouched.values())
    before: list[NotebookNode] = []
    after: dict[int, list[NotebookNode]] = {}
    last: int | None = None
    for found, cell in enumerate(cells):
        if found in ours:
            last = ours[found]
            edited = cell.source.strip() != originals[last].source.strip()
            if not (edited and cell.kind == "code" and not grade_id(originals[last])):
                continue  # of an unlocked cell of ours, the learner's version follows ours
        elif cell.grade_id in fixed or cell.source.strip() in texts | {""}:
            continue
        added = new_code_cell(cell.source) if cell.kind == "code" else new_markdown_cell(cell.source)
        if last is None:
            before.append(added)
        else:
            after.setdefault(last, []).append(added)
    return before + [
        cell for index, original in enumerate(originals) for cell in [original, *after.get(index, [])]
    ]

"""The notebook that is graded: the course's source notebook with the learner's sources put in."""

import copy
import difflib
import re

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme

from ..messages import text

# A box stands at the beginning of a line: the sentence that explains it may name both forms.
TICK = re.compile(r"^\s*(?:[-*+]\s*)?\[\s*[xXхХ✓✔]\s*\]", re.MULTILINE)
BOX = re.compile(r"^(\s*(?:[-*+]\s*)?)\[\s*\]", re.MULTILINE)
TICK_TAG = "feedback-request"


def released(source, parent=None):
    """A copy of the source notebook without solutions, hidden tests and outputs."""
    notebook = copy.deepcopy(source)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if is_learners(cell):
            cell.source = ""
    for preprocessor in (ClearHiddenTests(parent=parent), ClearMarkScheme(parent=parent)):
        notebook, _ = preprocessor.preprocess(notebook, {})
    return notebook


def is_learners(cell):
    """Whether the learner writes this cell."""
    return bool(utils.is_solution(cell))


def grade_id(cell):
    """The name by which nbgrader knows the cell, or None."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def refused(source, reason, parent=None):
    """The notebook to record when nothing of the submission is usable: every test fails with the reason."""
    notebook = released(source, parent)
    notebook.metadata["grading"] = {"refused": reason}
    notebook.cells.insert(0, note([text("intake.refused", reason=reason)]))
    return notebook


def note(lines):
    """A cell at the top of the notebook that says what happened on the way in."""
    # An underscore is escaped: Markdown would set __init__ in bold.
    plain = [re.sub(r"[<>&`]", "", line).replace("_", r"\_") for line in lines]
    body = "\n".join(f"- {line}" for line in plain)
    return new_markdown_cell(f"{text('intake.title')}\n\n{body}", id="grading-notes")


def rebuild(source, cells, notes, parent=None):
    """The graded notebook from the source notebook and the submitted `cells` (of reading.py).

    Returns it and adds to `notes`, which are shown to the learner.
    """
    notebook = released(source, parent)
    match, by_place = align(notebook.cells, cells)
    missing = []
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
    notebook.cells = interleave(notebook.cells, cells, match)
    if missing:
        notes.append(text("intake.missing_cells", names=", ".join(missing)))
    if by_place:
        notes.append(text("intake.matched", names=", ".join(by_place)))
    if notes:
        notebook.cells.insert(0, note(notes))
    return notebook


def align(originals, cells):
    """{index in the source: index in the submission}, and the grade ids found by their place only."""
    match, taken = {}, set()
    by_id = {grade_id(cell): index for index, cell in enumerate(originals) if grade_id(cell)}
    for found, cell in enumerate(cells):  # of several copies the last one counts, as in a running notebook
        if cell.grade_id in by_id:
            match[by_id[cell.grade_id]] = found
            taken.add(found)
    ids = {cell.get("id"): index for index, cell in enumerate(originals) if cell.get("id")}
    for found, cell in enumerate(cells):
        if found not in taken and cell.id in ids and ids[cell.id] not in match:
            match[ids[cell.id]] = found
            taken.add(found)
    _match_texts(originals, cells, match, taken)
    return match, _match_gaps(originals, cells, match, taken)


def _match_texts(originals, cells, match, taken):
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


def _match_gaps(originals, cells, match, taken):
    """A learner's cell without a match is the first free code cell between its matched neighbours."""
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
            match[index] = free[0]
            taken.add(free[0])
            by_place.append(grade_id(cell))
    return by_place


def interleave(originals, cells, match):
    """The source's cells in their order, each followed by what the learner added after it."""
    ours = {found: index for index, found in match.items()}
    fixed = {grade_id(cell) for cell in originals if grade_id(cell) and not is_learners(cell)}
    texts = {cell.source.strip() for cell in originals}
    before, after, last = [], {}, None
    for found, cell in enumerate(cells):
        if found in ours:
            last = ours[found]
            edited = cell.source.strip() != originals[last].source.strip()
            if not (edited and cell.kind == "code" and not grade_id(originals[last])):
                continue  # of an unlocked cell of ours, the learner's version follows ours
        elif cell.grade_id in fixed or cell.source.strip() in texts | {""}:
            continue
        added = new_code_cell(cell.source) if cell.kind == "code" else new_markdown_cell(cell.source)
        (before if last is None else after.setdefault(last, [])).append(added)
    return before + [
        cell for index, original in enumerate(originals) for cell in [original, *after.get(index, [])]
    ]

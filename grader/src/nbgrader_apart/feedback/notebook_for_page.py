"""An autograded notebook in nbconvert's form, limited to what a page can show."""

import json
import re
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from nbgrader_apart.intake.rebuild import TICK_TAG
from nbgrader_apart.model import autograded_notebook
from nbgrader_apart.model.autograded_notebook import is_text, joined
from nbgrader_apart.record.safe_outputs import IMAGES

PLOTLY = "application/vnd.plotly.v1+json"
SHOWN = (PLOTLY, "text/html", *IMAGES, "text/markdown", "text/latex", "text/plain")
OUTPUTS = 4000  # more than fit on a page, however small they are
CELL = {"code": new_code_cell, "markdown": new_markdown_cell}
ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")


def read(path: Path) -> NotebookNode:
    """The notebook at `path`. Raises Unreadable."""
    found = autograded_notebook.load(path)
    about, left = found["metadata"], OUTPUTS
    language = about.get("language_info", about.get("kernelspec", {})).get("name")
    nb = new_notebook(metadata={"language_info": {"name": known_text(language) or "python"}})
    nb.metadata["grading"] = {"refused": known_text(about.get("grading", {}).get("refused"))}
    for each in found["cells"]:
        cell = cell_of(each)
        if cell.cell_type == "code":
            cell.outputs = [made for output in each.get("outputs", [])[:left] if (made := output_of(output))]
            left -= len(cell.outputs)
        nb.cells.append(cell)
    return nb


def cell_of(found: dict) -> NotebookNode:
    """The cell without its outputs."""
    about = found["metadata"]
    metadata: dict[str, object] = {}
    if title := known_text(about.get("title")):
        metadata["title"] = title
    if "grading" in about:
        metadata["grading"] = {"message": known_text(about["grading"].get("message"))}
    if about.get("nbgrader", {}).get("grade_id"):
        metadata["nbgrader"] = {
            name: joined(value) if isinstance(value, str) else value
            for name, value in about["nbgrader"].items()
            if isinstance(value, (str, bool, int, float))
        }
    if TICK_TAG in about.get("tags", []):
        metadata["tags"] = [TICK_TAG]
    make = CELL.get(str(found.get("cell_type")), new_raw_cell)
    cell = make(joined(found["source"]), metadata=metadata)
    if isinstance(found.get("id"), str) and ID.fullmatch(found["id"]):
        cell.id = found["id"]
    return cell


def output_of(found: dict) -> NotebookNode | None:
    """The output, a figure in it as a text of JSON; None when a page does not show it."""
    kind = found.get("output_type")
    if kind == "stream":
        return new_output("stream", text=known_text(found.get("text")))
    if kind == "error":
        lines = found.get("traceback")
        return new_output(
            "error", ename=known_text(found.get("ename")), evalue=known_text(found.get("evalue")),
            traceback=[joined(line) for line in lines] if is_text(lines) and isinstance(lines, list) else [],
        )  # fmt: skip
    data = found.get("data")
    if kind not in ("display_data", "execute_result") or not isinstance(data, dict):
        return None
    shown = {mime: joined(data[mime]) for mime in SHOWN if mime in data and is_text(data[mime])}
    if isinstance(data.get(PLOTLY), dict):
        shown[PLOTLY] = as_json(data[PLOTLY])
    return new_output("display_data", data=shown) if shown else None


def as_json(figure: dict) -> str:
    """The figure's text, the same in whatever order its keys stand: so it is drawn once for all pages.

    "" when it is nested too deeply to be written, and so to be drawn.
    """
    try:
        return json.dumps(figure, sort_keys=True)
    except RecursionError:
        return ""


def known_text(value: object) -> str:
    """The text as a string, or "" for anything else."""
    return joined(value) if isinstance(value, (str, list)) and is_text(value) else ""

"""Reads autograded notebooks for the pages about them: as JSON of a limited size, none of which is trusted.

nbformat would spend a minute validating thousands of notebooks of which only metadata is read.
"""

import json
from pathlib import Path
from typing import Any, TypeGuard

from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import read_bytes

LARGEST = 64  # MB: what grading keeps of a notebook is far below it
CELLS = 10_000


class Unreadable(Exception):
    """Why an autograded file cannot be read, in one sentence."""


def load(path: Path) -> dict[str, Any]:
    """The notebook at `path` as JSON: a dict of `metadata` and `cells`, in which everything has its type.

    Raises Unreadable.
    """
    try:
        data = read_bytes(path, LARGEST << 20)
    except OSError as error:
        raise Unreadable(text("intake.unreadable", name=path.name)) from error
    except ValueError as error:
        raise Unreadable(text("intake.too_big", name=path.name, limit=LARGEST)) from error
    try:
        found = json.loads(data)
    except RecursionError as error:
        raise not_a_notebook(path, "intake.too_deep") from error
    except (ValueError, MemoryError) as error:
        raise not_a_notebook(path, "intake.bad_json") from error
    if not is_notebook(found):
        raise not_a_notebook(path, "autograded.odd")
    if len(found["cells"]) > CELLS:
        raise not_a_notebook(path, "intake.too_long")
    return found


def not_a_notebook(path: Path, reason: str) -> Unreadable:
    """The Unreadable for a file with other contents."""
    return Unreadable(text("intake.not_json", name=path.name, reason=text(reason)))


def is_notebook(found: Any) -> bool:
    """Whether the JSON is that of a notebook, as far as this package reads it."""
    if not (isinstance(found, dict) and is_about(found.get("metadata"))):
        return False
    cells = found.get("cells")
    return isinstance(cells, list) and all(map(is_cell, cells))


def is_cell(cell: Any) -> bool:
    """Whether the JSON is that of a cell."""
    if not (isinstance(cell, dict) and is_about(cell.get("metadata")) and is_text(cell.get("source"))):
        return False
    outputs = cell.get("outputs", [])
    return isinstance(outputs, list) and all(isinstance(output, dict) for output in outputs)


def is_about(metadata: Any) -> bool:
    """Whether the JSON is metadata in which nbgrader's and grading's own have their form."""
    if not isinstance(metadata, dict):
        return False
    parts = [metadata.get(name, {}) for name in ("grading", "nbgrader", "language_info", "kernelspec")]
    return (
        all(isinstance(part, dict) for part in parts)
        and isinstance(metadata.get("nbgrader", {}).get("grade_id", ""), str)
        and isinstance(metadata.get("tags", []), list)
    )


def is_text(value: object) -> TypeGuard[str | list[str]]:
    """Whether the JSON is a text: nbformat allows a string and a list of lines."""
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(line, str) for line in value)
    )


def joined(value: str | list[str]) -> str:
    """Such a text as one string that can be written in UTF-8."""
    return "".join(value).encode("utf-8", "replace").decode()

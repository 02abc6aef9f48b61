"""Reading a submitted notebook leniently: encodings, old formats, odd types."""

import json
import re
from dataclasses import dataclass

from ..messages import text
from .files import Refused

CELLS = 2000
SOURCE = 2_000_000
BOMS = [
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
]


@dataclass
class Cell:
    """What is believed of a submitted cell."""

    kind: str
    source: str
    grade_id: str | None
    id: str | None


def read_notebook(data, name):
    """The cells of the notebook in `data`. Raises Refused."""
    try:
        notebook = json.loads(decode(data))
    except RecursionError as error:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.too_deep"))) from error
    except (ValueError, MemoryError) as error:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.bad_json"))) from error
    cells = [read_cell(cell) for cell in raw_cells(notebook) if isinstance(cell, dict)]
    if not cells:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.no_cells")))
    if len(cells) > CELLS or sum(len(cell.source) for cell in cells) > SOURCE:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.too_long")))
    return cells


def decode(data):
    """The text of a file in UTF-8, UTF-16 or UTF-32, with or without a byte order mark, or else in cp1251."""
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\0":
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1251", "replace")


def raw_cells(notebook):
    """The list of cells in nbformat 4, or in the worksheets of nbformat 3."""
    if not isinstance(notebook, dict):
        return []
    cells = notebook.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = notebook.get("worksheets")
    sheets = sheets if isinstance(sheets, list) else []
    return [cell for sheet in sheets if isinstance(sheet, dict) for cell in as_list(sheet.get("cells"))]


def read_cell(cell):
    """A Cell out of whatever a cell's dict holds."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind = cell.get("cell_type")
    return Cell(
        kind="code" if kind == "code" else "markdown",
        source=clean(cell.get("source", cell.get("input"))),
        grade_id=grade_id if isinstance(grade_id, str) else None,
        id=cell.get("id") if isinstance(cell.get("id"), str) else None,
    )


def clean(source):
    """A cell's text: lists joined, line ends made one, NUL and lone surrogates replaced."""
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
    return re.sub(r"\r\n?", "\n", source)


def as_list(value):
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []

"""Reading a submitted notebook leniently: encodings, old formats, odd types."""

import json
import re
from dataclasses import dataclass
from typing import Any

from charset_normalizer import from_bytes

from nbgrader_apart.intake.dropped_outputs import without_outputs
from nbgrader_apart.intake.submitted_files import Refused
from nbgrader_apart.messages import text

CELLS = 2000
SOURCE = 2_000_000
CONTAINERS = 1_000_000  # lists and dicts of a notebook: each takes up to forty times its size in the file
CONFLICT = [re.compile(rf"^{mark * 7}(?!{mark})", re.MULTILINE) for mark in "<=>"]
TELLING = 20_000  # bytes from which an encoding is guessed
# what editors write beside UTF-8, the likeliest first; rarer ones would win by chance on short texts
LIKELY = [
    "cp1251", "cp1252", "cp1250", "koi8_r", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
    "cp1253", "cp1254", "cp1255", "cp1256",
]  # fmt: skip
BOMS = [
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
]


@dataclass
class SubmittedCell:
    """What grading takes of a submitted cell."""

    kind: str
    source: str
    grade_id: str | None
    id: str | None


def read_notebook(data: bytes, name: str) -> list[SubmittedCell]:
    """The cells of the notebook in `data`. Raises Refused."""
    if containers(data) > CONTAINERS:
        data = shortened(data)
    if containers(data) > CONTAINERS:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.too_long")))
    source = decode(data)
    try:
        found = raw_cells(json.loads(source))
    except RecursionError as error:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.too_deep"))) from error
    except (ValueError, MemoryError) as error:
        reason = "intake.conflict" if has_conflict(source) else "intake.bad_json"
        raise Refused(text("intake.not_json", name=name, reason=text(reason))) from error
    cells = [read_cell(cell) for cell in found[:CELLS] if isinstance(cell, dict)]
    if not cells:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.no_cells")))
    if len(found) > CELLS or sum(len(cell.source) for cell in cells) > SOURCE:
        raise Refused(text("intake.not_json", name=name, reason=text("intake.too_long")))
    return cells


def containers(data: bytes) -> int:
    """How many lists and dicts the JSON holds, at most."""
    return data.count(b"[") + data.count(b"{")


def shortened(data: bytes) -> bytes:
    """The notebook without its outputs, if it can be found out what they are."""
    try:
        return without_outputs(data, len(data))
    except ValueError:
        return data


def has_conflict(source: str) -> bool:
    """Whether git has left both versions in the text after a merge, between its marks."""
    return all(mark.search(source) for mark in CONFLICT)


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or UTF-32, or else in the encoding that it looks like."""
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
        return data.decode(guessed_encoding(data), "replace")


def guessed_encoding(data: bytes) -> str:
    """The encoding that suits the lines which are no ASCII best, of several as good the likeliest."""
    telling = b"\n".join(line for line in data.splitlines() if not line.isascii())[:TELLING]
    found = from_bytes(telling, cp_isolation=LIKELY)
    if (best := found.best()) is None:
        return "latin-1"
    as_good = [one.encoding for one in found if (one.chaos, one.coherence) == (best.chaos, best.coherence)]
    return min(as_good, key=LIKELY.index)


def raw_cells(notebook: object) -> list:
    """The list of cells in nbformat 4, or in the worksheets of nbformat 3."""
    if not isinstance(notebook, dict):
        return []
    cells = notebook.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = notebook.get("worksheets")
    sheets = sheets if isinstance(sheets, list) else []
    return [cell for sheet in sheets if isinstance(sheet, dict) for cell in as_list(sheet.get("cells"))]


def read_cell(cell: dict[str, Any]) -> SubmittedCell:
    """A SubmittedCell from a cell's dict, whatever it holds."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    kind = cell.get("cell_type")
    return SubmittedCell(
        kind="code" if kind == "code" else "markdown",
        source=clean(cell.get("source", cell.get("input"))),
        grade_id=grade_id if isinstance(grade_id, str) else None,
        id=cell.get("id") if isinstance(cell.get("id"), str) else None,
    )


def clean(source: object) -> str:
    """A cell's text: lists joined, line ends made one, NUL and lone surrogates replaced."""
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    if not isinstance(source, str):
        return ""
    source = source.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
    return re.sub(r"\r\n?", "\n", source)


def as_list(value: object) -> list:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []

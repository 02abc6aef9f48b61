"""Files that a spreadsheet may open: no text in them can run, and none is left half-written."""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TypeAlias

from nbgrader_apart.messages import text

# A spreadsheet takes a cell for a formula by its first character; the full-width forms count in some of them.
# So does the first character after one at which a spreadsheet with other settings would begin a new cell.
FORMULA = re.compile(r'(^|[,;|"])(\s*)(?=[=+\-@＝＋－＠])')
CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufffe\\uffff]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


Value: TypeAlias = str | float | datetime | None  # of a cell


class ExportError(Exception):
    """What is wrong and what to do about it, in one sentence."""


def plain_text(value: str) -> str:
    """`value` in one line: a character that separates cells or that no XML may hold becomes a blank."""
    return CONTROL.sub(" ", value)


@cache
def inert(value: str) -> str:
    """Text that no spreadsheet runs: an apostrophe stands before what would begin a formula."""
    value = plain_text(value)
    return value if NUMBER.fullmatch(value) else FORMULA.sub(r"\1\2'", value)


def write_csv(path: str | Path, header: list[str], rows: Iterable[Iterable[Value]]) -> None:
    """Write a table as UTF-8, text made inert; numbers stay numbers. Raises ExportError."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows(
            [inert(value) if isinstance(value, str) else value for value in row] for row in [header, *rows]
        )


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """A temporary path that replaces `path` on success. Raises ExportError."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.part")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise ExportError(text("export.unwritable", path=path, reason=error.strerror)) from None
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing(path: str | Path) -> Iterator[None]:
    """Where making a file fails, rename an older one to *.old: nobody may take it for the new one."""
    try:
        yield
    except BaseException:
        path = Path(path)
        with suppress(OSError):  # what went wrong first is said
            if path.is_file():
                path.replace(path.with_name(f"{path.name}.old"))
        raise

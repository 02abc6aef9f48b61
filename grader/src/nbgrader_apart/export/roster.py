"""Who a student of the gradebook is elsewhere: a CSV file that maps ids to e-mail, login and so on."""

import csv
from collections.abc import Sequence
from pathlib import Path

from nbgrader_apart.export.grades_exporter import listed
from nbgrader_apart.export.written_files import ExportError, inert
from nbgrader_apart.messages import text
from nbgrader_apart.model.disk import shown

KEY = "student_id"
COLUMNS = ("email", "login", "id_number", "canvas_id", "section", "name")
PERSONAL = ("email", "login", "id_number", "canvas_id")  # no two students share one


def read(path: str | Path) -> dict[str, dict[str, str]]:
    """{student id: {column: text}} of the file at `path`. Raises ExportError."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            header, rows = reader.fieldnames or [], list(reader)
    except OSError as error:
        raise ExportError(text("export.roster.unreadable", path=path, reason=error.strerror)) from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ExportError(text("export.roster.no_csv", path=path, reason=error)) from None
    _check_header(path, header)
    people = {}
    for number, row in enumerate(rows, start=2):
        place = {"path": path, "row": number}
        if None in row or None in row.values():
            raise ExportError(text("export.roster.fields", **place, count=len(header)))
        person = {column: value.strip() for column, value in row.items()}
        student = person.pop(KEY)
        if not student:
            raise ExportError(text("export.roster.no_id", **place, column=KEY))
        if student in people:
            raise ExportError(text("export.roster.twice", **place, student=shown(student)))
        people[student] = person
    for column in PERSONAL:
        _check_unique(path, column, people)
    return people


def _check_header(path: str | Path, header: Sequence[str]) -> None:
    unknown = [column for column in header if column not in (KEY, *COLUMNS)]
    if KEY not in header or unknown or len(set(header)) < len(header):
        about = {"needed": listed([KEY]), "possible": listed(COLUMNS, len(COLUMNS))}
        raise ExportError(text("export.roster.columns", path=path, found=listed(header, 12), **about))


def _check_unique(path: str | Path, column: str, people: dict[str, dict[str, str]]) -> None:
    seen: dict[str, str] = {}  # {value: student}
    for student, person in people.items():
        value = person.get(column)
        if not value:
            continue
        if value in seen:
            both = listed([seen[value], student])
            about = {"path": path, "students": both, "column": column, "value": shown(value)}
            raise ExportError(text("export.roster.same", **about))
        seen[value] = student


def check_identifier(student: str, column: str, value: str) -> str:
    """The identifier as it is. Raises ExportError for one that would have to be altered to be safe."""
    if inert(value) != value:
        about = {"student": shown(student), "column": column, "value": shown(value)}
        raise ExportError(text("export.formula", **about))
    return value

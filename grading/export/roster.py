"""Who a student of the gradebook is elsewhere: a CSV file that maps ids to e-mail, login and so on."""

import csv
from pathlib import Path

from .exporter import listed
from .files import ExportError, inert

KEY = "student_id"
COLUMNS = ("email", "login", "id_number", "canvas_id", "section")
PERSONAL = ("email", "login", "id_number", "canvas_id")  # no two students share one


def read(path):
    """{student id: {column: text}} of the file at `path`. Raises ExportError."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            header, rows = reader.fieldnames or [], list(reader)
    except OSError as error:
        raise ExportError(f"The roster {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ExportError(f"The roster {path} is not a CSV file in UTF-8: {error}.") from None
    _check_header(path, header)
    people = {}
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise ExportError(f"The roster {path}, row {number}: {len(header)} fields were expected.")
        person = {column: value.strip() for column, value in row.items()}
        student = person.pop(KEY)
        if not student or student in people:
            problem = f"{student!r} stands there twice" if student else f"{KEY} is empty"
            raise ExportError(f"The roster {path}, row {number}: {problem}.")
        people[student] = person
    for column in PERSONAL:
        _check_unique(path, column, people)
    return people


def _check_header(path, header):
    unknown = [column for column in header if column not in (KEY, *COLUMNS)]
    if KEY not in header or unknown or len(set(header)) < len(header):
        raise ExportError(
            f"The roster {path} has the columns {listed(header, 12)}; it needs {KEY!r} "
            f"and may have {listed(COLUMNS)}, each once."
        )


def _check_unique(path, column, people):
    seen = {}
    for student, person in people.items():
        value = person.get(column)
        if value and value in seen:
            raise ExportError(
                f"The roster {path} gives {seen[value]!r} and {student!r} the same {column} {value!r}."
            )
        seen[value] = student


def check_identifier(student, column, value):
    """The identifier as it is. Raises ExportError for one that would have to be altered to be safe."""
    if inert(value) != value:
        raise ExportError(
            f"The {column} {value!r} of student {student!r} would run as a formula in a spreadsheet."
        )
    return value

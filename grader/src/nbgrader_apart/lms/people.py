"""Who is who: a person of the learning management system is a student of the course, or nobody."""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbgrader.api import Gradebook, Student
from sqlalchemy import select

from nbgrader_apart.export import roster
from nbgrader_apart.lms.schemes import Owner
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import CourseError

IDENTIFIERS = ("email", "login", "id_number")  # what Moodle's worksheet may show of a person
NUMBER = re.compile(r"\D*(\d+)")


class Unknown(Exception):
    """Nobody, or more than one, can be meant; the message says why."""


def key(name: str) -> str:
    """A name's letters and digits: Canvas leaves blanks and dots out, and Moodle some signs."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in plain if character.isalnum())


class People:
    """The students of a course, as the gradebook and the roster know them.

    `worksheet` is {number in this assignment: what identifies the person} of Moodle's grading worksheet.
    """

    def __init__(
        self,
        students: Iterable[tuple[str, str, str, str]],
        people: Mapping[str, Mapping[str, str]],
        worksheet: Mapping[str, set[str]],
    ) -> None:
        self.worksheet = worksheet
        self.named: dict[str, set[str]] = defaultdict(set)
        self.identified: dict[str, set[str]] = defaultdict(set)
        self.canvas: dict[str, str] = {}  # {number: student}
        known = {student: (first, last, email) for student, first, last, email in students}
        for student in known.keys() | people.keys():
            first, last, email = known.get(student, ("", "", ""))
            person = people.get(student, {})
            names = [person["name"]] if person.get("name") else [f"{first} {last}", f"{last} {first}"]
            for name in filter(None, map(key, names)):
                self.named[name].add(student)
            for value in [email, *(person.get(column, "") for column in IDENTIFIERS)]:
                if value:
                    self.identified[value.casefold()].add(student)
            if person.get("canvas_id"):
                self.canvas[person["canvas_id"]] = student

    def find(self, owner: Owner) -> str:
        """The student's id. Raises Unknown."""
        if owner.system == "canvas" and owner.number in self.canvas:
            return self.canvas[owner.number]
        if owner.system == "moodle" and owner.number in self.worksheet:
            said = self.worksheet[owner.number]
            found = set().union(*(self.identified.get(value, set()) for value in said))
            if len(found) == 1:
                return found.pop()
            if found:
                raise Unknown(text("lms.many_rows", students=", ".join(sorted(found))))
        found = set(self.named.get(key(owner.name), ()))
        if owner.system == "canvas":  # who has another number there is somebody else
            found -= set(self.canvas.values())
        if len(found) == 1:
            return found.pop()
        if found:
            raise Unknown(text("lms.namesakes", students=", ".join(sorted(found))))
        could_have_one = owner.system == "moodle" and not self.worksheet
        raise Unknown(text("lms.nobody_yet" if could_have_one else "lms.nobody"))


def load(gradebook: Gradebook, roster_file: str, worksheet: Path | None) -> People:
    """People of the gradebook, of a roster if one is named, and of Moodle's worksheet. Raises ExportError."""
    columns = Student.id, Student.first_name, Student.last_name, Student.email
    rows = gradebook.db.execute(select(*columns)).all()
    students = [(row.id, row.first_name or "", row.last_name or "", row.email or "") for row in rows]
    people = roster.read(roster_file) if roster_file else {}
    return People(students, people, read_worksheet(worksheet) if worksheet else {})


def read_worksheet(path: Path) -> dict[str, set[str]]:
    """{number: the fields of its row} of Moodle's grading worksheet, whatever its language.

    Its first column is «Participant 12345», in the words of the site. Raises CourseError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except OSError as error:
        raise CourseError(text("lms.worksheet", path=path, reason=error.strerror)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(text("lms.worksheet", path=path, reason=error)) from error
    numbered = [(NUMBER.fullmatch(row[0]), row[1:]) for row in rows[1:] if row]
    found = {match[1]: {field.strip().casefold() for field in rest} for match, rest in numbered if match}
    if not found:
        raise CourseError(text("lms.worksheet", path=path, reason=text("lms.no_rows")))
    return found

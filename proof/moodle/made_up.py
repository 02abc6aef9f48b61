"""What Moodle hands out for a made-up class: the zip of all submissions and the grading worksheet.

Ten learners make a group, one of each kind; namesakes are the first and the seventh of a group.
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import nbformat

from course.build.editions import ORIGINAL
from proof.demo.submissions import solutions

NOTEBOOKS = ("seminar-1-neuron", "task-3-dense-layer")
FIRST = ("Анна", "Борис", "Вера", "Глеб", "Дина", "Егор", "Жанна", "Захар", "Инна", "Кирилл")
LAST = ("Ким", "Петров-Водкин", "О'Нил", "Ёлкина")
STRANGER = "Посторонний Человек"


class Kind(IntEnum):
    """How a learner hands in."""

    FOLDER = 0  # the notebooks themselves
    ZIP = 1  # the whole course folder as an archive
    SINGLE_FILE = 2
    RENAMED = 3  # as a browser calls a second download
    UNSOLVED = 4
    AGAIN = 5  # first unsolved, then, in a later zip, solved
    NAMESAKE = 6
    BOMB = 7  # the notebooks, and an archive that fills the disk
    LOCKED = 8  # nothing but an archive with a password
    NOTHING = 9


@dataclass(frozen=True)
class Learner:
    """One learner of the class, the `number`-th."""

    number: int

    @property
    def kind(self) -> Kind:
        return Kind(self.number % len(Kind))

    @property
    def student(self) -> str:
        return f"st{self.number:03}"

    @property
    def email(self) -> str:
        return f"{self.student}@example.org"

    @property
    def name(self) -> tuple[str, str]:
        """First and last name."""
        place = Kind.FOLDER if self.kind == Kind.NAMESAKE else self.kind
        group = self.number // len(Kind)
        return FIRST[place], LAST[group % len(LAST)] + "-Младшая" * (group // len(LAST))

    @property
    def participant(self) -> int:
        """The number that Moodle gives a person in one assignment."""
        return 70_000 + 7 * self.number

    def is_solved(self, again: bool) -> bool:
        """Whether the answers are right, in the first zip or `again`."""
        return self.kind != Kind.UNSOLVED and (again or self.kind != Kind.AGAIN)


def learners(groups: int) -> list[Learner]:
    """Ten learners for each group."""
    return [Learner(number) for number in range(groups * len(Kind))]


def write_zip(path: Path, groups: int, again: bool = False) -> int:
    """Write Moodle's zip of the class, the first or that of some days later; how many files it has."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for learner in learners(groups):
            first, last = learner.name
            folder = f"{first} {last}_{learner.participant}_assignsubmission_file_"
            for name, data in _handed_in(learner, again).items():
                archive.writestr(f"{folder}/{name}", data)
        archive.writestr(f"{STRANGER}_69999_assignsubmission_file_/task.ipynb", _notebook(NOTEBOOKS[0], True))
        return len(archive.namelist())


def write_worksheet(path: Path, groups: int) -> None:
    """Write Moodle's grading worksheet of the class."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Идентификатор", "Полное имя", "Адрес электронной почты", "Состояние", "Оценка"])
        for learner in learners(groups):
            row = f"Участник {learner.participant}", " ".join(learner.name), learner.email
            writer.writerow([*row, "Ответы для оценивания", ""])


def _handed_in(learner: Learner, again: bool) -> dict[str, bytes]:
    """{name: contents}"""
    solved = learner.is_solved(again)
    files = {f"{name}.ipynb": _notebook(name, solved) for name in NOTEBOOKS}
    match learner.kind:
        case Kind.ZIP:
            checks = {
                f"checks/{path.name}": path.read_bytes() for path in ORIGINAL.release.glob("checks/*.py")
            }
            return {
                "Моя работа.zip": _packed(
                    {f"backprop/{name}": data for name, data in (files | checks).items()}
                )
            }
        case Kind.SINGLE_FILE:
            return {f"{name}.ipynb": _notebook(name, solved, ORIGINAL.single_file) for name in NOTEBOOKS}
        case Kind.RENAMED:
            return {name.replace(".ipynb", " (1).ipynb"): data for name, data in files.items()}
        case Kind.BOMB:
            return files | {"data.zip": _packed({"data.csv": bytes(64 << 20)})}
        case Kind.LOCKED:
            return {"work.zip": _with_password(_packed(files))}
        case Kind.NOTHING:
            return {}
    return files


def _notebook(name: str, solved: bool, folder: Path = ORIGINAL.release) -> bytes:
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if solved and about.get("solution"):
            cell.source = solutions(name)[about["grade_id"]]
    return nbformat.writes(notebook).encode()


def _packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def _with_password(data: bytes) -> bytes:
    """The archive with the flag «encrypted» at every file, in both places where it stands."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + offset] |= 1
            place = changed.find(mark, place + 1)
    return bytes(changed)

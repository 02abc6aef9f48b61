"""A course whose students hand in through Moodle or Canvas."""

import io
import zipfile

import pytest
from nbgrader.api import Gradebook

from nbgrader_apart.lms.collect_zip import collect
from nbgrader_apart.testing import small_course

STUDENTS = {
    "ann": ("Анна", "Ким"),
    "bob": ("Борис", "Римский-Корсаков"),
    "cat": ("Катя", "О'Нил"),
    "dan": ("Дан", "Ли"),
    "dan2": ("Дан", "Ли"),
}
ANN, BOB = "Анна Ким_101_assignsubmission_file_", "Борис Римский-Корсаков_102_assignsubmission_file_"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The folder of the course; two of its students have the same name."""
    root = tmp_path / "course"
    small_course.build(root)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "fixture") as gradebook:
        for student, (first, last) in STUDENTS.items():
            gradebook.add_student(student, first_name=first, last_name=last, email=f"{student}@example.org")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def take_in(course, tmp_path):
    """take_in({name in the zip: contents}): Collected; the zip is one of Moodle's or Canvas's."""

    def take_in(files, update=False, roster=None, worksheet=None):
        path = tmp_path / "all.zip"
        path.write_bytes(files if isinstance(files, bytes) else packed(files))
        return collect(small_course.ASSIGNMENT, path, update, roster, worksheet)

    return take_in


@pytest.fixture
def submitted(course):
    """submitted("ann"): {name: contents} of her submission."""

    def submitted(student):
        folder = course / "submitted" / student / small_course.ASSIGNMENT
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    return submitted


def packed(files, **options):
    """A zip in memory: {name, or ZipInfo: contents}."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()

"""Which folder of Moodle's zip each student's work came from: feedback goes back by the same name."""

import json
from collections.abc import Mapping
from pathlib import Path

from nbgrader_apart.export.written_files import whole_file
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import Course, CourseError


def path(course: Course, assignment: str) -> Path:
    """Where it is kept: in nbgrader's own folder for what was downloaded."""
    return Path(course.directory.root) / "downloaded" / assignment / "moodle.json"


def read(course: Course, assignment: str) -> dict[str, str]:
    """{student: folder}; empty when nothing was taken in. Raises CourseError."""
    place = path(course, assignment)
    try:
        found = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CourseError(text("lms.record", path=place, reason=error)) from error
    return {str(student): str(folder) for student, folder in found.items()}


def add(course: Course, assignment: str, folders: Mapping[str, str]) -> None:
    """Add {student: folder}. Raises CourseError, ExportError."""
    place = path(course, assignment)
    known = {**read(course, assignment), **folders}
    place.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(place) as temporary:
        temporary.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")

"""Which feedback is still what its page would say: a stamp of all that the pages of a submission show.

That is the graded notebooks and the gradebook's rows: marks, comments, names, times. Pages with another stamp
are written anew, the others stay.
"""

import contextlib
import hashlib
import json
from collections import defaultdict
from pathlib import Path

from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
)
from nbgrader.coursedir import CourseDirectory

from nbgrader_apart.model import marks
from nbgrader_apart.model.autograded_notebook import LARGEST as LARGEST_NOTEBOOK
from nbgrader_apart.model.cell_rows import cell_rows
from nbgrader_apart.model.disk import read_bytes

STAMPS = ".made_from.json"  # {notebook: stamp}, beside the pages
LARGEST = 1 << 20  # bytes of it


def rows(gradebook: Gradebook, course: CourseDirectory, assignment: str) -> dict[str, str]:
    """{student: what the gradebook says}, in a few queries for the whole class."""
    found = defaultdict(list)
    for mark in marks.read(gradebook, course, assignment):
        found[mark.student].append(repr(mark))
    scores = Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
    comments = Comment.auto_comment, Comment.manual_comment
    for table, columns in ((Grade, scores), (Comment, comments)):
        query = cell_rows(table, columns, assignment)
        for student, *row in gradebook.db.execute(query.order_by(*query.selected_columns[:3])):
            found[student].append(repr(row))
    return {student: "\n".join(said) for student, said in found.items()}


def stamp(graded: Path, said: str) -> str:
    """The stamp of a graded submission; `said` is what the gradebook says."""
    digest = hashlib.sha256(said.encode("utf-8", "surrogateescape"))
    for path in sorted(graded.iterdir()):  # a page links to pictures beside it
        digest.update(f"\0{path.name}\0".encode("utf-8", "surrogateescape"))
        if path.suffix == ".ipynb":
            with contextlib.suppress(OSError, ValueError):  # making its page will say why
                digest.update(read_bytes(path, LARGEST_NOTEBOOK << 20))
    return digest.hexdigest()


def read(folder: Path) -> dict[str, str]:
    """{notebook: stamp} of a folder of pages; empty when it says nothing."""
    try:
        found = json.loads(read_bytes(folder / STAMPS, LARGEST))
    except (OSError, ValueError):  # made before, or by nbgrader's own page
        return {}
    return found if isinstance(found, dict) else {}


def write(folder: Path, stamps: dict[str, str]) -> None:
    """Note the stamps of the pages in the folder."""
    (folder / STAMPS).write_text(json.dumps(stamps), "utf-8")

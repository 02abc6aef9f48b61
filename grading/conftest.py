"""What several tests of this package share."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARTS = [("a", "b"), ("c",)]  # the graded cells of each notebook, 4 points each


@pytest.fixture(scope="session")
def sheet(tmp_path_factory):
    """The source folder of an assignment «sheet» of two notebooks; the check «a» has a title."""
    folder = tmp_path_factory.mktemp("source") / "sheet"
    folder.mkdir()
    for number, names in enumerate(PARTS, start=1):
        box = new_markdown_cell("Замените [ ] на [x].\n\n- [ ] Хочу", metadata={"tags": ["feedback-request"]})
        cells = [new_markdown_cell(f"# Часть {number}. Тема"), *map(graded_cell, names), box]
        nbformat.write(new_notebook(cells=cells), folder / f"part-{number}.ipynb")
    return folder


def graded_cell(name):
    """A test cell of 4 points."""
    about = {"grade": True, "grade_id": name, "locked": True, "points": 4}
    about |= {"schema_version": 3, "solution": False, "task": False}
    title = {"title": "Первая проверка"} if name == "a" else {}
    return new_code_cell("f()", metadata={"nbgrader": about} | title)

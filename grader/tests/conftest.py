"""What several tests of this package share."""

import gc
import sys
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nbgrader_apart.messages import speak
from nbgrader_apart.startup import without_alembic_command

speak("ru")  # in which most tests read what is said
PARTS = [("a", "b"), ("c",)]  # the graded cells of each notebook, 4 points each


def pytest_collection_finish():
    """Tests that need no nbgrader do not wait for its imports."""
    if "nbgrader.api" in sys.modules:
        without_alembic_command()


def seconds(work, data, enough=0.1):
    """CPU seconds of `work(data)`: the shortest of three runs, of more while they take less than `enough`."""
    took = []
    while len(took) < 3 or (sum(took) < enough and len(took) < 30):
        started = time.process_time()
        work(data)
        took.append(time.process_time() - started)
    return min(took)


@pytest.fixture
def assert_linear():
    """assert_linear(work, make, size): `work` of eight times the data takes about eight times as long.

    The data are of `size // 2` and of `4 * size`. Whatever grows faster than n to the power of 1.5 fails, and
    quadratic is 64 times. A busy machine lengthens single runs: it is measured up to five times.
    """

    def assert_linear(work, make, size):
        small, large = make(size // 2), make(4 * size)
        gc.disable()  # how long it takes depends on what other tests have left
        try:
            for _ in range(5):
                before, after = seconds(work, small), seconds(work, large)
                if after < 8**1.5 * before:
                    return
        finally:
            gc.enable()
        pytest.fail(f"{after / before:.1f} times as long: {before:.4f} s and {after:.4f} s")

    return assert_linear


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

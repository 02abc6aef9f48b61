"""A solution's line is found in every kind of file of the release; what is allowed has to stand there."""

import json

import nbformat
import pytest

from course.build import leaks

SOLUTION = """
class Layer:
    def backward(self, inputs, dldy):
        ### BEGIN SOLUTION
        # row by row: for i in range(k): dw += outer(inputs[i], dldy[i])
        self.weights = weights
        self.dw = inputs.T @ dldy
        return dldy * self.scale
        ### END SOLUTION
"""


@pytest.fixture
def folders(tmp_path):
    """release/ and source/ of one notebook; the release has its stub."""
    for name, code in (("release", "class Layer: ..."), ("source", SOLUTION)):
        (tmp_path / name / "checks").mkdir(parents=True)
        write(tmp_path / name / "task.ipynb", nbformat.v4.new_code_cell(code))
    return tmp_path / "release", tmp_path / "source"


def write(path, *cells):
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)


def test_a_stub_gives_nothing_away(folders):
    assert leaks.problems([folders[0]], [folders[1]], []) == []


@pytest.mark.parametrize("name", ["checks/slips.py", "typical-mistakes.md", "checks/messages.json", "notes"])
@pytest.mark.parametrize(
    "line", ["inputs.T @ dldy", "x = inputs . T@dldy", "self.dw = inputs.T @ dldy  # so"]
)
def test_a_formula_is_found_in_any_file(folders, name, line):
    text = json.dumps({"key": f"write {line}"}) if name.endswith("json") else f"some\n  {line}\n"
    (folders[0] / name).write_text(text)
    assert f"{name}: solution line «inputs.T @ dldy»" in leaks.problems([folders[0]], [folders[1]], [])


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_a_formula_is_found_in_any_cell(folders, kind):
    cell = getattr(nbformat.v4, f"new_{kind}_cell")("try\n\n    dw = inputs.T @ dldy")
    write(folders[0] / "other.ipynb", cell)
    assert "other.ipynb: solution line «inputs.T @ dldy»" in leaks.problems([folders[0]], [folders[1]], [])


def test_a_long_comment_of_the_solution_is_a_line_of_it(folders):
    (folders[0] / "notes.md").write_text("so: for i in range(k): dw += outer(inputs[i], dldy[i])")
    line = "# row by row: for i in range(k): dw += outer(inputs[i], dldy[i])"
    assert leaks.problems([folders[0]], [folders[1]], []) == [f"notes.md: solution line «{line}»"]


@pytest.mark.parametrize(
    "harmless",
    [
        "self.weights = weights",
        "dldy * scale",
        "inputs.T @ dldy.abs()",
        "inputs.T @ dldy[:, 0]",
        "my.inputs.T @ dldy",
    ],
)
def test_what_is_trivial_or_another_formula_is_none(folders, harmless):
    (folders[0] / "checks" / "slips.py").write_text(harmless)
    assert leaks.problems([folders[0]], [folders[1]], []) == []


def test_marks_and_outputs_are_found(folders):
    output = nbformat.v4.new_output("stream", text="✓")
    cell = nbformat.v4.new_code_cell("### BEGIN HIDDEN TESTS", outputs=[output])
    write(folders[0] / "other.ipynb", cell)
    assert leaks.problems([folders[0]], [folders[1]], []) == [
        "other.ipynb: marker «HIDDEN TESTS»",
        f"other.ipynb: output of cell {cell.id}",
    ]


def test_what_is_allowed_is_allowed_there_alone(folders):
    allowed = [{"line": "inputs.T @ dldy", "files": ["*.md"], "why": "a test"}]
    (folders[0] / "notes.md").write_text("inputs.T @ dldy")
    assert leaks.problems([folders[0]], [folders[1]], allowed) == []
    (folders[0] / "slips.py").write_text("inputs.T @ dldy")
    assert leaks.problems([folders[0]], [folders[1]], allowed) == ["slips.py: solution line «inputs.T @ dldy»"]


def test_a_permission_that_nothing_needs_is_told(folders):
    allowed = [{"line": "inputs.T @ dldy", "files": ["*.md"], "why": "a test"}]
    assert leaks.problems([folders[0]], [folders[1]], allowed) == ["leaks.toml allows «inputs.T @ dldy», which stands nowhere"]


def test_every_permission_has_a_reason():
    assert all(set(one) == {"line", "files", "why"} and one["why"] for one in leaks.permissions())

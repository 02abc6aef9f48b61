"""The descriptions of the examples fit the course; no grading here."""

import nbformat
import pytest

from .submissions import SOURCE, ExampleError, Submission, load, names, solutions

RELEASE = SOURCE.parents[1] / "release" / "backprop"
EXAMPLES = [load(name) for name in names()]


def test_cells(path):
    """{grade id: points} of the test cells of a notebook."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in nbformat.read(path, as_version=4).cells]
    return {mark["grade_id"]: mark["points"] for mark in marks if mark.get("grade")}


test_cells.__test__ = False
POINTS = {path.stem: test_cells(path) for path in sorted(RELEASE.glob("*.ipynb"))}


def lost_cells(example):
    """{notebook: sorted names of the test cells that cost points}, "*" spelled out."""
    return {
        notebook: sorted(POINTS[notebook] if cells == ["*"] else cells)
        for notebook, cells in example.lost.items()
    }


def test_points_sum_to_100():
    assert sum(points for cells in POINTS.values() for points in cells.values()) == 100


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_total_is_100_minus_the_lost_cells(example):
    lost = sum(POINTS[notebook][cell] for notebook, cells in lost_cells(example).items() for cell in cells)
    assert example.total == 100 - lost


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_writes_whole_notebooks(example, tmp_path):
    example.write(RELEASE, tmp_path)
    written = {
        path.stem: nbformat.read(path, as_version=4) for path in (tmp_path / example.name).glob("*/*.ipynb")
    }
    assert sorted(written) == sorted(POINTS)
    for notebook in written.values():
        nbformat.validate(notebook)
    ticked = {name for name, notebook in written.items() if "[x] Хочу" in notebook.cells[-1].source}
    assert ticked == set(example.ask_feedback)


def test_solutions_carry_no_marks():
    for notebook in POINTS:
        for source in solutions(notebook).values():
            assert "SOLUTION" not in source


def test_unknown_example_is_named():
    with pytest.raises(ExampleError, match="no example 'nosuch'"):
        load("nosuch")


def test_unknown_cell_is_named(tmp_path, monkeypatch):
    example = Submission("reference", what="", student="", total=0)
    cells = {("task-1-neuron-batch", "nosuch"): "pass"}
    monkeypatch.setattr(Submission, "own_cells", property(lambda self: dict(cells)))
    with pytest.raises(ExampleError, match="no cell task-1-neuron-batch/nosuch"):
        example.write(RELEASE, tmp_path)

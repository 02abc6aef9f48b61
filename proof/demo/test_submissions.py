"""The descriptions of the examples fit the course; no grading here."""

import nbformat
import pytest

from course.build.editions import ORIGINAL
from proof.demo.submissions import ExampleError, Submission, load, names, points, solutions

EXAMPLES = [load(name) for name in names()]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_lost_cells_are_test_cells(example):
    for notebook, cells in example.failing.items():
        assert set(cells) <= points()[notebook].keys()


def test_what_is_not_solved_costs_all_its_points():
    assert load("untouched").total == 0
    assert load("reference").total == sum(sum(cells.values()) for cells in points().values())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_writes_whole_notebooks(example, tmp_path):
    example.write(ORIGINAL.release, tmp_path)
    written = {
        path.stem: nbformat.read(path, as_version=4) for path in (tmp_path / example.name).glob("*/*.ipynb")
    }
    assert sorted(written) == sorted(points())
    for notebook in written.values():
        nbformat.validate(notebook)
    ticked = {name for name, notebook in written.items() if "[x] Хочу" in notebook.cells[-1].source}
    assert ticked == set(example.ask_feedback)


def test_solutions_carry_no_marks():
    for notebook in points():
        for source in solutions(notebook).values():
            assert "SOLUTION" not in source


def test_unknown_example_is_named():
    with pytest.raises(ExampleError, match="no example 'nosuch'"):
        load("nosuch")


def test_unknown_cell_is_named(tmp_path, monkeypatch):
    example = Submission("reference", what="", student="")
    cells = {("task-1-neuron-batch", "nosuch"): "pass"}
    monkeypatch.setattr(Submission, "own_cells", property(lambda self: dict(cells)))
    with pytest.raises(ExampleError, match="no cell task-1-neuron-batch/nosuch"):
        example.write(ORIGINAL.release, tmp_path)

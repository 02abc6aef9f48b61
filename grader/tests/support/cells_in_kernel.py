"""Runs cells in a learner's kernel, for tests."""

from nbformat.v4 import new_code_cell


def run(learners, source):
    """The cell, run."""
    cell = new_code_cell(source)
    learners.run_cell(cell)
    return cell


def names(cell):
    """What was shown: names of errors and streams, types of other outputs."""
    return [output.get("ename") or output.get("name") or output.output_type for output in cell.outputs]


def printed(learners, source):
    """What the cell prints. Fails when it shows anything else."""
    cell = run(learners, source)
    assert names(cell) in ([], ["stdout"]), cell.outputs
    return "".join(output.text for output in cell.outputs)

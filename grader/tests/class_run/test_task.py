"""What a graded notebook tells the summary."""

from nbformat.v4 import new_notebook

from nbgrader_apart.class_run.task import Graded, note


def test_a_sentence_about_two_cells_of_a_notebook_is_said_once():
    comments = {"neuron": "Назван autograd.", "loss": "Назван autograd.", "training": "Вызван eval."}
    graded = Graded("ann", {}, {}, 0)
    note(graded, "layer", new_notebook(metadata={"grading": {"manual": {"comments": comments}}}))
    assert graded.asks == {"layer": "Назван autograd. Вызван eval."}

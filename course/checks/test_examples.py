"""The examples run as they are, and the reference solutions give what stands beside their lines."""

import ast
import contextlib
import io
import re

import checks
import pytest
import torch
from checks import standins
from checks.topic import Topic

RIGHT = {
    "SquaredLoss": standins.Loss,
    "MSELoss": standins.Loss,
    "Neuron": standins.Layer,
    "DenseLayer": standins.Layer,
    "ReLU": standins.ReLU,
    "NeuralNetwork": None,
}
TOPICS = {
    name: topic
    for name in checks.__all__
    if isinstance(topic := getattr(checks, name), Topic) and topic._example
}


def code_of(topic):
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        topic.example()
    return shown.getvalue()


class Linear(standins.Network):
    """The network of task 5, in place of the learner's."""


class Rectified(standins.Network):
    """The network of task 6."""

    def __init__(self, layer1, layer2):
        super().__init__(layer1, layer2, standins.ReLU())


def gradients(inputs, y_true, weights, bias):
    names = ("dypred", "dw", "db", "dx")
    inputs, weights, bias = (value.clone().requires_grad_() for value in (inputs, weights, bias))
    predicted = inputs @ weights + bias
    loss = ((predicted - y_true) ** 2).mean()
    return dict(zip(names, torch.autograd.grad(loss, (predicted, weights, bias, inputs)), strict=True))


def epoch(batches):
    def run(model, criterion, X, y, *given):
        losses = []
        for rows in batches(X, *given[:-1]):
            inputs, targets = (X[rows], y[rows]) if model.weights.ndim > 1 else (X[rows][0], y[rows][0, 0])
            predicted = model.forward(inputs)
            losses.append(criterion.forward(predicted, targets).item())
            model.backward(inputs, criterion.backward(predicted, targets))
            model.step(given[-1])
        return losses

    return run


FUNCTIONS = {
    "autograd_gradients": gradients,
    "sgd_epoch": epoch(lambda X, order: order.split(1)),
    "minibatch_epoch": epoch(lambda X, order, size: order.split(size)),
    "gd_step": lambda *given: epoch(lambda X: [torch.arange(len(X))])(*given)[0],
}


def dw_element(inputs, dldy, *place):
    return (inputs.T @ dldy)[place if len(place) == 2 else (*place, 0)]


def dx_element(dldy, weights, *place):
    return (dldy @ weights.T)[place]


@pytest.mark.parametrize("name", TOPICS)
def test_a_right_answer_gives_what_is_said(name):
    network = {"NeuralNetwork": Rectified if name == "relu_network" else Linear}
    elements = {"dw_element": dw_element, "dx_element": dx_element}
    code, shown = code_of(TOPICS[name]), io.StringIO()
    with contextlib.redirect_stdout(shown):
        exec(code, RIGHT | network | elements | FUNCTIONS | {"print": lambda value: print(plain(value))})
    said = [ast.literal_eval(right) for right in re.findall(r"# нужно (.*)", code)]
    got = [ast.literal_eval(line) for line in shown.getvalue().splitlines()]
    assert len(said) == len(got) > 0
    for one, other in zip(got, said, strict=True):
        assert torch.allclose(torch.tensor(one), torch.tensor(other), atol=1e-4)


def plain(value):
    return value.tolist() if isinstance(value, torch.Tensor) else value


@pytest.mark.parametrize(
    ("name", "places"), [("column_dw_element", 1), ("dense_dw_element", 2), ("dense_dx_element", 2)]
)
def test_an_element_is_asked_for_as_the_sheet_has_it(name, places):
    arguments = ast.parse(code_of(TOPICS[name])).body[-1].value.args[0].args
    assert len(arguments) == 2 + places


def test_a_value_that_no_slip_explains_names_the_example(capsys):
    class MSELoss(standins.Loss):
        def forward(self, y_pred, y_true):
            return super().forward(y_pred, y_true) * 1.37

    with pytest.raises(checks.CheckFailed, match=r"checks\.mse_loss\.example\(\)") as failed:
        checks.mse_loss.table(MSELoss)
    assert failed.value.key == "value.wrong"

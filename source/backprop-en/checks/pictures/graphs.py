"""The graph of the seminar's neuron and its loss, with the learner's own numbers."""

import torch

from .. import reference
from ..calls import MISSING, call, subject
from ..messages import text
from ..outcome import Stop, Verdict
from .attempts import Failed, agrees, as_numbers, attempt, attribute, factor, number, said
from .figure import picture
from .flow import MARKS, Step, flow

NODES = {"x": (0, 1.7), "w": (0, 0), "b": (0, -1.7), "y": (4.2, 1.7), "ŷ": (4.2, 0), "L": (8.4, 0)}
EDGES = [("x", "ŷ"), ("w", "ŷ"), ("b", "ŷ"), ("ŷ", "L"), ("y", "L")]


@picture
def graph(neuron_class, loss_class):
    """x, w, b → ŷ → L: forward, then back along each edge, local derivative times what has arrived.

    Each edge is judged by what the learner's code was given there, so a mistake breaks one edge alone.
    """
    sample = [torch.tensor(value, dtype=torch.float64) for value in ([2.0, -1.0], [1.5, 0.5], 1.0, 2.0)]
    inputs, weights, bias, target = sample
    neuron = call(subject(neuron_class, "Neuron"), weights.clone(), bias.clone())
    loss = call(subject(loss_class, "SquaredLoss"))
    prediction = attempt(neuron.forward, inputs.clone())
    if isinstance(prediction, Failed) and prediction.undone:
        raise Stop(Verdict.UNDONE, text("call.undone"))
    right = reference.affine(inputs, weights, bias)
    used = _usable(prediction, right)
    value = attempt(loss.forward, used.clone(), target.clone())
    dypred = attempt(loss.backward, used.clone(), target.clone())
    local = reference.loss_gradient(used, target)
    upstream = _usable(dypred, local)
    result = attempt(neuron.backward, inputs.clone(), upstream.clone())
    gradients = reference.layer_gradients(inputs, weights, bias, upstream)
    dw, db = (result if isinstance(result, Failed) else attribute(neuron, name) for name in ("dw", "db"))
    terms = " + ".join(f"{factor(x)} · {factor(w)}" for x, w in zip(inputs, weights, strict=True))
    error = f"({number(used)} − {number(target)})"
    steps = [
        _forward(
            [("x", "ŷ"), ("w", "ŷ"), ("b", "ŷ")],
            "ŷ",
            f"x·w + b = {terms} + {number(bias)}",
            prediction,
            right,
        ),
        _forward([("ŷ", "L"), ("y", "L")], "L", f"(ŷ − y)² = {error}²", value, (used - target) ** 2),
        _back("ŷ", f"ŷ = {said(used)}", "dypred", f"2 · {error} = {number(local)}", "1", dypred, local),
        _back(
            "w", f"w = {said(weights)}", "dw", f"x = {said(inputs)}", number(upstream), dw, gradients["dw"]
        ),
        _back("b", f"b = {said(bias)}", "db", "1", number(upstream), db, gradients["db"]),
    ]
    values = {"x": inputs, "w": weights, "b": bias, "y": target}
    names = {node: f"{node} = {said(value)}" for node, value in values.items()}
    return flow("graph_title", NODES, EDGES, names | {"ŷ": "ŷ", "L": "L"}, steps)


def _usable(value, right):
    """The learner's number; where it is none, the right one, so that the steps behind it can be seen."""
    tensor = as_numbers(value)
    usable = tensor is not None and tensor.numel() == 1 and tensor.isfinite().all()
    return tensor.reshape(()) if usable else right


def _forward(edges, node, formula, value, right):
    ok = agrees(value, right)
    lines = [text("picture.step_forward", node=node), f"{node} = {formula}", _result(node, value, right)]
    return Step(dict.fromkeys(edges, ok), False, lines, {node: f"{node} = {said(value)}"})


def _back(node, name, gradient, local, arrived, value, right):
    source = "L" if node == "ŷ" else "ŷ"
    lines = [
        text("picture.step_back", source=source, node=node),
        text("picture.rule"),
        f"{local}  ×  {arrived}  =  {said(right)}",
        _result(gradient, value, right),
    ]
    shown = f"{name}<br>{gradient} = {said(value)}"
    return Step({(source, node): agrees(value, right)}, True, lines, {node: shown})


def _result(name, value, right):
    """The learner's value beside torch's."""
    ok = agrees(value, right)
    key = "picture.same" if ok else "picture.differs"
    if isinstance(value, Failed):
        key = "picture.raised"
    elif value is MISSING:
        key = "picture.absent"
    return f"<b>{text(key, name=name, yours=_whole(value), right=said(right))} {MARKS[ok]}</b>"


def _whole(value):
    """A line has room for an error's own words, a box has not."""
    return value.words if isinstance(value, Failed) else said(value)

"""Checks of `Neuron` and `DenseLayer`: ŷ = XW + b for one sample or a batch."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import torch

from . import by_hand, reference, slips
from .calls import call, read, subject
from .cases import Size, cases
from .diagnosis import verdict
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close


@dataclass(frozen=True)
class Shapes:
    """The shapes of one kind of layer for a Size of k rows, m features, n outputs."""

    inputs: Callable
    weights: Callable
    bias: Callable
    outputs: Callable

    def draw(self, case):
        """dict of random inputs, weights, bias and upstream gradient dldy."""
        size = case.size
        return {
            "inputs": case.normal(*self.inputs(size)),
            "weights": case.normal(*self.weights(size)),
            "bias": case.normal(*self.bias(size)),
            "dldy": case.normal(*self.outputs(size)),
        }


SAMPLE = Shapes(lambda s: (s.m,), lambda s: (s.m,), lambda s: (), lambda s: ())
COLUMN = Shapes(lambda s: (s.k, s.m), lambda s: (s.m, 1), lambda s: (1,), lambda s: (s.k, 1))
DENSE = Shapes(lambda s: (s.k, s.m), lambda s: (s.m, s.n), lambda s: (s.n,), lambda s: (s.k, s.n))


def build(layer_class, values):
    """The learner's layer with its own copies of the parameters."""
    return call(subject(layer_class, "class"), values["weights"].clone(), values["bias"].clone())


def run_backward(layer, inputs, dldy):
    """Run forward and then backward of the learner's layer; what backward returned."""
    with contextlib.suppress(Stop):  # forward has a check of its own; some layers remember their input there
        call(layer.forward, inputs)
    return call(layer.backward, inputs, dldy)


def backward_by_hand(layer, inputs, dldy, parameters=()):
    """`run_backward` for a gradient that gives points, so ready-made derivatives are refused.

    `parameters` are the tensors, besides the arguments, that nobody may differentiate by numerically.
    """
    with by_hand.only(inputs, dldy, *parameters):
        return run_backward(layer, inputs, dldy)


def forward_check(shapes):
    def judge(layer_class, trials):
        comparisons, explained = [], []
        for case in cases(trials):
            values = shapes.draw(case)
            got = as_tensor(call(build(layer_class, values).forward, values["inputs"].clone()), "forward")
            expected = reference.affine(values["inputs"], values["weights"], values["bias"])
            comparisons.append(Comparison(got, expected))
            explained.append(slips.layer_forward(values))
        return verdict("forward", comparisons, explained)

    return judge


def gradient_check(name, shapes, returned=False):
    """`returned`: backward must return this gradient as well as store it."""

    def judge(layer_class, trials):
        comparisons, explained = [], []
        for case in cases(trials):
            values = shapes.draw(case)
            layer = build(layer_class, values)
            parameters = values["weights"], values["bias"]
            result = backward_by_hand(layer, values["inputs"].clone(), values["dldy"].clone(), parameters)
            expected = reference.layer_gradients(**values)
            stored = as_tensor(read(layer, name), name)
            if returned and close(stored, expected[name]):
                if result is None:
                    raise Stop(Verdict.UNDONE, text("value.not_returned", name=name))
                stored = as_tensor(result, name)
            comparisons.append(Comparison(stored, expected[name]))
            explained.append(
                slips.layer(name, values, expected, Size(case.size.k, case.size.m, _outputs(values)))
            )
        return verdict(name, comparisons, explained)

    return judge


def _outputs(values):
    return values["weights"].shape[1] if values["weights"].ndim == 2 else 1


def step_check(shapes):
    """`step(lr)` alone: the gradients are set by the check, so a wrong backward costs nothing here."""

    def judge(layer_class, trials):
        weights, biases = [], []
        explained_weights, explained_biases = [], []
        for case in cases(trials):
            values = shapes.draw(case)
            layer = build(layer_class, values)
            dw, db, lr = (
                case.normal(*values["weights"].shape),
                case.normal(*values["bias"].shape),
                0.1 + abs(case.normal().item()),
            )
            layer.dw, layer.db = dw.clone(), db.clone()
            call(layer.step, lr)
            weights.append(
                Comparison(as_tensor(read(layer, "weights"), "weights"), values["weights"] - lr * dw)
            )
            biases.append(Comparison(as_tensor(read(layer, "bias"), "bias"), values["bias"] - lr * db))
            explained_weights.append(slips.step(values["weights"], dw, lr))
            explained_biases.append(slips.step(values["bias"], db, lr))
        row = verdict("weights", weights, explained_weights)
        return row if not row.ok else verdict("bias", biases, explained_biases)

    return judge


def pure_check(shapes, gradients):
    """backward changes neither parameters nor arguments, and starts from nothing at every call."""

    def judge(layer_class, trials):
        for case in cases(trials):
            values, again = shapes.draw(case), shapes.draw(case)
            layer = build(layer_class, values)
            inputs, dldy = values["inputs"].clone(), values["dldy"].clone()
            run_backward(layer, inputs, dldy)
            for name in gradients:
                as_tensor(read(layer, name), name)
            after = {
                "inputs": inputs,
                "dldy": dldy,
                "weights": read(layer, "weights"),
                "bias": read(layer, "bias"),
            }
            for name, value in after.items():
                if not torch.equal(as_tensor(value, name), values[name]):
                    raise Stop(
                        Verdict.WRONG,
                        text(f"pure.{'argument' if name in ('inputs', 'dldy') else 'parameter'}", name=name),
                    )
            run_backward(layer, again["inputs"].clone(), again["dldy"].clone())
            fresh = build(layer_class, values)
            run_backward(fresh, again["inputs"].clone(), again["dldy"].clone())
            for name in gradients:
                if not close(as_tensor(read(layer, name), name), as_tensor(read(fresh, name), name)):
                    raise Stop(Verdict.WRONG, text("pure.accumulates", name=name))
        return Row(Verdict.OK)

    return judge


def layer_topic(title, shapes, gradients):
    """All checks of one kind of layer; `gradients` are the names that backward has to store."""
    return Topic(
        title,
        forward=forward_check(shapes),
        **{name: gradient_check(name, shapes, returned=name == "dx") for name in gradients},
        step=step_check(shapes),
        pure=pure_check(shapes, gradients),
    )


sample_neuron = layer_topic("Neuron", SAMPLE, ("dw", "db"))
batch_neuron = layer_topic("Neuron", COLUMN, ("dw", "db"))
dense_layer = layer_topic("DenseLayer", DENSE, ("dw", "db", "dx"))

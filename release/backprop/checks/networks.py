"""Checks of `NeuralNetwork`: the wiring of two layers, made with stand-in layers and a stand-in ReLU."""

from dataclasses import dataclass, replace

import torch

from . import reference, standins
from .calls import call, read, subject
from .cases import Case, Size, cases
from .diagnosis import verdict
from .layers import backward
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close

LR = 0.1
HIDDEN = (4, 6, 3, 5)  # the width of the hidden layer, case by case


@dataclass
class Wiring:
    """A network of stand-ins, what it is given and what has to come out."""

    parameters: list  # W1 (m, h), b1 (h,), W2 (h, n), b2 (n,)
    inputs: torch.Tensor  # (k, m)
    dldy: torch.Tensor  # (k, n)
    relu: bool

    @classmethod
    def draw(cls, case, hidden, relu):
        size = case.size
        shapes = [(size.m, hidden), (hidden,), (hidden, size.n), (size.n,)]
        parameters = [case.normal(*shape) for shape in shapes]
        return cls(parameters, case.normal(size.k, size.m), case.normal(size.k, size.n), relu)

    def layers(self):
        """The two stand-in layers with their own copies of the parameters."""
        weights1, bias1, weights2, bias2 = (parameter.clone() for parameter in self.parameters)
        return standins.Layer(weights1, bias1), standins.Layer(weights2, bias2)

    def build(self, network_class):
        """The learner's network around the stand-ins; its ReLU too is replaced by the stand-in."""
        network = call(subject(network_class, "NeuralNetwork"), *self.layers())
        if self.relu:
            network.relu = standins.ReLU()
        return network

    def preactivation(self):
        """Z = XW₁ + b₁, (k, h)."""
        return reference.affine(self.inputs, *self.parameters[:2])

    def hidden(self):
        """What the second layer has to be given, (k, h)."""
        return torch.relu(self.preactivation()) if self.relu else self.preactivation()

    def predict(self):
        """ŷ, (k, n)."""
        return reference.affine(self.hidden(), *self.parameters[2:])

    def gradients(self):
        """dict of layer1.dw, layer1.db, layer2.dw, layer2.db, dx."""
        network = standins.Network(*self.layers(), standins.ReLU() if self.relu else None)
        dx = network.backward(self.inputs, self.dldy)
        names = [("layer1", "dw"), ("layer1", "db"), ("layer2", "dw"), ("layer2", "db")]
        return {"dx": dx} | {
            f"{layer}.{name}": getattr(getattr(network, layer), name) for layer, name in names
        }


def wirings(relu, trials):
    """The fixed cases (1 → 10 → 1 of the task among them) and fresh ones."""
    drawn = [Wiring.draw(case, HIDDEN[i % len(HIDDEN)], relu) for i, case in enumerate(cases(trials))]
    return [*drawn, Wiring.draw(Case(Size(7, 1, 1), seed=7), 10, relu)]


def forward_check(relu):
    def judge(network_class, trials):
        comparisons, explained = [], []
        for wiring in wirings(relu, trials):
            network = wiring.build(network_class)
            comparisons.append(
                Comparison(
                    as_tensor(call(network.forward, wiring.inputs.clone()), "forward"), wiring.predict()
                )
            )
            linear = reference.affine(wiring.preactivation(), *wiring.parameters[2:])
            late = torch.relu(wiring.predict())
            explained.append(
                {"network_no_relu": linear, "network_relu_last": late, "network_hidden": wiring.hidden()}
            )
        return verdict("forward", comparisons, explained)

    return judge


def gradient_check(layer_name, name, relu):
    """`name` of one layer after the network's backward."""

    def judge(network_class, trials):
        comparisons, suspects = [], []
        for wiring in wirings(relu, trials):
            network = wiring.build(network_class)
            backward(network, wiring.inputs.clone(), wiring.dldy.clone())
            layer = read(network, layer_name)
            got = as_tensor(read(layer, name), f"{layer_name}.{name}")
            comparisons.append(Comparison(got, wiring.gradients()[f"{layer_name}.{name}"]))
            suspects.append(_suspects(wiring, layer_name, name, layer.given))
        row = verdict(f"{layer_name}.{name}", comparisons, [{}])
        shared = [key for key in suspects[0] if all(key in case for case in suspects)]
        return (
            row if row.ok or not shared else replace(row, message=text(f"slip.{shared[0]}", layer=layer_name))
        )

    return judge


def _suspects(wiring, layer_name, name, given):
    """The slips that explain what the stand-in layer was given: its inputs count for dw alone."""
    if given is None:
        return []
    inputs, dldy = given
    if name == "dw" and not close(inputs, wiring.inputs if layer_name == "layer1" else wiring.hidden()):
        slips = {
            "wire_network_input": wiring.inputs,
            "wire_hidden": wiring.hidden(),
            "wire_preactivation": wiring.preactivation(),
        }
        return [key for key, slip in slips.items() if close(inputs, slip)]
    unmasked = wiring.dldy @ wiring.parameters[2].T
    mask = wiring.preactivation() > 0
    slips = {
        "wire_upstream": wiring.dldy,
        "wire_ones": torch.ones_like(dldy),
        "wire_zeros": torch.zeros_like(dldy),
    }
    if wiring.relu and layer_name == "layer1":
        without_bias = wiring.inputs @ wiring.parameters[0] > 0
        slips |= {
            "relu_no_mask": unmasked,
            "relu_by_upstream": unmasked * (unmasked > 0),
            "relu_inverted": unmasked * ~mask,
            "relu_mask_without_bias": unmasked * without_bias,
        }
    right = unmasked * mask if wiring.relu else unmasked
    if close(dldy, wiring.dldy if layer_name == "layer2" else right):
        return []
    return [key for key, slip in slips.items() if close(dldy, slip)]


def input_gradient_check(relu):
    """backward returns ∂L/∂X of the whole network."""

    def judge(network_class, trials):
        comparisons = []
        for wiring in wirings(relu, trials):
            result = backward(wiring.build(network_class), wiring.inputs.clone(), wiring.dldy.clone())
            if result is None:
                raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
            comparisons.append(Comparison(as_tensor(result, "dx"), wiring.gradients()["dx"]))
        return verdict("dx", comparisons, [{}])

    return judge


def step_check(relu):
    """step(lr) updates both layers; their gradients are set by the check."""

    def judge(network_class, trials):
        for wiring in wirings(relu, trials):
            layers = wiring.layers()
            for layer in layers:
                layer.dw, layer.db = torch.ones_like(layer.weights), torch.ones_like(layer.bias)
            network = call(subject(network_class, "NeuralNetwork"), *layers)
            call(network.step, LR)
            pairs = zip(
                ("layer1", "layer1", "layer2", "layer2"),
                ("weights", "bias") * 2,
                wiring.parameters,
                strict=True,
            )
            for layer, name, before in pairs:
                got = as_tensor(getattr(read(network, layer), name), name)
                if not close(got, before - LR):
                    key = "network.no_step" if close(got, before) else "network.step"
                    raise Stop(Verdict.WRONG, text(key, layer=layer, name=name))
        return Row(Verdict.OK)

    return judge


def pure_check(relu):
    """backward changes neither parameters nor arguments, and starts from nothing at every call."""

    def judge(network_class, trials):
        for wiring in wirings(relu, trials):
            network = wiring.build(network_class)
            given = wiring.inputs.clone(), wiring.dldy.clone()
            backward(network, *given)
            layers = [read(network, name) for name in ("layer1", "layer2")]
            if any(layer.given is None for layer in layers):
                raise Stop(Verdict.UNDONE, text("network.not_called"))
            for name, value, before in zip(
                ("inputs", "dldy"), given, (wiring.inputs, wiring.dldy), strict=True
            ):
                if not torch.equal(value, before):
                    raise Stop(Verdict.WRONG, text("pure.argument", name=name))
            kept = [getattr(layer, name) for layer in layers for name in ("weights", "bias")]
            if not all(map(close, kept, wiring.parameters)):
                raise Stop(Verdict.WRONG, text("pure.parameter", name="weights, bias"))
            _check_second_call(network, wiring, network_class)
        return Row(Verdict.OK)

    return judge


def _check_second_call(network, wiring, network_class):
    fresh = wiring.build(network_class)
    for each in (network, fresh):
        backward(each, 2 * wiring.inputs, wiring.dldy - 1)
    for layer in ("layer1", "layer2"):
        for name in ("dw", "db"):
            again, once = (as_tensor(getattr(read(each, layer), name), name) for each in (network, fresh))
            if not close(again.nan_to_num(), once.nan_to_num()):
                raise Stop(Verdict.WRONG, text("pure.accumulates", name=f"{layer}.{name}"))


def network_topic(relu):
    """All checks of the two-layer network, with a ReLU between the layers or without."""
    names = [(layer, name) for layer in ("layer2", "layer1") for name in ("dw", "db")]
    return Topic(
        "NeuralNetwork",
        forward=forward_check(relu),
        **{f"{layer}_{name}": gradient_check(layer, name, relu) for layer, name in names},
        dx=input_gradient_check(relu),
        step=step_check(relu),
        pure=pure_check(relu),
    )


linear_network = network_topic(relu=False)
relu_network = network_topic(relu=True)

"""Checks of `NeuralNetwork`: the wiring of two layers, made with stand-in layers and a stand-in ReLU."""

from dataclasses import replace
from functools import partial

import torch

from . import reference, slips
from .calls import call, read, subject
from .diagnosis import scaled, verdict
from .layers import backward_by_hand, check_derived, run_backward
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close
from .wirings import long_wiring, wirings

# the factors of diagnosis.scaled that have a sentence for networks
NETWORK_FACTORS = (
    "twice", "half", "times_k", "over_k", "times_n", "over_n", "times_kn", "over_kn", "sign",
)  # fmt: skip


def _fitting(got, candidates):
    """Keys of the slips that give just what the learner got."""
    got = got.to(torch.float64)
    return [key.partition("/")[0] for key, slip in candidates.items() if close(got, slip.to(torch.float64))]


def _judged(name, comparisons, explanations, layer):
    """The Row for all cases; of a wrong answer, the first slip that explains every case is told."""
    row = verdict(name, comparisons, [{}])
    if row.ok:
        return row
    suspects = [explain() for explain in explanations]
    shared = [key for key in suspects[0] if all(key in case for case in suspects)]
    return replace(row, message=text(f"slip.{shared[0]}", name=name, layer=layer)) if shared else row


def forward_check(relu):
    """The prediction; an earlier call with other inputs must leave no trace in it."""

    def judge(network_class, trials):
        comparisons, explanations = [], []
        for wiring in wirings(relu, trials):
            network = wiring.build(network_class)
            call(network.forward, wiring.other_inputs())
            got = as_tensor(call(network.forward, wiring.inputs.clone()), "forward")
            comparisons.append(Comparison(got, wiring.predict()))
            explanations.append(partial(_explain_forward, got, wiring))
        return _judged("forward", comparisons, explanations, "layer2")

    return judge


def _explain_forward(got, wiring):
    return _fitting(got, _forward_slips(wiring))


def _forward_slips(wiring):
    inner, outer = wiring.preactivation(), wiring.predict()
    weights2, bias2 = wiring.parameters[2:]
    activations = {
        "network_no_relu": inner,
        "network_extra_relu": torch.relu(inner),
        "network_sigmoid": torch.sigmoid(inner),
        "network_tanh": torch.tanh(inner),
        "network_leaky": torch.nn.functional.leaky_relu(inner),
    }
    return {
        "network_cached": replace(wiring, inputs=wiring.other_inputs()).predict(),
        "network_relu_last": torch.relu(reference.affine(inner, weights2, bias2)),
        "network_relu_both": torch.relu(outer),
        "network_hidden": wiring.hidden(),
        "network_no_bias": wiring.hidden() @ weights2,
        "network_no_inner_bias": reference.affine(wiring.hidden(bias=False), weights2, bias2),
        "network_sign": -outer,
        "zeros": torch.zeros_like(outer),
    } | {key: reference.affine(hidden, weights2, bias2) for key, hidden in activations.items()}


def gradient_check(layer_name, name, relu):
    """`name` of one layer after the network's backward."""
    gradient = f"{layer_name}.{name}"

    def answer(network_class, wiring):
        network = wiring.build(network_class)
        backward_by_hand(network, wiring.inputs.clone(), wiring.dldy.clone(), wiring.parameters)
        return network, as_tensor(read(read(network, layer_name), name), gradient)

    def explain(got, wiring, network):
        return _explain_gradient(got, wiring, network, layer_name, name)

    return partial(_judge_gradient, gradient, layer_name, relu, answer, explain)


def _judge_gradient(gradient, layer_name, relu, answer, explain, network_class, trials):
    """The Row for one `gradient`: `answer(network_class, wiring)` gives the learner's network and answer."""
    comparisons, explanations = [], []
    for wiring in wirings(relu, trials):
        network, got = answer(network_class, wiring)
        comparisons.append(Comparison(got, wiring.gradients()[gradient]))
        explanations.append(partial(explain, got, wiring, network))
    row = _judged(gradient, comparisons, explanations, layer_name)
    if row.ok and not trials:
        wiring = long_wiring(relu)
        check_derived(Comparison(answer(network_class, wiring)[1], wiring.gradients()[gradient]))
    return row


def _explain_gradient(got, wiring, network, layer_name, name):
    own = _fitting(got, _layer_slips(wiring, layer_name, name))
    return _handed(wiring, network, layer_name, name) + own


def _handed(wiring, network, layer_name, name):
    """Keys of the slips that explain what the network gave to the layer: its inputs count for dw alone."""
    given = getattr(getattr(network, layer_name), "given", None)
    if given is None:
        return []
    inputs, dldy = given
    handed = _fitting(dldy, _upstream_slips(wiring, network, layer_name))
    return handed if name != "dw" else _fitting(inputs, _inputs_slips(wiring, layer_name)) + handed


def _inputs_slips(wiring, layer_name):
    """What a wrong network gives to a layer's backward in place of its inputs."""
    right = wiring.layer_values(layer_name)["inputs"]
    foreign = {"wire_prediction": wiring.predict(), "wire_integer": right.trunc()}
    if layer_name == "layer1":
        return foreign | {"wire_hidden": wiring.hidden(), "wire_preactivation": wiring.preactivation()}
    foreign |= {
        "wire_network_input": wiring.inputs,
        "wire_without_bias": wiring.hidden(bias=False),
        "wire_without_bias/2": wiring.inputs @ wiring.parameters[0],
    }
    return foreign | ({"wire_preactivation": wiring.preactivation()} if wiring.relu else {})


def _upstream_slips(wiring, network, layer_name):
    """What a wrong network gives to a layer's backward in place of its upstream gradient."""
    right = wiring.layer_values(layer_name)["dldy"]
    slips = {
        "wire_zeros": torch.zeros_like(right),
        "wire_ones": torch.ones_like(right),
        "wire_transposed": right.T,
        "wire_summed": right.sum(0),
        "wire_prediction_upstream": wiring.predict(),
    }
    if layer_name == "layer2":
        return slips | {"wire_squared": wiring.dldy**2}
    weights2 = wiring.parameters[2]
    mask = wiring.preactivation() > 0 if wiring.relu else torch.ones_like(right)
    unmasked = wiring.dldy @ weights2.T
    slips |= {
        "wire_upstream": wiring.dldy,
        "wire_upstream_ones": torch.ones_like(wiring.dldy) @ weights2.T * mask,
        "wire_squared": wiring.dldy**2 @ weights2.T * mask,
        "wire_activation": wiring.hidden(),
    }
    updated = as_tensor(read(network.layer2, "weights"), "weights")
    if updated.shape == weights2.shape and not close(updated, weights2):
        slips["wire_updated"] = wiring.dldy @ updated.T * mask
    if wiring.relu:
        slips |= {
            "relu_no_mask": unmasked,
            "relu_by_upstream": unmasked * (unmasked > 0),
            "relu_inverted": unmasked * ~mask,
            "relu_mask_without_bias": unmasked * (wiring.inputs @ wiring.parameters[0] > 0),
            "relu_mask_only": mask.to(unmasked.dtype),
            "relu_times_activation": unmasked * wiring.hidden(),
        }
    return slips


def _layer_slips(wiring, layer_name, name):
    """What typical slips make of one gradient of a layer that was given the right things."""
    values = wiring.layer_values(layer_name)
    expected = reference.layer_gradients(**values)
    factors = scaled(expected[name], len(wiring.inputs), wiring.dldy.shape[1])
    named = {f"network_{key}": slip for key, slip in factors.items() if key in NETWORK_FACTORS}
    return {"zeros": factors["zeros"]} | named | slips.layer(name, values, expected)


def input_gradient_check(relu):
    """backward returns ∂L/∂X of the whole network."""

    def answer(network_class, wiring):
        network = wiring.build(network_class)
        result = backward_by_hand(network, wiring.inputs.clone(), wiring.dldy.clone(), wiring.parameters)
        if result is None:
            raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
        return network, as_tensor(result, "dx")

    return partial(_judge_gradient, "dx", "layer1", relu, answer, _explain_input_gradient)


def _explain_input_gradient(got, wiring, network):
    own = _fitting(got, _input_gradient_slips(wiring, network))
    return _handed(wiring, network, "layer1", "dx") + own


def _input_gradient_slips(wiring, network):
    values = wiring.layer_values("layer1")
    own = {
        "network_dx_upstream": wiring.dldy,
        "network_dx_hidden": values["dldy"],
        "network_dx_before_relu": wiring.dldy @ wiring.parameters[2].T,
    }
    through = {
        key: slip @ values["weights"].T
        for key, slip in _upstream_slips(wiring, network, "layer1").items()
        if slip.shape == values["dldy"].shape and key != "wire_zeros"
    }
    return own | through | _layer_slips(wiring, "layer1", "dx")


def step_check(relu):
    """step(lr) updates both layers; their gradients are set by the check."""

    def judge(network_class, trials):
        found = {(layer, name): [] for layer in ("layer1", "layer2") for name in ("weights", "bias")}
        for wiring in wirings(relu, trials):
            layers, lr = wiring.layers(), 0.1 + wiring.dldy.abs().max().item()
            gradients = [torch.cos(3 * parameter) for parameter in wiring.parameters]
            for layer, dw, db in zip(layers, gradients[::2], gradients[1::2], strict=True):
                layer.dw, layer.db = dw.clone(), db.clone()
            network = call(subject(network_class, "NeuralNetwork"), *layers)
            call(network.step, lr)
            others = [gradients[i] for i in (1, 0, 3, 2)]
            for place, before, gradient, other in zip(
                found, wiring.parameters, gradients, others, strict=True
            ):
                got = as_tensor(read(read(network, place[0]), place[1]), place[1])
                keys = _fitting(got, slips.step(before, gradient, lr, before, other))
                found[place].append((Comparison(got, before - lr * gradient), keys))
        for (layer, name), cases_found in found.items():
            if not all(comparison.ok for comparison, _ in cases_found):
                raise Stop(Verdict.WRONG, _explain_step(layer, name, [keys for _, keys in cases_found]))
        return Row(Verdict.OK)

    return judge


def _explain_step(layer, name, suspects):
    shared = [key for key in suspects[0] if all(key in case for case in suspects)]
    if "step_none" in shared:
        return text("network.no_step", layer=layer, name=name)
    return text(f"slip.{shared[0]}", name=name) if shared else text("network.step", layer=layer, name=name)


def pure_check(relu):
    """backward changes neither parameters nor arguments, and starts from nothing at every call."""

    def judge(network_class, trials):
        for wiring in wirings(relu, trials):
            network = wiring.build(network_class)
            given = wiring.inputs.clone(), wiring.dldy.clone()
            run_backward(network, *given)
            layers = [read(network, name) for name in ("layer1", "layer2")]
            if all(getattr(layer, "dw", None) is None for layer in layers):
                raise Stop(Verdict.UNDONE, text("network.not_called"))
            for name, value, before in zip(
                ("inputs", "dldy"), given, (wiring.inputs, wiring.dldy), strict=True
            ):
                if not torch.equal(value, before):
                    raise Stop(Verdict.WRONG, text("pure.argument", name=name))
            kept = [as_tensor(getattr(layer, name), name) for layer in layers for name in ("weights", "bias")]
            if not all(map(close, kept, wiring.parameters)):
                raise Stop(Verdict.WRONG, text("pure.parameter", name="weights, bias"))
            _check_second_call(network, wiring, network_class)
        return Row(Verdict.OK)

    return judge


def _check_second_call(network, wiring, network_class):
    """The gradients of a second call are those of a network that was never called before."""
    again, once = (_gradients_after(each, wiring) for each in (network, wiring.build(network_class)))
    for name, first in once.items():
        if first is None or again[name] is None:  # what is not there yet costs its own check
            continue
        if not close(*(as_tensor(value, name).nan_to_num() for value in (again[name], first))):
            raise Stop(Verdict.WRONG, text("pure.accumulates", name=name))


def _gradients_after(network, wiring):
    """All gradients after a backward pass with other inputs; None for those that are not there."""
    dx = run_backward(network, wiring.other_inputs(), wiring.dldy - 1)
    layers = {name: read(network, name) for name in ("layer1", "layer2")}
    kinds = [(name, kind) for name in layers for kind in ("dw", "db")]
    return {f"{name}.{kind}": getattr(layers[name], kind) for name, kind in kinds} | {"dx": dx}


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

"""The typical slips of a network's wiring: a message key → what such a learner would get or hand on."""

from dataclasses import replace

import torch

from . import reference, slips
from .calls import read
from .diagnosis import scaled
from .values import as_tensor, close

# the factors of diagnosis.scaled that have a sentence for networks
NETWORK_FACTORS = (
    "twice", "half", "times_k", "over_k", "times_n", "over_n", "times_kn", "over_kn", "sign",
)  # fmt: skip


def forward(wiring):
    """Slips of the prediction."""
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


def layer_inputs(wiring, layer_name):
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


def layer_upstream(wiring, network, layer_name):
    """What a wrong network gives to a layer's backward in place of its upstream gradient."""
    right = wiring.layer_values(layer_name)["dldy"]
    found = {
        "wire_zeros": torch.zeros_like(right),
        "wire_ones": torch.ones_like(right),
        "wire_transposed": right.T,
        "wire_summed": right.sum(0),
        "wire_prediction_upstream": wiring.predict(),
    }
    if layer_name == "layer2":
        return found | {"wire_squared": wiring.dldy**2}
    found |= {
        "wire_upstream": wiring.dldy,
        "wire_upstream_ones": _handed_back(wiring, dldy=torch.ones_like(wiring.dldy)),
        "wire_squared": _handed_back(wiring, dldy=wiring.dldy**2),
        "wire_activation": wiring.hidden(),
    }
    first, bias1, weights2, bias2 = wiring.parameters
    updated = as_tensor(read(network.layer2, "weights"), "weights")
    if updated.shape == weights2.shape and not close(updated, weights2):
        found["wire_updated"] = _handed_back(wiring, parameters=[first, bias1, updated, bias2])
    if wiring.relu:
        unmasked = wiring.hidden_gradient()
        found |= {
            "relu_no_mask": unmasked,
            "relu_by_upstream": reference.relu_gradient(unmasked, unmasked),
            "relu_inverted": unmasked - right,
            "relu_mask_without_bias": reference.relu_gradient(wiring.inputs @ first, unmasked),
            "relu_mask_only": reference.relu_gradient(wiring.preactivation(), torch.ones_like(unmasked)),
            "relu_times_activation": unmasked * wiring.hidden(),
        }
    return found


def misplaced(wiring, layer_name, given):
    """Keys of what is wrong with `given`, a layer's (inputs, dldy), when they fit another layer or none."""
    other = wiring.layer_values("layer1" if layer_name == "layer2" else "layer2")
    own, given = wiring.layer_values(layer_name), dict(zip(("inputs", "dldy"), given, strict=True))
    if all(close(value, other[name]) for name, value in given.items()):
        return ["wire_other_layer"]
    keys = {"inputs": "wire_shape_inputs", "dldy": "wire_shape_dldy"}
    return [key for name, key in keys.items() if given[name].shape != own[name].shape]


def _handed_back(wiring, **changed):
    """What the first layer's backward is given in a network with something changed, (k, h)."""
    return replace(wiring, **changed).layer_values("layer1")["dldy"]


def layer_gradient(wiring, layer_name, name):
    """What typical slips make of one gradient of a layer that was given the right things."""
    values = wiring.layer_values(layer_name)
    expected = reference.layer_gradients(**values)
    factors = scaled(expected[name], len(wiring.inputs), wiring.dldy.shape[1])
    named = {f"network_{key}": slip for key, slip in factors.items() if key in NETWORK_FACTORS}
    return {"zeros": factors["zeros"]} | named | slips.layer(name, values, expected)


def input_gradient(wiring, network):
    """Slips of ∂L/∂X of the whole network."""
    values = wiring.layer_values("layer1")
    own = {
        "network_dx_upstream": wiring.dldy,
        "network_dx_hidden": values["dldy"],
        "network_dx_before_relu": wiring.hidden_gradient(),
    }
    through = {
        key: slips.gradient_of("dx", values, dldy=slip)
        for key, slip in layer_upstream(wiring, network, "layer1").items()
        if slip.shape == values["dldy"].shape and key != "wire_zeros"
    }
    return own | through | layer_gradient(wiring, "layer1", "dx")

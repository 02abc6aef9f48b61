"""Checks of `NeuralNetwork`: the wiring of two layers, made with stand-in layers and a stand-in ReLU."""

from dataclasses import replace
from functools import partial

import torch

from . import examples, network_slips, slips
from .calls import call, read, returned, subject
from .diagnosis import verdict
from .layers import backward_by_hand, check_computed, check_derived, run_backward
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close, is_numeric
from .wirings import long_wiring, wirings


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
            got = as_tensor(returned(call(network.forward, wiring.inputs.clone()), "forward"), "forward")
            comparisons.append(Comparison(got, wiring.predict()))
            explanations.append(partial(_explain_forward, got, wiring))
        return _judged("forward", comparisons, explanations, "layer2")

    return judge


def _explain_forward(got, wiring):
    return _fitting(got, network_slips.forward(wiring))


def gradient_check(layer_name, name, relu):
    """`name` of one layer after the network's backward."""
    gradient = f"{layer_name}.{name}"

    def answer(network_class, wiring):
        network = wiring.build(network_class)
        _, found = backward_by_hand(network, wiring.inputs.clone(), wiring.dldy.clone(), [gradient])
        if found.get(gradient) is None:
            read(read(network, layer_name), name)  # knows how to say that it is not there
            raise Stop(Verdict.UNDONE, text("network.layer_not_called", layer=layer_name))
        return network, as_tensor(found[gradient], gradient)

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
    own = _fitting(got, network_slips.layer_gradient(wiring, layer_name, name))
    return _handed(wiring, network, layer_name, name) + own


def _handed(wiring, network, layer_name, name):
    """Keys of the slips that explain what the network gave to the layer: its inputs count for dw alone."""
    given = getattr(getattr(network, layer_name), "given", None)
    if given is None:
        return []
    inputs, dldy = given
    handed = _fitting(dldy, network_slips.layer_upstream(wiring, network, layer_name))
    return (
        handed if name != "dw" else _fitting(inputs, network_slips.layer_inputs(wiring, layer_name)) + handed
    )


def input_gradient_check(relu):
    """backward returns ∂L/∂X of the whole network."""

    def answer(network_class, wiring):
        network = wiring.build(network_class)
        result, _ = backward_by_hand(network, wiring.inputs.clone(), wiring.dldy.clone())
        if result is None:
            raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
        return network, as_tensor(result, "dx")

    return partial(_judge_gradient, "dx", "layer1", relu, answer, _explain_input_gradient)


def _explain_input_gradient(got, wiring, network):
    own = _fitting(got, network_slips.input_gradient(wiring, network))
    return _handed(wiring, network, "layer1", "dx") + own


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
        computed = False
        for wiring in wirings(relu, trials):
            network = wiring.build(network_class)
            given = wiring.inputs.clone(), wiring.dldy.clone()
            run_backward(network, *given)
            layers = [read(network, name) for name in ("layer1", "layer2")]
            if all(getattr(layer, "dw", None) is None for layer in layers):
                raise Stop(Verdict.UNDONE, text("network.not_called"))
            found = [getattr(layer, name, None) for layer in layers for name in ("dw", "db")]
            computed = computed or any(
                as_tensor(gradient, "dw").any() for gradient in found if is_numeric(gradient)
            )
            for name, value, before in zip(
                ("inputs", "dldy"), given, (wiring.inputs, wiring.dldy), strict=True
            ):
                if not torch.equal(value, before):
                    raise Stop(Verdict.WRONG, text("pure.argument", name=name))
            kept = [as_tensor(getattr(layer, name), name) for layer in layers for name in ("weights", "bias")]
            if not all(map(close, kept, wiring.parameters)):
                raise Stop(Verdict.WRONG, text("pure.parameter", name="weights, bias"))
            _check_second_call(network, wiring, network_class)
        check_computed(computed)
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
    dx, _ = run_backward(network, wiring.other_inputs(), wiring.dldy - 1)
    layers = {name: read(network, name) for name in ("layer1", "layer2")}
    kinds = [(name, kind) for name in layers for kind in ("dw", "db")]
    return {f"{name}.{kind}": getattr(layers[name], kind) for name, kind in kinds} | {"dx": dx}


def network_topic(relu):
    """All checks of the two-layer network, with a ReLU between the layers or without."""
    names = [(layer, name) for layer in ("layer2", "layer1") for name in ("dw", "db")]
    return Topic(
        "NeuralNetwork",
        example=examples.network(relu),
        hinted=("dx", *(f"{layer}_{name}" for layer, name in names)),
        forward=forward_check(relu),
        **{f"{layer}_{name}": gradient_check(layer, name, relu) for layer, name in names},
        dx=input_gradient_check(relu),
        step=step_check(relu),
        pure=pure_check(relu),
    )


linear_network = network_topic(relu=False)
relu_network = network_topic(relu=True)

"""Checks of `NeuralNetwork`: the wiring of two layers, made with stand-in layers and a stand-in ReLU."""

from dataclasses import replace
from functools import partial, reduce

import torch

from . import examples, network_slips, slips
from .calls import read, returned, subject
from .diagnosis import verdict
from .gradients import check_computed, check_derived, raised_later
from .messages import text
from .outcome import Row, Stop, Verdict
from .scripts import asked, passed
from .topic import Topic
from .values import Comparison, as_tensor, close, is_numeric
from .wirings import GRADIENTS, PARAMETERS, long_wiring, wirings


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
        for wiring, answer in _asked(network_class, wirings(relu, trials), _forward_script):
            _, _, result = answer(), answer(), answer()
            got = as_tensor(returned(result, "forward"), "forward")
            comparisons.append(Comparison(got, wiring.predict()))
            explanations.append(partial(_explain_forward, got, wiring))
        return _judged("forward", comparisons, explanations, "layer2")

    return judge


def _asked(network_class, drawn, script):
    """(wiring, answer) for each of the wirings drawn; `script(wiring)` is what its network is to do."""
    learners = subject(network_class, "NeuralNetwork")
    return zip(drawn, asked(learners, [script(wiring) for wiring in drawn]), strict=True)


def _forward_script(wiring):
    return [wiring.built(), ("forward", wiring.other_inputs()), ("forward", wiring.inputs)]


def _explain_forward(got, wiring):
    return _fitting(got, network_slips.forward(wiring))


def gradient_check(layer_name, name, relu):
    """`name` of one layer after the network's backward."""
    gradient = f"{layer_name}.{name}"

    def script(wiring):
        return [wiring.built(), *wiring.passes([gradient])]

    def read_answer(answer, expected):
        network, (found, _, stop) = answer(), passed(answer)
        if stop and not raised_later(stop, found.get(gradient), gradient, expected):
            raise stop
        if found.get(gradient) is None:
            read(read(network, layer_name), name)  # knows how to say that it is not there
            raise Stop(Verdict.UNDONE, text("network.layer_not_called", layer=layer_name))
        return network, as_tensor(found[gradient], gradient)

    def explain(got, wiring, network):
        return _explain_gradient(got, wiring, network, layer_name, name)

    return partial(_judge_gradient, gradient, layer_name, relu, script, read_answer, explain)


def _judge_gradient(gradient, layer_name, relu, script, read_answer, explain, network_class, trials):
    """The Row for one `gradient`: `read_answer` makes the network and the gradient of a script's answers."""
    comparisons, explanations = [], []
    for wiring, answer in _asked(network_class, wirings(relu, trials), script):
        expected = wiring.gradients()[gradient]
        network, got = read_answer(answer, expected)
        comparisons.append(Comparison(got, expected))
        explanations.append(partial(explain, got, wiring, network))
    row = _judged(gradient, comparisons, explanations, layer_name)
    if row.ok and not trials:
        ((wiring, answer),) = _asked(network_class, [long_wiring(relu)], script)
        expected = wiring.gradients()[gradient]
        check_derived(Comparison(read_answer(answer, expected)[1], expected))
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
    if name == "dw":
        handed = _fitting(inputs, network_slips.layer_inputs(wiring, layer_name)) + handed
    misplaced = network_slips.misplaced(wiring, layer_name, given)
    return handed + misplaced if "wire_other_layer" not in misplaced else misplaced


def input_gradient_check(relu):
    """backward returns ∂L/∂X of the whole network."""

    def script(wiring):
        return [wiring.built(), *wiring.passes()]

    def read_answer(answer, expected):
        network, _, result = answer(), answer(), answer()
        if result is None:
            raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
        return network, as_tensor(result, "dx")

    return partial(_judge_gradient, "dx", "layer1", relu, script, read_answer, _explain_input_gradient)


def _explain_input_gradient(got, wiring, network):
    own = _fitting(got, network_slips.input_gradient(wiring, network))
    last = _handed(wiring, network, "layer2", "dx")
    return _handed(wiring, network, "layer1", "dx") + own + [key for key in last if key == "wire_other_layer"]


def step_check(relu):
    """step(lr) updates both layers; their gradients are set by the check."""

    def judge(network_class, trials):
        found = {name: [] for name in PARAMETERS}
        for wiring, answer in _asked(network_class, wirings(relu, trials), _step_script):
            network, _, after = answer(), answer(), answer()
            gradients, lr = _updates(wiring)
            others = [gradients[i] for i in (1, 0, 3, 2)]
            right = [before - lr * dw for before, dw in zip(wiring.parameters, gradients, strict=True)]
            for i, (name, before) in enumerate(zip(PARAMETERS, wiring.parameters, strict=True)):
                got = after[name] if name in after else reduce(read, name.split("."), network)
                got = as_tensor(got, name.split(".")[1])
                told = {"step_other_layer": right[i - 2]}
                keys = _fitting(got, told | slips.step(before, gradients[i], lr, before, others[i]))
                found[name].append((Comparison(got, right[i]), keys))
        for name, cases_found in found.items():
            if not all(comparison.ok for comparison, _ in cases_found):
                suspects = [keys for _, keys in cases_found]
                raise Stop(Verdict.WRONG, _explain_step(*name.split("."), suspects))
        return Row(Verdict.OK)

    return judge


def _updates(wiring):
    """The gradient of each parameter that the check sets, and lr."""
    return [torch.cos(3 * parameter) for parameter in wiring.parameters], 0.1 + wiring.dldy.abs().max().item()


def _step_script(wiring):
    layers = wiring.layers()
    gradients, lr = _updates(wiring)
    for layer, dw, db in zip(layers, gradients[::2], gradients[1::2], strict=True):
        layer.dw, layer.db = dw, db
    return [("built", layers), ("step", {}, lr), ("attributes", *PARAMETERS)]


def _explain_step(layer, name, suspects):
    shared = [key for key in suspects[0] if all(key in case for case in suspects)]
    if "step_none" in shared:
        return text("network.no_step", layer=layer, name=name)
    return text(f"slip.{shared[0]}", name=name) if shared else text("network.step", layer=layer, name=name)


def pure_check(relu):
    """backward changes neither parameters nor arguments, and starts from nothing at every call."""

    def judge(network_class, trials):
        computed = False
        for wiring, answer in _asked(network_class, wirings(relu, trials), _pure_script):
            network, (found, _, stop), given, after = answer(), passed(answer), answer(), answer()
            if stop and (stop.verdict is Verdict.REFUSED or not _stored(found)):
                raise stop
            found = {name: _gradient(found, network, name) for name in GRADIENTS}
            if not _stored(found):
                raise Stop(Verdict.UNDONE, text("network.not_called"))
            computed = computed or any(
                as_tensor(gradient, "dw").any() for gradient in found.values() if is_numeric(gradient)
            )
            for name, value, before in zip(
                ("inputs", "dldy"), given, (wiring.inputs, wiring.dldy), strict=True
            ):
                if not torch.equal(value, before):
                    raise Stop(Verdict.WRONG, text("pure.argument", name=name))
            kept = [as_tensor(after.get(name), name.split(".")[1]) for name in PARAMETERS]
            if not all(map(close, kept, wiring.parameters)):
                raise Stop(Verdict.WRONG, text("pure.parameter", name="weights, bias"))
            again = _gradients(answer, network)
            _check_second_call(again, _gradients(answer, answer()))
        check_computed(computed)
        return Row(Verdict.OK)

    return judge


def _pure_script(wiring):
    """backward and what it has changed, another one, and the same of a new network."""
    other = replace(wiring, inputs=wiring.other_inputs(), dldy=wiring.dldy - 1)
    first, second = (one.passes(GRADIENTS, watched=False) for one in (wiring, other))
    return [wiring.built(), *first, ("given",), ("attributes", *PARAMETERS), *second, wiring.built(), *second]


def _stored(found):
    """Whether a layer has its dw: then backward was called, be it that the network's raised afterwards."""
    return any(found.get(name) is not None for name in GRADIENTS[::2])


def _gradient(found, network, name):
    """`name`, such as layer1.dw, out of what backward has stored; None when that layer does not have it."""
    layer, _, field = name.partition(".")
    return found[name] if name in found else getattr(read(network, layer), field, None)


def _check_second_call(again, once):
    """The gradients of a second call are those of a network that was never called before."""
    for name, first in once.items():
        if first is None or again[name] is None:  # what is not there yet costs its own check
            continue
        if not close(*(as_tensor(value, name).nan_to_num() for value in (again[name], first))):
            raise Stop(Verdict.WRONG, text("pure.accumulates", name=name))


def _gradients(answer, network):
    """All gradients after a backward pass; None for those that are not there."""
    found, dx, _ = passed(answer)
    return {name: _gradient(found, network, name) for name in GRADIENTS} | {"dx": dx}


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

"""Checks of `Neuron` and `DenseLayer`: ŷ = XW + b for one sample or a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from . import at_once, by_hand, examples, reference, slips
from .calls import call, demand, read, returned, subject
from .cases import FAR, HUGE, cases, long_case
from .diagnosis import verdict
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close, is_numeric, same, shape_text

# backward ended early, but what it had stored by then may be right
UNFINISHED = (Verdict.RAISED, Verdict.UNDONE)


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
    parameters = values["weights"].clone(), values["bias"].clone()
    return call(by_hand.built, subject(layer_class, "class"), *parameters)


def run_backward(layer, inputs, dldy, names=(), watched=False):
    """Run forward and backward of the learner's layer.

    What backward returned, and {name: gradient} of those of `names` that it has stored.
    """
    return call(by_hand.passes, layer, [inputs, dldy], 1, list(names), watched)


def backward_by_hand(layer, inputs, dldy, names=()):
    """`run_backward` for a gradient that gives points, so ready-made derivatives are refused."""
    return run_backward(layer, inputs, dldy, names, watched=True)


def taken(found, owner, name, result=None):
    """The gradient `name` of those that backward has stored; see `demand`. Raises Stop without it."""
    return as_tensor(demand(found, owner, name, result), name)


def forward_check(shapes):
    """forward twice with one layer: the second answer must not remember the first."""

    def judge(layer_class, trials):
        comparisons, drawn = [], []
        for case in cases(trials):
            values, again = shapes.draw(case), shapes.draw(case)
            layer = build(layer_class, values)
            for inputs in (values["inputs"], again["inputs"]):
                got = as_tensor(returned(call(layer.forward, inputs.clone()), "forward"), "forward")
                expected = reference.affine(inputs, values["weights"], values["bias"])
                comparisons.append(Comparison(got, expected))
                drawn.append(values | {"inputs": inputs})
            if not comparisons[-1].ok:
                fresh = as_tensor(call(build(layer_class, values).forward, inputs.clone()), "forward")
                if close(fresh, expected) and not same(got, fresh):
                    raise Stop(Verdict.WRONG, text("pure.remembers"))
        return verdict("forward", comparisons, (slips.layer_forward(values) for values in drawn))

    return judge


def gradient_check(name, shapes, gradients):
    """`gradients` are the names that backward stores; dx it must return as well."""

    def judge(layer_class, trials):
        comparisons, drawn = [], []
        for case in cases(trials):
            values = shapes.draw(case)
            layer = build(layer_class, values)
            found = reference.layer_gradients(**values)
            expected = {gradient: found[gradient] for gradient in gradients}
            before = _weights(layer) if name == "dx" else None
            comparisons.append(_answer(layer, name, values, expected[name]))
            drawn.append((values, expected, None if before is None else _changed(before, _weights(layer))))
        row = verdict(name, comparisons, (slips.layer(name, *case) for case in drawn))
        for values in _telltales(name, shapes) if row.ok and not trials else ():
            expected = reference.layer_gradients(**values)[name]
            check_derived(_answer(build(layer_class, values), name, values, expected))
        return row

    return judge


def _answer(layer, name, values, expected):
    """The gradient that the learner's backward has stored, compared; dx must be returned as well."""
    inputs, dldy = values["inputs"].clone(), values["dldy"].clone()
    result = None
    try:
        result, found = backward_by_hand(layer, inputs, dldy, [name])
    except Stop as stop:
        found = by_hand.stored()
        if name == "dx" or not _raised_later(stop, found.get(name), name, expected):
            raise
    stored = taken(found, layer, name, result if name == "dx" else None)
    if name == "dx":
        check_both_places(name, stored, result, expected)
    return Comparison(stored, expected)


def _telltales(name, shapes):
    """Values by which a gradient that was not derived gives itself away: see `LONG`, `HUGE` and `FAR`."""
    values = shapes.draw(long_case())
    far = values | {"dldy": values["dldy"] * FAR}
    values = {key: value.clone() for key, value in values.items()}
    values["bias"] *= HUGE
    if name == "dx":
        values["inputs"][..., 0] *= HUGE
    else:
        values["weights"][0] *= HUGE
    return values, far


def check_derived(comparison):
    """Raises Stop for a gradient that is right elsewhere and wrong among huge numbers that it ignores."""
    if not comparison.ok:
        raise Stop(Verdict.REFUSED, text("by_hand.drowned"))


def _raised_later(stop, stored, name, expected):
    """Whether backward had stored the right gradient when it raised: then another gradient is to blame."""
    return stop.verdict in UNFINISHED and stored is not None and close(as_tensor(stored, name), expected)


def check_both_places(name, stored, result, expected):
    """Raises Stop when the right gradient was stored but not returned, or returned but not stored."""
    if not close(stored, expected):
        if result is not None and close(as_tensor(result, name), expected):
            raise Stop(Verdict.WRONG, text("value.stored_differs", name=name))
    elif result is None:
        raise Stop(Verdict.UNDONE, text("value.not_returned", name=name))
    elif not close(as_tensor(result, name), expected):
        raise Stop(Verdict.WRONG, text("value.returned_differs", name=name))


def _weights(layer):
    """A copy of the layer's weights, or None when they are no tensor."""
    weights = getattr(layer, "weights", None)
    return as_tensor(weights, "weights").to(torch.float64) if isinstance(weights, torch.Tensor) else None


def _changed(before, now):
    """The weights after backward if it has changed their values, else None."""
    kept = now is None or now.shape != before.shape or torch.equal(now, before)
    return None if kept else now


def step_check(shapes):
    """`step(lr)` alone: the gradients are set by the check, so a wrong backward costs nothing here."""

    def judge(layer_class, trials):
        comparisons = {"weights": [], "bias": []}
        drawn = {"weights": [], "bias": []}
        for case in cases(trials):
            values = shapes.draw(case)
            layer = build(layer_class, values)
            before = values
            for _ in range(2):
                dw, db = (case.normal(*values[name].shape) for name in ("weights", "bias"))
                lr = 0.1 + abs(case.normal().item())
                if not call(at_once.step, layer, {"dw": dw.clone(), "db": db.clone()}, lr):
                    dw, db = _own_gradients(layer, values)
                    call(layer.step, lr)
                after = {name: as_tensor(read(layer, name), name) for name in comparisons}
                for name, gradient, other in (("weights", dw, db), ("bias", db, dw)):
                    comparisons[name].append(Comparison(after[name], before[name] - lr * gradient))
                    drawn[name].append((before[name], gradient, lr, values[name], other))
                if not all(answers[-1].ok for answers in comparisons.values()):
                    break
                before = after
        rows = [
            verdict(name, comparisons[name], (slips.step(*case) for case in drawn[name]))
            for name in comparisons
        ]
        return next((row for row in rows if not row.ok), rows[-1])

    return judge


def _own_gradients(layer, values):
    """dw and db as backward stores them, of a layer that lets nobody else set them."""
    _, found = run_backward(layer, values["inputs"].clone(), values["dldy"].clone(), ("dw", "db"))
    gradients = []
    for name, parameter in (("dw", values["weights"]), ("db", values["bias"])):
        gradient = taken(found, layer, name)
        if gradient.shape != parameter.shape:
            shapes = {"yours": shape_text(gradient), "expected": shape_text(parameter)}
            raise Stop(Verdict.SHAPE, text("value.shape", name=name, **shapes))
        if not gradient.any():  # then every step would be right that does nothing
            raise Stop(Verdict.UNDONE, text("step.zero", name=name))
        gradients.append(gradient)
    return gradients


def pure_check(shapes, gradients):
    """backward changes neither parameters nor arguments, and starts from nothing at every call.

    A gradient that is not there yet costs its own check and not this one.
    """

    def judge(layer_class, trials):
        computed = False
        for case in cases(trials):
            values, again = shapes.draw(case), shapes.draw(case)
            layer = build(layer_class, values)
            given = {name: values[name].clone() for name in ("inputs", "dldy")}
            before = _parameters(layer)
            stored = _stored(layer, *given.values(), gradients)
            computed = computed or any(gradient.any() for gradient in stored.values())
            after = _parameters(layer)
            for name, value in given.items():
                if not torch.equal(value, values[name]):
                    raise Stop(Verdict.WRONG, text("pure.argument", name=name))
            for name in before:
                if name not in after or not torch.equal(before[name], after[name]):
                    raise Stop(Verdict.WRONG, text("pure.parameter", name=name))
            second, first = [], []
            for each, found in ((layer, second), (build(layer_class, values), first)):
                now = _stored(each, again["inputs"].clone(), again["dldy"].clone(), gradients)
                found += [taken(now, each, name) for name in stored]
            for name, after, before in zip(stored, second, first, strict=True):
                if not same(after, before):
                    raise Stop(Verdict.WRONG, text("pure.accumulates", name=name))
        check_computed(computed)
        return Row(Verdict.OK)

    return judge


def check_computed(computed):
    """Raises Stop for a backward all of whose gradients are zeros: it can spoil nothing, and does nothing."""
    if not computed:
        raise Stop(Verdict.UNDONE, text("pure.zeros"))


def _parameters(layer):
    """Copies of the parameters; one that is not there costs the points of step, not of backward."""
    found = {name: getattr(layer, name, None) for name in ("weights", "bias")}
    return {name: as_tensor(value, name) for name, value in found.items() if value is not None}


def _stored(layer, inputs, dldy, gradients):
    """{name: gradient} that backward has stored, be it that it raised before the others.

    Raises Stop when there are none.
    """
    raised = None
    try:
        _, found = run_backward(layer, inputs, dldy, gradients)
    except Stop as stop:
        raised, found = stop, by_hand.stored()
    stored = [name for name, value in found.items() if value is not None]
    if raised and not (raised.verdict in UNFINISHED and stored):
        raise raised
    if not stored:
        taken(found, layer, gradients[0])
    return {name: as_tensor(found[name], name) for name in stored if is_numeric(found[name])}


def layer_topic(title, shapes, gradients):
    """All checks of one kind of layer; `gradients` are the names that backward has to store."""
    return Topic(
        title,
        hinted=gradients,
        example=examples.layer(title, shapes, gradients),
        forward=forward_check(shapes),
        **{name: gradient_check(name, shapes, gradients) for name in gradients},
        step=step_check(shapes),
        pure=pure_check(shapes, gradients),
    )


sample_neuron = layer_topic("Neuron", SAMPLE, ("dw", "db"))
batch_neuron = layer_topic("Neuron", COLUMN, ("dw", "db"))
dense_layer = layer_topic("DenseLayer", DENSE, ("dw", "db", "dx"))

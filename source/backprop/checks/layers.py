"""Checks of `Neuron` and `DenseLayer`: ŷ = XW + b for one sample or a batch."""

import itertools
from contextlib import suppress

import torch

from . import examples, reference, slips
from .calls import demand, look_up, returned, subject
from .cases import FAR, HUGE, cases, long_case
from .diagnosis import verdict
from .gradients import check_both_places, check_computed, check_derived, raised_later
from .messages import text
from .outcome import Row, Stop, Verdict
from .scripts import asked, last, passed, passes
from .shapes import COLUMN, DENSE, SAMPLE
from .topic import Topic
from .values import Comparison, as_tensor, close, is_numeric, same, shape_text


def _made(values):
    """The step that makes the learner's layer of these parameters."""
    return ("made", values["weights"], values["bias"])


def _passes(values, names, watched=True):
    return passes(values["inputs"], values["dldy"], names, watched)


def taken(found, owner, name, result=None):
    """The gradient `name` of those that backward has stored; see `demand`. Raises Stop without it."""
    return as_tensor(demand(found, owner, name, result), name)


def forward_check(shapes):
    """forward twice with one layer: the second answer must not remember the first."""

    def judge(layer_class, trials):
        comparisons, drawn = [], []
        pairs = [(shapes.draw(case), shapes.draw(case)) for case in cases(trials)]
        scripts = [[_made(pair[0]), *(("forward", one["inputs"]) for one in pair)] for pair in pairs]
        answers = asked(subject(layer_class, "class"), scripts)
        for (values, again), answer in zip(pairs, answers, strict=True):
            answer()
            for inputs in (values["inputs"], again["inputs"]):
                got = as_tensor(returned(answer(), "forward"), "forward")
                expected = reference.affine(inputs, values["weights"], values["bias"])
                comparisons.append(Comparison(got, expected))
                drawn.append(values | {"inputs": inputs})
            if not comparisons[-1].ok:
                fresh = as_tensor(last(layer_class, [_made(values), ("forward", inputs)]), "forward")
                if close(fresh, expected) and not same(got, fresh):
                    raise Stop(Verdict.WRONG, text("pure.remembers"))
        return verdict("forward", comparisons, (slips.layer_forward(values) for values in drawn))

    return judge


def gradient_check(name, shapes, gradients):
    """`gradients` are the names that backward stores; dx it must return as well."""

    def asked_for(layer_class, drawn):
        weights = ("attributes", "weights")
        scripts = [[_made(values), weights, *_passes(values, [name]), weights] for values in drawn]
        return zip(drawn, asked(subject(layer_class, "class"), scripts), strict=True)

    def judge(layer_class, trials):
        comparisons, drawn = [], []
        for values, answer in asked_for(layer_class, [shapes.draw(case) for case in cases(trials)]):
            found = reference.layer_gradients(**values)
            expected = {gradient: found[gradient] for gradient in gradients}
            layer, before = answer(), _weights(answer())
            comparisons.append(_answer(answer, layer, name, expected[name]))
            changed = _changed(before, _weights(answer())) if name == "dx" and before is not None else None
            drawn.append((values, expected, changed))
        row = verdict(name, comparisons, (slips.layer(name, *case) for case in drawn))
        if row.ok and not trials:
            for values, answer in asked_for(layer_class, _telltales(name, shapes)):
                layer, _ = answer(), answer()
                expected = reference.layer_gradients(**values)[name]
                check_derived(_answer(answer, layer, name, expected))
        return row

    return judge


def _answer(answer, layer, name, expected):
    """The gradient that the learner's backward has stored, compared; dx must be returned as well."""
    found, result, stop = passed(answer)
    if stop and (name == "dx" or not raised_later(stop, found.get(name), name, expected)):
        raise stop
    stored = taken(found, layer, name, result if name == "dx" else None)
    if name == "dx":
        check_both_places(name, stored, result, expected)
    return Comparison(stored, expected)


def _telltales(name, shapes):
    """Values by which a gradient that was not derived gives itself away: see `LONG`, `HUGE` and `FAR`."""
    values, far = shapes.draw(long_case()), shapes.draw(cases(1)[0])
    far["dldy"] *= FAR
    values["bias"] *= HUGE
    if name == "dx":
        values["inputs"][..., 0] *= HUGE
    else:
        values["weights"][0] *= HUGE
    return values, far


def _weights(found):
    """The weights among the attributes of a layer, or None when they are no tensor."""
    weights = found.get("weights")
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
        trips = [_draw_updates(shapes, case) for case in cases(trials)]
        scripts = [[_made(values), *itertools.chain(*map(_update, updates))] for values, updates in trips]
        answers = asked(subject(layer_class, "class"), scripts)
        for (values, updates), answer in zip(trips, answers, strict=True):
            layer, settable, before = answer(), True, values
            for gradients, lr in updates:
                dw, db = gradients["dw"], gradients["db"]
                if settable and not answer():
                    settable, (answer,) = False, asked(layer_class, [_by_itself(values, updates)])
                    layer = answer()
                if not settable:
                    dw, db = _own_gradients(answer, layer, values)
                    answer()
                found = answer()
                after = {name: as_tensor(look_up(found, layer, name), name) for name in comparisons}
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


def _draw_updates(shapes, case):
    """The values of a layer, and (gradients, lr) of two updates one after the other."""
    values, updates = shapes.draw(case), []
    for _ in range(2):
        dw, db = (case.normal(*values[name].shape) for name in ("weights", "bias"))
        updates.append(({"dw": dw, "db": db}, 0.1 + abs(case.normal().item())))
    return values, updates


def _update(update):
    """The steps of one update by (gradients, lr)."""
    return [("step", *update), ("attributes", "weights", "bias")]


def _by_itself(values, updates):
    """The script of a layer that lets nobody else set its gradients."""
    steps = [_passes(values, ["dw", "db"], watched=False) + _update(({}, lr)) for _, lr in updates]
    return [_made(values), *itertools.chain(*steps)]


def _own_gradients(answer, layer, values):
    """dw and db as the layer's own backward has stored them."""
    found, _ = answer(), answer()
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
        pairs = [(shapes.draw(case), shapes.draw(case)) for case in cases(trials)]
        answers = asked(subject(layer_class, "class"), [_pure_script(*pair, gradients) for pair in pairs])
        for (values, _), answer in zip(pairs, answers, strict=True):
            layer, before = answer(), _parameters(answer())
            stored = _stored(answer, layer, gradients)
            computed = computed or any(gradient.any() for gradient in stored.values())
            given, after = answer(), _parameters(answer())
            for name, value in zip(("inputs", "dldy"), given, strict=True):
                if not torch.equal(value, values[name]):
                    raise Stop(Verdict.WRONG, text("pure.argument", name=name))
            for name in _differing(before, after):
                by_forward = name in _differing(before, _after_forward(layer_class, values))
                key = "pure.forward_parameter" if by_forward else "pure.parameter"
                raise Stop(Verdict.WRONG, text(key, name=name))
            now = _stored(answer, layer, gradients)
            second = [taken(now, layer, name) for name in stored]
            fresh = answer()
            now = _stored(answer, fresh, gradients)
            first = [taken(now, fresh, name) for name in stored]
            for name, after, before in zip(stored, second, first, strict=True):
                if not same(after, before):
                    raise Stop(Verdict.WRONG, text("pure.accumulates", name=name))
        check_computed(computed)
        return Row(Verdict.OK)

    return judge


def _pure_script(values, again, gradients):
    """One backward and what it has changed, another one, and the same of a layer just made."""
    first, second = (_passes(one, gradients, watched=False) for one in (values, again))
    parameters = ("attributes", "weights", "bias")
    return [_made(values), parameters, *first, ("given",), parameters, *second, _made(values), *second]


def _after_forward(layer_class, values):
    """The parameters of a new layer whose forward has run, and no more than that."""
    script = [_made(values), ("forward", values["inputs"]), ("attributes", "weights", "bias")]
    (answer,) = asked(layer_class, [script])
    answer()
    with suppress(Stop):  # forward has a check of its own
        answer()
    return _parameters(answer())


def _differing(before, after):
    """Names of the parameters that are no longer what they were."""
    return [name for name in before if name not in after or not torch.equal(before[name], after[name])]


def _parameters(found):
    """The parameters among a layer's attributes; a missing one costs the points of step, not of backward."""
    return {name: as_tensor(value, name) for name, value in found.items() if value is not None}


def _stored(answer, layer, gradients):
    """{name: gradient} that backward has stored, be it that it raised before the others.

    Raises Stop when there are none.
    """
    found, _, raised = passed(answer)
    stored = [name for name, value in found.items() if value is not None]
    if raised and (raised.verdict is Verdict.REFUSED or not stored):
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

"""Checks of `ReLU`: H = max(Z, 0) and ∂L/∂Z."""

import contextlib

import torch

from . import examples, reference, slips
from .calls import returned, subject
from .cases import LARGE, cases
from .diagnosis import verdict
from .gradients import check_computed, check_derived
from .messages import text
from .outcome import Row, Stop, Verdict
from .scripts import asked, last, passes
from .topic import Topic
from .values import Comparison, as_tensor, close


def _draw(case):
    shape = (case.size.k, case.size.m)
    return case.away_from_zero(*shape), case.normal(*shape)


def forward(relu_class, trials):
    """max(Z, 0), entry by entry; an earlier call leaves no trace in it."""
    comparisons, drawn = [], []
    pairs = [_draw(case) for case in cases(trials)]
    scripts = [[("built",), ("forward", earlier), ("forward", inputs)] for inputs, earlier in pairs]
    answers = asked(subject(relu_class, "ReLU"), scripts)
    for (inputs, earlier), answer in zip(pairs, answers, strict=True):
        _, _, result = answer(), answer(), answer()
        got = as_tensor(returned(result, "forward"), "forward")
        comparisons.append(Comparison(got, torch.relu(inputs)))
        drawn.append((inputs, earlier))
    return verdict("forward", comparisons, (slips.relu_forward(*given) for given in drawn))


def dx(relu_class, trials):
    """The gradient away from 0, and anything between 0 and the upstream gradient at exactly 0."""
    comparisons, drawn = [], []
    pairs = [_draw(case) for case in cases(trials)]
    scripts = [[("built",), *passes(*pair)] for pair in pairs]
    answers = asked(subject(relu_class, "ReLU"), scripts)
    for (inputs, dldy), answer in zip(pairs, answers, strict=True):
        _, _, result = answer(), answer(), answer()
        if result is None:
            raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
        got = as_tensor(result, "dx")
        comparisons.append(Comparison(got, reference.relu_gradient(inputs, dldy)))
        drawn.append((inputs, dldy))
    row = verdict("dx", comparisons, (slips.relu(*given) for given in drawn))
    if row.ok:
        _check_edges(relu_class)
    return row


def _check_edges(relu_class):
    """Exactly 0, and numbers so large that a difference of activations is lost in rounding."""
    inputs = torch.tensor([[0.0, 0.83 * LARGE, -1.27 * LARGE]], dtype=torch.float64)
    dldy = torch.tensor([[1.0, 0.61, -0.37]], dtype=torch.float64)
    got = as_tensor(last(relu_class, [("built",), *passes(inputs, dldy)]), "dx")
    check_derived(Comparison(got[:, 1:], reference.relu_gradient(inputs, dldy)[:, 1:]))
    if not 0 <= got[0, 0].item() <= 1:
        raise Stop(Verdict.WRONG, text("relu.zero", got=f"{got[0, 0].item():.4g}"))


def pure(relu_class, trials):
    """Neither forward nor backward changes its arguments, and nothing is kept between calls."""
    computed = False
    pairs = [(_draw(case), _draw(case)) for case in cases(trials)]
    answers = asked(subject(relu_class, "ReLU"), [_pure_script(*pair) for pair in pairs])
    for ((inputs, dldy), _), answer in zip(pairs, answers, strict=True):
        answer()
        with contextlib.suppress(Stop):  # forward has a check of its own
            answer()
        (forward_given,) = answer()
        got = _answer(answer)
        if got is None:
            raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
        expected = reference.relu_gradient(inputs, dldy)
        computed = computed or not expected.any() or bool(as_tensor(got, "dx").any())
        given = [
            ("inputs", forward_given, inputs),
            *zip(("inputs", "dldy"), answer(), (inputs, dldy), strict=True),
        ]
        for name, value, before in given:
            if not torch.equal(value, before):
                raise Stop(Verdict.WRONG, text("pure.argument", name=name))
        again = _answer(answer)
        answer()
        if not close(as_tensor(again, "dx"), as_tensor(_answer(answer), "dx")):
            raise Stop(Verdict.WRONG, text("pure.accumulates", name="dx"))
    check_computed(computed)
    return Row(Verdict.OK)


def _pure_script(pair, again):
    """forward and backward and what they have changed, backward once more, and the same of a new object."""
    first, second = (passes(*given, ["dx"], watched=False) for given in (pair, again))
    forward = [("forward", pair[0]), ("given",)]
    return [("built",), *forward, *first, ("given",), *second, ("built",), *second]


def _answer(answer):
    """What backward has returned, or else stored: that it returns nothing costs the points of dx alone."""
    found, result = answer(), answer()
    return found.get("dx") if result is None else result


relu = Topic("ReLU", hinted=("dx",), example=examples.relu, forward=forward, dx=dx, pure=pure)

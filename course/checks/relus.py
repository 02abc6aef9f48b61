"""Checks of `ReLU`: H = max(Z, 0) and ∂L/∂Z."""

import contextlib

import torch

from . import examples, reference, slips
from .calls import call, returned, subject
from .cases import LARGE, cases
from .diagnosis import verdict
from .layers import backward_by_hand, check_computed, check_derived, run_backward
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close


def _draw(case):
    shape = (case.size.k, case.size.m)
    return case.away_from_zero(*shape), case.normal(*shape)


def forward(relu_class, trials):
    """max(Z, 0), entry by entry; an earlier call leaves no trace in it."""
    comparisons, drawn = [], []
    for case in cases(trials):
        inputs, earlier = _draw(case)
        relu = call(subject(relu_class, "ReLU"))
        call(relu.forward, earlier.clone())
        got = as_tensor(returned(call(relu.forward, inputs.clone()), "forward"), "forward")
        comparisons.append(Comparison(got, torch.relu(inputs)))
        drawn.append((inputs, earlier))
    return verdict("forward", comparisons, (slips.relu_forward(*given) for given in drawn))


def dx(relu_class, trials):
    """The gradient away from 0, and anything between 0 and the upstream gradient at exactly 0."""
    comparisons, drawn = [], []
    for case in cases(trials):
        inputs, dldy = _draw(case)
        result, _ = backward_by_hand(call(subject(relu_class, "ReLU")), inputs.clone(), dldy.clone())
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
    got = as_tensor(backward_by_hand(call(relu_class), inputs, dldy)[0], "dx")
    check_derived(Comparison(got[:, 1:], reference.relu_gradient(inputs, dldy)[:, 1:]))
    if not 0 <= got[0, 0].item() <= 1:
        raise Stop(Verdict.WRONG, text("relu.zero", got=f"{got[0, 0].item():.4g}"))


def pure(relu_class, trials):
    """Neither forward nor backward changes its arguments, and nothing is kept between calls."""
    computed = False
    for case in cases(trials):
        (inputs, dldy), (inputs2, dldy2) = _draw(case), _draw(case)
        relu = call(subject(relu_class, "ReLU"))
        given = inputs.clone(), dldy.clone()
        with contextlib.suppress(Stop):  # forward has a check of its own
            call(relu.forward, given[0])
        answer = _answer(relu, *given)
        if answer is None:
            raise Stop(Verdict.UNDONE, text("value.not_returned", name="dx"))
        expected = reference.relu_gradient(inputs, dldy)
        computed = computed or not expected.any() or bool(as_tensor(answer, "dx").any())
        for name, value, before in zip(("inputs", "dldy"), given, (inputs, dldy), strict=True):
            if not torch.equal(value, before):
                raise Stop(Verdict.WRONG, text("pure.argument", name=name))
        again, fresh = (_answer(each, inputs2.clone(), dldy2.clone()) for each in (relu, call(relu_class)))
        if not close(as_tensor(again, "dx"), as_tensor(fresh, "dx")):
            raise Stop(Verdict.WRONG, text("pure.accumulates", name="dx"))
    check_computed(computed)
    return Row(Verdict.OK)


def _answer(relu, inputs, dldy):
    """What backward has returned, or else stored: that it returns nothing costs the points of dx alone."""
    result, found = run_backward(relu, inputs, dldy, ["dx"])
    return found.get("dx") if result is None else result


relu = Topic("ReLU", hinted=("dx",), example=examples.relu, forward=forward, dx=dx, pure=pure)

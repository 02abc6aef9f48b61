"""Checks of `by_hand`: five numbers worked out on paper for one neuron and one sample.

A number is right when it is right, or when it follows from the learner's own earlier numbers: one slip is
told once, where it was made.
"""

from dataclasses import replace
from functools import cache, partial

import torch

from . import at_once, reference, slips
from .calls import call, subject
from .diagnosis import verdict
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close, is_numeric

KEYS = ("y_pred", "loss", "dypred", "db", "dw")


def tensor(*values):
    """Numbers as a float64 tensor (count,); one number as ()."""
    return torch.tensor(values if len(values) > 1 else values[0], dtype=torch.float64)


X, W, B, Y = tensor(2, 3), tensor(3.5, 4.5), tensor(0.5), tensor(5)


def following(y_pred, dypred):
    """What is right under each key for somebody who has come to this ŷ and this ∂L/∂ŷ."""
    gradients = reference.layer_gradients(X, W, B, dypred)
    return {
        "y_pred": reference.affine(X, W, B),
        "loss": reference.mean_squared_error(y_pred, Y),
        "dypred": reference.loss_gradient(y_pred, Y),
        "db": gradients["db"],
        "dw": gradients["dw"],
    }


@cache
def right():
    """The right numbers, worked out when they are first asked for: an import differentiates nothing."""
    y_pred = reference.affine(X, W, B)
    return following(y_pred, reference.loss_gradient(y_pred, Y))


def key_check(key):
    """The number or numbers under one key."""

    def judge(by_hand, trials):
        written = _written(by_hand)
        got, expected = _numbers(written, key), right()[key]
        if got.numel() != expected.numel():
            raise Stop(Verdict.SHAPE, _miscounted(key, got, expected))
        got = got.reshape(expected.shape)
        earlier = {name: _earlier(written, name) for name in ("y_pred", "dypred")}
        if close(got, following(**earlier)[key]):
            got = expected
        row = verdict(key, [Comparison(got, expected)], [SLIPS[key](**earlier)])
        if row.message and row.message.key == "value.wrong":  # which would tell the right number
            row = replace(row, message=text(_wrong(got, expected), name=key))
        return row

    return judge


def _miscounted(key, got, expected):
    """The Message for too many numbers or too few."""
    if expected.ndim == 0:
        return text("paper.many", name=key)
    if got.numel() < expected.numel():
        return text("paper.one", name=key)
    return text("paper.too_many", name=key, count=got.numel())


def _wrong(got, expected):
    """The key of the sentence: of two numbers one may be right."""
    if expected.ndim == 0:
        return "paper.wrong"
    first, second = (close(*pair) for pair in zip(got, expected, strict=True))
    return "paper.wrong_first" if second else "paper.wrong_second" if first else "paper.wrong_both"


def _written(by_hand):
    """The learner's dict with plain values. Raises Stop when it is none."""
    written = call(at_once.plain, subject(by_hand, "by_hand"))
    if not isinstance(written, dict):
        raise Stop(Verdict.WRONG, text("paper.dict", type=type(by_hand).__name__))
    return written


def _numbers(written, key):
    """What stands under `key`, as a tensor. Raises Stop when there is nothing, or no number."""
    if key not in written:
        near = next((other for other in written if str(other).lower().strip() == key), None)
        missing = text("paper.missing", name=key) if near is None else text("paper.near", name=key, near=near)
        raise Stop(Verdict.UNDONE, missing)
    value = written[key]
    entries = value if isinstance(value, (list, tuple)) else [value]
    if not entries or any(entry is None or entry is ... for entry in entries):
        raise Stop(Verdict.UNDONE, text("paper.empty", name=key))
    if any(isinstance(entry, str) for entry in entries):
        raise Stop(Verdict.WRONG, text("paper.quoted", name=key))
    if not all(is_numeric(entry) and not isinstance(entry, complex) for entry in entries):
        pair = key == "dw" and not isinstance(value, (list, tuple))
        said = "paper.not_pair" if pair else "paper.not_number"
        raise Stop(Verdict.WRONG, text(said, name=key, type=type(value).__name__))
    return torch.cat([as_tensor(entry, key).to(torch.float64).flatten() for entry in entries])


def _earlier(written, key):
    """The learner's own number, from which the later ones follow; the right one where there is none."""
    try:
        own = _numbers(written, key)
    except Stop:
        return right()[key]
    return own.reshape(()) if own.numel() == 1 else right()[key]


def _y_pred(**_):
    return {
        "paper_no_bias": X @ W,
        "paper_crossed": X.flip(0) @ W + B,  # which happens to be x·w − b too
        "paper_sums": X.sum() * W.sum() + B,
        "forward_bias_times": X @ W * B,
        "forward_bias_per_feature": (X * W + B).sum(),
        "paper_one_product": X[0] * W[0] + B,
        "paper_one_product/2": X[1] * W[1] + B,
        "paper_is_difference": right()["y_pred"] - Y,
        "forward_weights_squared": W @ W + B,
    }


def _loss(y_pred, **_):
    difference = y_pred - Y
    return {
        "paper_not_squared": difference,
        "paper_not_squared/2": -difference,
        "paper_minus": -(difference**2),
        "forward_half": difference**2 / 2,
        "forward_twice": 2 * difference**2,
        "loss_squares_apart": y_pred**2 - Y**2,
        "loss_plus": (y_pred + Y) ** 2,
        "paper_is_gradient": reference.loss_gradient(y_pred, Y),
        "loss_no_target": y_pred**2,
    }


def _dypred(y_pred, **_):
    gradient = reference.loss_gradient(y_pred, Y)
    return {
        "loss_half": gradient / 2,
        "loss_sign": -gradient,
        "paper_sign_and_half": -gradient / 2,
        "loss_twice": 2 * gradient,
        "loss_is_value": reference.mean_squared_error(y_pred, Y),
        "loss_squared_difference": gradient * (y_pred - Y),
        "loss_brackets": reference.loss_gradient(y_pred, Y / 2),
        "loss_plus": reference.loss_gradient(y_pred, -Y),
        "loss_no_target": reference.loss_gradient(y_pred, 0 * Y),
        "paper_is_prediction": y_pred,
    }


def _db(y_pred, dypred):
    return {
        "paper_db_halved": dypred / 2,  # dypred · b, and ŷ − y too
        "sign": -dypred,
        "paper_local": torch.ones_like(dypred),
        "zeros": torch.zeros_like(dypred),
        "paper_step": B - dypred,
        "paper_step/2": B + dypred,
        "paper_db_inputs": dypred * X.sum(),
        "is_bias": B,
    }


def _dw(y_pred, dypred):
    of = partial(slips.gradient_of, "dw", {"inputs": X, "weights": W, "bias": B, "dldy": dypred})
    return {
        "paper_dw_is_upstream": dypred.expand(2),
        "paper_dw_is_inputs": X,
        "paper_dw_weights": of(inputs=W),
        "dw_both": of() * W,
        "paper_dw_half": of() / 2,
        "sign": -of(),
        "paper_dw_added": dypred + X,
        "paper_dw_crossed": of().flip(0),
        "dw_inputs_squared": of(inputs=X**2),
        "is_weights": W,
        "paper_step": W - of(),
        "paper_step/2": W + of(),
    }


SLIPS = {"y_pred": _y_pred, "loss": _loss, "dypred": _dypred, "db": _db, "dw": _dw}
KEY_JUDGES = {key: key_check(key) for key in KEYS}


def numbers_check(by_hand, trials):
    """All five numbers; of several wrong ones the first is told."""
    rows = [judge(by_hand, trials) for judge in KEY_JUDGES.values()]
    return next((row for row in rows if not row.ok), Row(Verdict.OK))


# the row of "loss" has a name of its own in other tables, here it is its key
paper_numbers = Topic(
    "by_hand",
    whole={"numbers": numbers_check},
    **{"paper_loss" if k == "loss" else k: KEY_JUDGES[k] for k in KEYS},
)

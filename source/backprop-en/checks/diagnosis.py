"""Turns wrong answers into a sentence: the typical slip that explains them all, or the first difference.

A slip is a function of a case that gives what the learner would have computed. It is named only if
it fits every case, so a wrong cause is never suggested.
"""

import torch

from .messages import text
from .outcome import Row, Verdict
from .values import close, error_text, first_difference, shape_text

# what is said of the shape of an answer that is no derivative
SHAPES = {
    "forward": "value.forward_shape",
    "weights": "value.parameter_shape",
    "bias": "value.parameter_shape",
}


def verdict(name, comparisons, slips, brackets="[]"):
    """The Row for `comparisons`, a list of Comparison over all cases; an entry's indices stand in `brackets`.

    `slips` are dicts, one per case, from a slip's message key to the tensor that this slip gives; a generator
    of them is not run while everything is right.
    """
    wrong = [comparison for comparison in comparisons if not comparison.ok]
    shown = next((c for c in comparisons if not c.same_shape), wrong[0] if wrong else comparisons[0])
    columns = {
        "yours": shape_text(shown.got),
        "torch": shape_text(shown.expected),
        "error": error_text(max(c.error for c in comparisons))
        if all(c.same_shape for c in comparisons)
        else "—",
    }
    if not wrong:
        return Row(Verdict.OK, **columns)
    kind = Verdict.WRONG if shown.same_shape else Verdict.SHAPE
    return Row(kind, explain(name, comparisons, list(slips)) or _difference(name, shown, brackets), **columns)


def explain(name, comparisons, slips):
    """The sentence of the first slip that fits every case, or None.

    Two slips that both fit all these shapes are one mistake under two names; the plainer name comes first.
    "key/2" is a second spelling of the slip "key".
    """
    for key in slips[0]:
        if all(
            _fits(comparison.got, case.get(key)) for comparison, case in zip(comparisons, slips, strict=True)
        ):
            return text(f"slip.{key.partition('/')[0]}", name=name)
    return None


def _fits(got, slip):
    return slip is not None and close(got.to(torch.float64), slip.to(torch.float64))


def _difference(name, comparison, brackets):
    if not comparison.same_shape:
        return text(
            SHAPES.get(name, "value.shape"),
            name=name,
            yours=shape_text(comparison.got),
            expected=shape_text(comparison.expected),
        )
    if not torch.isfinite(comparison.got).all():
        return text("value.not_finite", name=name)
    dtype = str(comparison.got.dtype).removeprefix("torch.")
    if not comparison.got.is_floating_point():
        return text("slip.integer", name=name, dtype=dtype)
    if comparison.error < max(1e-5, 20 * torch.finfo(comparison.got.dtype).eps):
        return text("value.precision", name=name, dtype=dtype)
    index, got, expected = first_difference(comparison.got, comparison.expected)
    place = name + (", ".join(map(str, index)).join(brackets) if index else "")
    digits = next(digits for digits in (4, 8, 17) if f"{got:.{digits}g}" != f"{expected:.{digits}g}")
    return text("value.wrong", place=place, got=f"{got:.{digits}g}", expected=f"{expected:.{digits}g}")


def scaled(expected, k=1, n=1, m=1):
    """The slips of a factor, for every gradient: 2, ½, k, 1/k, n, 1/n, k·n, 1/(k·n), m, 1/m, −1 and zeros.

    A factor that is 1 for one size is told apart by the others.
    """
    factors = {
        "twice": 2, "half": 1 / 2, "times_k": k, "over_k": 1 / k, "times_n": n, "over_n": 1 / n,
        "times_kn": k * n, "over_kn": 1 / (k * n), "times_m": m, "over_m": 1 / m, "sign": -1, "zeros": 0,
    }  # fmt: skip
    return {key: factor * expected for key, factor in factors.items()}

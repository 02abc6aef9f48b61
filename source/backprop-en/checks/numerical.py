"""Checks of `numerical_gradient`: central differences of a function of the check's own.

The function is a cubic, of which a central difference is off by just step² times its cubic part. So an answer
shows how it was found: the exact derivative, forward differences and a step of one's own give other numbers.
"""

import torch

from . import by_hand, reference
from .calls import call, subject
from .cases import cases
from .diagnosis import verdict
from .messages import text
from .outcome import Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close

DEFAULT = 1e-4
# (shape for a Size, step or None for the default one, dtype), in turn
KINDS = [
    (lambda size: (size.k, size.n), 0.5, torch.float64),
    (lambda size: (size.m,), None, torch.float64),
    (lambda size: (), 0.25, torch.float64),
    (lambda size: (size.k, size.n), 0.25, torch.float32),
]


class Cubic:
    """f(v) = Σ cubes ⊙ v³ + Σ slopes ⊙ v + (Σ weights ⊙ v)², to be differentiated by the learner's function.

    `cubes`, `slopes`, `weights` have the shape of v. All of them, and the values and steps of the checks, are
    small multiples of 1/8, so that even float32 loses nothing.
    """

    def __init__(self, cubes, slopes, weights):
        self.cubes = cubes
        self.slopes = slopes
        self.weights = weights

    def __call__(self, values):
        """A scalar tensor. Raises ValueError for values of another shape."""
        if values.shape != self.cubes.shape:
            shapes = {"yours": tuple(values.shape), "expected": tuple(self.cubes.shape)}
            raise ValueError(text("numerical.argument", **shapes))
        return (self.cubes * values**3 + self.slopes * values).sum() + (self.weights * values).sum() ** 2


def _draw(case, number):
    """(function, values, step or None) of one case."""
    shape_of, step, dtype = KINDS[number % len(KINDS)]
    shape = shape_of(case.size)

    def eighths(low, high):
        return case.integers(low, high, *shape).to(dtype) / 8

    signs = 2 * case.integers(0, 1, *shape).to(dtype) - 1
    function = Cubic(2 * eighths(1, 4), signs * eighths(40, 64), eighths(-2, 2))
    return function, signs * eighths(1, 8), step


def central_check(function, trials):
    """Central differences by the step that was given, for values of every shape, which stay as they were."""
    learners = subject(function, "numerical_gradient")
    comparisons, drawn, engines = [], [], 0
    for number, case in enumerate(cases(trials)):
        cubic, values, step = _draw(case, number)
        right_before = all(comparison.ok for comparison in comparisons)
        if values.dtype == torch.float32 and not right_before:
            break  # in its rounding the slip could not be made out
        try:
            answer, calls = _ask(learners, cubic, values, step)
        except Stop:
            if right_before:
                raise
            break  # what was wrong before is the cause
        engines += bool(calls)
        exact = _exact(cubic, values)
        right = exact + (step or DEFAULT) ** 2 * cubic.cubes.to(torch.float64)
        comparisons.append(Comparison(answer, right))
        drawn.append((cubic, values.to(torch.float64), step or DEFAULT, exact, right))
    row = verdict("numerical_gradient", comparisons, (_slips(*case) for case in drawn))
    if engines and not row.ok:
        raise Stop(Verdict.REFUSED, text("numerical.autograd"))
    return row


def _ask(function, cubic, values, step):
    """The learner's answer, and how often torch's differentiation was called for it."""
    given = values.clone()
    cubic = Cubic(*(part.clone() for part in vars(cubic).values()))  # which the learner's code may change
    with torch.inference_mode(False), torch.enable_grad():
        arguments = [cubic, given] if step is None else [cubic, given, step]
        result, calls = call(by_hand.engine_calls, function, *arguments)
    if not close(given.detach(), values):  # one who moves a number to and fro leaves rounding behind
        raise Stop(Verdict.WRONG, text("numerical.changed"))
    if result is None:
        raise Stop(Verdict.UNDONE, text("numerical.none"))
    return as_tensor(result, "numerical_gradient"), calls


def _exact(cubic, values):
    """The exact gradient at `values`, in float64."""
    double = Cubic(*(part.to(torch.float64) for part in (cubic.cubes, cubic.slopes, cubic.weights)))
    (gradient,) = reference.differentiate(double, [values.to(torch.float64)])
    return gradient


def _slips(cubic, values, step, exact, right):
    """What a learner with each typical slip would return."""
    cubes, weights = cubic.cubes.to(torch.float64), cubic.weights.to(torch.float64)
    bend = 3 * cubes * values + weights**2  # half of the second derivative
    moved = 2 * step * (weights.flatten().cumsum(0) - weights.flatten())  # of the entries before each one
    echo = moved.reshape(right.shape) * weights
    flat = right.flatten()
    place = torch.arange(right.numel())
    return {
        "numerical_forward": right + step * bend,
        "numerical_backward": right - step * bend,
        "numerical_undivided": right * 2 * step,
        "numerical_over_step": right * 2,
        "numerical_over_two": right * step,
        "numerical_brackets": right * step**2,
        "sign": -right,
        "half": right / 2,
        "numerical_own_step": exact + min(step, DEFAULT) ** 2 * cubes,
        "numerical_same": torch.zeros_like(right),
        "numerical_first": (flat * (place == 0)).reshape(right.shape),
        "numerical_first/2": flat[0],
        "numerical_len": (flat * (place < (*right.shape, 1)[0])).reshape(right.shape),
        "numerical_together": right.sum(),
        "numerical_together/2": right.sum().expand_as(right),
        "numerical_not_back": right - echo,
        "numerical_not_back/2": right + echo,
        "numerical_not_back/3": flat.cumsum(0).reshape(right.shape),
        "numerical_flat": flat,
        **(_rows(right) if right.ndim == 2 else {"numerical_rows": right}),
        "numerical_is_value": cubic(values.to(cubic.cubes.dtype)).to(torch.float64),
    }


def _rows(right):
    """A matrix, moved row by row in place of entry by entry."""
    return {
        "numerical_rows": right.sum(1, keepdim=True).expand_as(right),
        "numerical_rows/2": right.sum(1),
    }


numerical_gradient = Topic("numerical_gradient", central=central_check)

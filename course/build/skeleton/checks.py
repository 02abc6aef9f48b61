"""Checks of `Skeleton`: H = Z² and ∂L/∂Z, with the slips of both."""

import torch

from . import reference
from .calls import subject
from .cases import cases
from .diagnosis import verdict
from .scripts import last, passes
from .topic import Topic
from .values import Comparison, as_tensor


def formula(inputs):
    """H = Z², of the shape of Z; autograd differentiates it."""
    return inputs.square()


def gradient(inputs, dldy):
    """∂L/∂Z for dldy = ∂L/∂H, of the shape of Z."""
    (dx,) = reference.differentiate(formula, (inputs,), dldy)
    return dx


def forward(layer_class, trials):
    """H for a batch (k, m)."""
    comparisons = []
    for case in cases(trials):
        inputs = case.normal(case.size.k, case.size.m)
        script = [("built",), ("forward", inputs)]
        got = as_tensor(last(subject(layer_class, "Skeleton"), script), "forward")
        comparisons.append(Comparison(got, formula(inputs)))
    return verdict("forward", comparisons, ({} for _ in comparisons))


def dx(layer_class, trials):
    """∂L/∂Z for a random upstream gradient."""
    comparisons, drawn = [], []
    for case in cases(trials):
        inputs, dldy = (case.normal(case.size.k, case.size.m) for _ in range(2))
        script = [("built",), *passes(inputs, dldy)]
        got = as_tensor(last(subject(layer_class, "Skeleton"), script), "dx")
        comparisons.append(Comparison(got, gradient(inputs, dldy)))
        drawn.append((inputs, dldy))
    return verdict("dx", comparisons, (dx_slips(*given) for given in drawn))


def dx_slips(inputs, dldy):
    """A message key → what a learner with that slip would get in place of ∂L/∂Z."""
    right = gradient(inputs, dldy)
    return {
        "skeleton_half": right / 2,
        "upstream_ones": gradient(inputs, torch.ones_like(dldy)),
        "upstream_squared": right * dldy,
    }


skeleton = Topic("Skeleton", forward=forward, dx=dx)

"""Comparing a learner's answer with the expected tensor: shape first, then values."""

import math
import numbers
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from .messages import text
from .outcome import Stop, Verdict
from .raised import learners_names

# What is said of an answer of one of these types; max and min are what torch.max and torch.min return.
OF_TYPE = dict.fromkeys(("function", "method", "builtin_function_or_method"), "value.function")
OF_TYPE |= {"list": "value.list", "tuple": "value.list", "max": "value.pair", "min": "value.pair"}
TOLERANCE = 1e-8  # relative to the largest expected entry; float64 noise is near 1e-15, float32 near 1e-7


class Foreign:
    """In place of a value that is no plain number, tensor or array: the name of its type."""

    def __init__(self, type_):
        self.type = type_


@dataclass(frozen=True)
class Comparison:
    """One answer beside the expected one, on one set of inputs."""

    got: torch.Tensor
    expected: torch.Tensor

    @property
    def same_shape(self):
        return self.got.shape == self.expected.shape

    @cached_property
    def error(self):
        """Largest deviation relative to the largest expected entry; infinite when it is not a number."""
        return relative_error(self.got, self.expected)

    @property
    def ok(self):
        return self.same_shape and self.error <= TOLERANCE


def relative_error(got, expected):
    """max |got − expected| / max |expected| for two tensors of one shape; inf for NaN or infinity."""
    if expected.numel() == 0:
        return 0.0
    got, expected = got.to(torch.float64), expected.to(torch.float64)
    deviation = (got - expected).abs().max().item()
    if not math.isfinite(deviation):
        return math.inf
    scale = expected.abs().max().item()
    return deviation / scale if scale else (math.inf if deviation else 0.0)


def close(got, expected):
    """Whether two tensors have one shape and agree within TOLERANCE."""
    return Comparison(got, expected).ok


def same(one, other):
    """Whether two answers agree within TOLERANCE, NaN and infinity included."""
    return close(*(torch.nan_to_num(answer.to(torch.float64)) for answer in (one, other)))


def as_tensor(value, name):
    """`value` as a plain tensor cut from any graph; numbers and numpy arrays are welcome too.

    Raises Stop, naming `name`, for None and for anything that is not numeric.
    """
    if value is None:
        raise Stop(Verdict.UNDONE, text("value.none", name=name))
    if isinstance(value, torch.Tensor) and not value.is_complex():
        return value.detach().clone()
    if is_numeric(value):
        if isinstance(value, torch.Tensor) or np.iscomplexobj(value):
            raise Stop(Verdict.WRONG, text("value.complex", name=name))
        return torch.as_tensor(value, dtype=torch.float64)
    kind = type_name(value)
    raise Stop(Verdict.WRONG, text(OF_TYPE.get(kind, "value.type"), name=name, type=kind))


def type_name(value):
    """The name of the type of what the learner's code has given, as the learner knows it."""
    return learners_names(value.type if isinstance(value, Foreign) else type(value).__name__)


def is_numeric(value):
    """Whether `as_tensor` takes it."""
    return isinstance(value, (torch.Tensor, numbers.Number, np.ndarray))


def shape_text(tensor):
    """The shape as a learner writes it: (5, 3), (3,) or ()."""
    return str(tuple(tensor.shape))


def error_text(error):
    """The error in a form that does not change between machines while the answer is right."""
    return "< 1e-12" if error < 1e-12 else ("NaN" if math.isinf(error) else f"{error:.1e}")


def first_difference(got, expected):
    """The index, the learner's entry and the expected entry where the two first differ."""
    bound = TOLERANCE * expected.abs().max()
    index = tuple(torch.nonzero(~((got - expected).abs() <= bound))[0].tolist())
    return index, got[index].item(), expected[index].item()

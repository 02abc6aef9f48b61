"""What the learner's code gave, whatever it is: a picture shows it in a few words and never stops at it."""

import math
import textwrap

import torch

from ..calls import MISSING, call
from ..messages import text
from ..outcome import Stop, Verdict
from ..values import as_tensor, close, is_numeric

ROOM = 70  # characters of an error in a picture
ENTRIES = 3  # of a vector that are written out


class Failed:
    """A call that raised; `words` says what."""

    def __init__(self, stop):
        said = str(stop.message).split("\n")[0]
        self.undone = stop.verdict is Verdict.UNDONE
        self.words = textwrap.shorten(said, ROOM, placeholder=" …")


def attempt(function, *arguments):
    """The learner's result, or Failed."""
    try:
        return call(function, *arguments)
    except Stop as stop:
        return Failed(stop)


def attribute(owner, name):
    """What the learner's object has under a name: MISSING, or Failed where a property raises."""
    return attempt(getattr, owner, name, MISSING)


def as_numbers(value):
    """A float64 copy, or None for what holds no numbers."""
    try:
        tensor = torch.as_tensor(value).detach() if is_numeric(value) else None
        return None if tensor is None or tensor.is_complex() else tensor.to(torch.float64).to_dense().clone()
    except Exception:  # a tensor or an array of the learner's own kind
        return None


def fitting(value, name, *sizes):
    """The same in the shape `sizes`, if it has that many entries; without `sizes` in any shape.

    Raises Stop for everything else.
    """
    tensor = as_numbers(value)
    if tensor is None:
        as_tensor(value, name)  # says what is wrong, but for numbers that are not real
        raise Stop(Verdict.WRONG, text("value.type", name=name, type=str(getattr(value, "dtype", "?"))))
    if sizes and tensor.numel() != math.prod(sizes):
        raise Stop(Verdict.SHAPE, text("picture.shape", name=name, yours=shape(tensor), right=str(sizes)))
    return tensor.reshape(sizes) if sizes else tensor


def said(value):
    """A value in a few words: a number, a short vector, a shape, or why there is none."""
    if isinstance(value, Failed):
        return text("picture.failed")
    if value is MISSING:
        return text("picture.missing")
    tensor = as_numbers(value)
    if tensor is None:
        return "None" if value is None else type(value).__name__
    if tensor.dim() > 1 or tensor.numel() > ENTRIES:
        return shape(tensor)
    entries = ", ".join(map(number, tensor.flatten().tolist()))
    return f"({entries})" if tensor.dim() else entries


def number(value):
    """A number as formulas show it, with a true minus."""
    return f"{value + 0.0:.4g}".replace("-", "−")


def factor(value):
    """The same inside a product."""
    return f"({number(value)})" if value < 0 else number(value)


def shape(value):
    """The shape as a learner writes it, or what there is in place of a tensor."""
    tensor = as_numbers(value)
    return said(value) if tensor is None else str(tuple(tensor.shape))


def agrees(value, expected):
    """Whether a value has the expected shape and entries."""
    tensor = as_numbers(value)
    return tensor is not None and close(tensor, expected.detach().to(torch.float64))

"""Looks on while a learner's backward runs, to see a derivative taken by moving one number after another.

Whoever differentiates numerically moves what is differentiated by: two entries by the same step, one entry up
and down by a little, or all entries up and down at once. The watched numbers are random, so no formula does
that by chance. Whoever asks a forward pass about one number after another does hundreds of times the work of
a formula: that is counted.
"""

from functools import cache

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .messages import text
from .outcome import Stop, Verdict

SMALL_STEP = 0.05
# two steps are the same if they differ by less than this part of them and by less than this
SAME_PART, SAME = 1e-3, 1e-9
ROUNDING = 1e-12
READY_MADE = ("backward", "_make_dual")  # in the names of torch's operations
EVERY = -1  # in place of an entry: all of them were moved by one step
# Numbers that may be multiplied in one backward. In the long case of `cases` a formula needs a few thousand,
# loops over elements or the full Jacobian 10,000; a forward pass for each parameter 90,000 or more.
WORK = 40_000
PRODUCTS = {
    "mul", "multiply", "div", "divide", "pow", "power", "square",
    "dot", "vdot", "vecdot", "inner", "outer", "kron",
    "mm", "mv", "bmm", "addmm", "addmv", "addbmm", "baddbmm", "addr", "addcmul", "convolution",
    "matmul", "matvec", "vecmat", "tensordot", "einsum",
}  # fmt: skip


class Watch:
    """Remembers by which steps each entry of the watched tensors was moved before it was used."""

    def __init__(self, watched):
        self._originals = [tensor.detach().clone() for tensor in watched]
        self._steps = [{} for _ in self._originals]  # (entry, step): None, in order
        self._places = {
            number: (which, entry)
            for which, original in enumerate(self._originals)
            for entry, number in enumerate(original.flatten().tolist())
        }
        self._work = 0
        self.refusal = None

    def count(self, operation, sizes):
        """Count the work of one operation on tensors or arrays of so many numbers."""
        if operation in PRODUCTS:
            self._work += max(sizes, default=0)
            if self._work > WORK:
                self.refuse("work")

    def refuse(self, key):
        """Stop the learner's code. It may swallow the exception, so the refusal is remembered too."""
        self.refusal = self.refusal or Stop(Verdict.REFUSED, text(f"by_hand.{key}"))
        raise self.refusal

    def see(self, value):
        """Look at one operand of an operation on tensors or arrays."""
        if value.is_complex():
            self.refuse("complex")
        if not value.is_floating_point():
            return
        for which, original in enumerate(self._originals):
            batch = value.ndim - original.ndim  # 1 when it may be several moved copies at once
            if batch not in (0, 1) or value.shape[batch:] != original.shape:
                continue
            if batch and original.numel() == 1:  # numbers side by side are no copies of one number
                continue
            if not batch and value.dtype == original.dtype and torch.equal(value, original):
                continue
            copies = (value.detach() - original).reshape(-1, original.numel())
            moved = copies.count_nonzero(1).tolist()
            for copy in [copies[row] for row, count in enumerate(moved) if count == 1]:
                entry = copy.nonzero().item()
                self._moved(which, entry, copy[entry].item())
            everywhere = original.numel() > 1 and moved == [original.numel()]
            if not batch and everywhere and copies.max() - copies.min() < ROUNDING:
                self._moved(which, EVERY, copies[0, 0].item())

    def see_sum(self, number, step):
        """Look at a number of plain Python that came from a tensor and is moved by `step`."""
        if type(step) is float and number in self._places:
            self._moved(*self._places[number], step)

    def _moved(self, which, entry, step):
        if not step or (entry, step) in self._steps[which]:
            return
        if self._originals[which].numel() == 1 and abs(step) >= SMALL_STEP:
            return  # any two scalars differ by something
        bound = min(SAME_PART * abs(step), SAME)
        for other_entry, other in self._steps[which]:
            if abs(abs(other) - abs(step)) > bound:
                continue
            up_and_down = other * step < 0 and (entry == EVERY or abs(step) < SMALL_STEP)
            if up_and_down if other_entry == entry else EVERY not in (entry, other_entry):
                self.refuse("differences")
        self._steps[which][entry, step] = None


class TorchWatch(TorchDispatchMode):
    """Shows every torch operation of the learner's code to the watch."""

    def __init__(self, watch):
        super().__init__()
        self._watch = watch

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # or torch would import its whole compiler, for a second, to keep it off this method

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        tensors = [value for value in args if isinstance(value, torch.Tensor)]
        graph = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
        if graph or is_ready_made(function):
            self._watch.refuse("autograd")
        if function.is_view:  # computes nothing yet
            return function(*args, **(kwargs or {}))
        for tensor in tensors:
            self._watch.see(tensor)
        result = function(*args, **(kwargs or {}))
        touched = [*tensors, result] if isinstance(result, torch.Tensor) else tensors
        self._watch.count(plain_name(function), [tensor.numel() for tensor in touched])
        return result


@cache
def is_ready_made(function):
    """Whether one of torch's operations is a derivative."""
    return any(part in function.name() for part in READY_MADE)


@cache
def plain_name(function):
    """The name of one of torch's operations without its overload: "mul" for aten::mul_.Tensor."""
    return function.name().partition("::")[2].partition(".")[0].rstrip("_")


def array_class(watch):
    """The class of the arrays that tensors turn into while `watch` looks on."""

    def show(operation, values):
        arrays = [value for value in values if isinstance(value, np.ndarray)]
        for value in arrays:
            if value.dtype.kind in "fc":
                watch.see(torch.from_numpy(value.view(np.ndarray).copy()))
        watch.count(operation, [value.size for value in arrays])

    def plain(value):
        return value.view(np.ndarray) if isinstance(value, WatchedArray) else value

    class WatchedArray(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            show(ufunc.__name__, inputs)
            out = kwargs.pop("out", None)
            kwargs = {name: plain(value) for name, value in kwargs.items()}
            if out is not None:
                kwargs["out"] = tuple(map(plain, out))
            result = getattr(ufunc, method)(*map(plain, inputs), **kwargs)
            if out is not None:
                return out[0] if len(out) == 1 else out
            return result.view(WatchedArray) if isinstance(result, np.ndarray) else result

        def __array_function__(self, function, types, args, kwargs):
            show(function.__name__, args)
            return super().__array_function__(function, types, args, kwargs)

        def dot(self, other, out=None):
            show("dot", (self, other))
            return super().dot(other, out)

    return WatchedArray


def number_class(watch):
    """The class of the plain numbers that tensors turn into while `watch` looks on."""

    class WatchedNumber(float):
        def __add__(self, other):
            watch.see_sum(self, other)
            return float.__add__(self, other)

        __radd__ = __add__

        def __sub__(self, other):
            watch.see_sum(self, -other if type(other) is float else other)
            return float.__sub__(self, other)

        def __mul__(self, other):
            watch.count("mul", [1])
            return float.__mul__(self, other)

        __rmul__ = __mul__

    return WatchedNumber

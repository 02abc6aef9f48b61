"""Counts what a learner's backward computes, to see a derivative taken by one forward pass after another.

Whoever asks what one number after another changes computes hundreds of times as much as a formula, be it in
tensors, in arrays or in plain Python: in the case `LONG` of `cases` that cannot be missed.
"""

import sys
from contextlib import contextmanager
from functools import cache
from types import BuiltinFunctionType, FunctionType

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from .messages import text
from .outcome import Stop, Verdict

# Numbers that may be multiplied in one backward, and lines of the learner's that may run, together. A formula
# needs a few thousand, loops over elements or the full Jacobian 10,000; a forward pass for each parameter
# 90,000 or more. The same product once more costs nothing: a loop may go through the formula's elements.
WORK = 40_000
SMALL = 32  # numbers that are counted sooner than looked up
PRODUCTS = {
    "mul", "multiply", "div", "divide", "true_divide", "pow", "power", "float_power", "square",
    "prod", "cumprod", "dot", "vdot", "vecdot", "inner", "outer", "kron", "ger", "cross",
    "mm", "mv", "bmm", "addmm", "addmv", "addbmm", "baddbmm", "addr", "addcmul", "addcdiv", "convolution",
    "matmul", "matvec", "vecmat", "tensordot", "einsum", "lerp", "scatter", "scatter_reduce",
    # products in disguise: of logarithms, of squares, with a mask
    "log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "logaddexp", "where", "reciprocal",
    "sqrt", "rsqrt", "mse_loss", "norm", "linalg_vector_norm", "var", "std", "cdist", "dist", "hypot",
}  # fmt: skip
SUMS = {"add", "sub", "rsub"}  # products when a number is multiplied in
_active = []  # the watches under way, the innermost last


class Watch:
    """What has been computed so far, and the sentence of the first refusal."""

    def __init__(self):
        self._work = 0
        self._known = set()
        self.refusal = None

    def refuse(self, key, *_, **__):
        """Stop the learner's code. It may swallow the exception, so the refusal is remembered too.

        Stands where functions stood that may be called with anything.
        """
        self.refusal = self.refusal or Stop(Verdict.REFUSED, text(f"by_hand.{key}"))
        raise self.refusal

    def count(self, work):
        """Count multiplied numbers, or lines."""
        self._work += work
        if self._work > WORK:
            self.refuse("work")

    def product(self, operation, size, values):
        """Count a product of `values`, the largest of which has `size` numbers, unless it was counted."""
        if size > SMALL:
            try:
                key = hash((operation, *map(_content, values)))
            except (TypeError, RuntimeError):
                key = object()
            if key in self._known:
                return
            self._known.add(key)
        self.count(size)

    def forgive(self, stop):
        """Begin to count anew after a forward that `stop` has ended, or nothing.

        That it needs too much work says nothing about a gradient.
        """
        if stop and stop is self.refusal and stop.message.key == "by_hand.work":
            self.refusal = None
        self._work = 0
        sys.settrace(self.trace)  # which an exception in it, or too deep a recursion, has ended

    def trace(self, frame, event, argument):
        """For `sys.settrace`: count each line of the learner's own code, and each call of it."""
        if frame.f_globals.get("__name__") != "__main__":
            return None
        self.count(1)
        return self.trace


@contextmanager
def watching(watch):
    """Inside, tensors, arrays and lines of code are counted by `watch`."""
    before = sys.gettrace()
    _active.append(watch)
    try:
        with _TorchWatch(watch):
            sys.settrace(watch.trace)
            yield
            if sys.gettrace() != watch.trace:
                watch.refuse("work")
    finally:
        sys.settrace(before)
        _active.remove(watch)


class _TorchWatch(TorchDispatchMode):
    """Shows every torch operation of the learner's code to the watch."""

    def __init__(self, watch):
        super().__init__()
        self._watch = watch

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # or torch would import its whole compiler, for a second, to keep it off this method

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if torch.is_grad_enabled():
            for value in args:
                if isinstance(value, torch.Tensor) and value.requires_grad:
                    self._watch.refuse("autograd")
        result = function(*args, **(kwargs or {}))
        for value in (*args, result):  # plain loops: `trace` is called for each comprehension
            if isinstance(value, torch.Tensor) and value.is_complex():
                self._watch.refuse("complex")
        name = _plain_name(function)
        if name in PRODUCTS or (name in SUMS and kwargs and kwargs.get("alpha", 1) != 1):
            values = (*args, *(kwargs or {}).values())
            sizes = [value.numel() for value in values if isinstance(value, torch.Tensor)]
            self._watch.product(name, max(sizes, default=0), values)
        return result


@cache
def _plain_name(function):
    """The name of one of torch's operations without its overload: "mul" for aten::mul_.Tensor."""
    return function.name().partition("::")[2].partition(".")[0].rstrip("_")


def _content(value):
    """What tells this argument of a product from others. Raises TypeError or RuntimeError if nothing does."""
    if isinstance(value, torch.Tensor):
        value = _own_numpy(value.detach().to(torch.float64))
    if isinstance(value, (list, tuple)):
        return tuple(map(_content, value))
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value.shape, value.dtype.str, value.tobytes()
    if value is None or type(value) in (bool, int, float, str, torch.dtype):
        return type(value), value
    raise TypeError


class WatchedArray(np.ndarray):
    """What tensors and lists turn into while somebody looks on."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        _show(ufunc.__name__, inputs)
        out = kwargs.get("out")
        kwargs = {name: plain_array(value) for name, value in kwargs.items()}
        if out is not None:
            kwargs["out"] = tuple(map(plain_array, out))
        result = getattr(ufunc, method)(*map(plain_array, inputs), **kwargs)
        if out is not None:
            return out[0] if len(out) == 1 else out
        return tuple(map(_watched, result)) if isinstance(result, tuple) else _watched(result)

    def __array_function__(self, function, types, args, kwargs):
        _show(function.__name__, args)
        return super().__array_function__(function, types, args, kwargs)

    def dot(self, other, out=None):
        """As np.dot."""
        _show("dot", (self, other))
        return super().dot(other, out)


def plain_array(value):
    """A WatchedArray as numpy's own; anything else as it is."""
    return value.view(np.ndarray) if isinstance(value, WatchedArray) else value


def _watched(value):
    return value.view(WatchedArray) if type(value) is np.ndarray else value


def _show(operation, values):
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    arrays += [
        _OWN_ARRAY(value) for value in values if operation in PRODUCTS and isinstance(value, (list, tuple))
    ]
    if not _active:
        return
    if any(value.dtype.kind == "c" for value in arrays):
        _active[-1].refuse("complex")
    if operation in PRODUCTS:
        _active[-1].product(operation, max((value.size for value in arrays), default=0), values)


class _WatchedFunction:
    """Stands in for one of numpy's functions: the arrays that it makes are watched."""

    def __init__(self, function):
        self._function = function

    def __call__(self, *args, **kwargs):
        if not any(isinstance(value, WatchedArray) for value in args):  # which would show itself
            _show(self._function.__name__, args)
        return _watched(self._function(*args, **kwargs))

    def __getattr__(self, name):  # np.add.outer, too, makes arrays
        found = getattr(self._function, name)
        return _WatchedFunction(found) if callable(found) else found


_OWN_ARRAY = np.array
_FUNCTIONS = (FunctionType, BuiltinFunctionType, np.ufunc, type(np.concatenate), type(np.sum))
_watched_functions = {
    name: _WatchedFunction(value)
    for name, value in vars(np).items()
    if isinstance(value, _FUNCTIONS) and not name.startswith("_")
}
_own_numpy = torch.Tensor.numpy
# (owner, {name: what stands there while somebody looks on})
ARRAYS = [
    (np, _watched_functions),
    (torch.Tensor, {"numpy": lambda tensor, **options: _watched(_own_numpy(tensor, **options))}),
]

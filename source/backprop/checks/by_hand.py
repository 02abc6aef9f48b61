"""Keeps ready-made derivatives out of the backward passes that are to be written by hand.

What is certain is refused: torch's differentiation in any form, complex-step derivatives, finite differences,
and threads or processes in which they could hide. Code that is only unusual is not.
"""

import subprocess
import threading
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np
import torch
import torch.autograd.forward_ad
import torch.autograd.graph
from torch.utils._python_dispatch import TorchDispatchMode

from .messages import text
from .outcome import Stop, Verdict

# Every reverse pass of torch goes through the first two names, every forward-mode pass through the third.
ENTRIES = [
    (torch.autograd, "_engine_run_backward"),
    (torch.autograd.graph, "_engine_run_backward"),
    (torch.autograd.forward_ad, "make_dual"),
]
ELSEWHERE = [(threading.Thread, "start"), (subprocess.Popen, "__init__")]
SMALL_STEP = 0.05  # a finite difference moves one entry by less than this
SAME_STEP = (
    1e-3  # and moves two entries by steps that differ by less than this part: else it is a coincidence
)


class _Watch:
    """Remembers which entries of the watched tensors were moved, one at a time, before they were used."""

    def __init__(self, watched):
        self._originals = [tensor.detach().clone() for tensor in watched if tensor.numel() > 1]
        self._moved = [{} for _ in self._originals]
        self.refusal = None

    def refuse(self, key):
        """Stop the learner's code. It may swallow the exception, so the refusal is remembered too."""
        self.refusal = self.refusal or Stop(Verdict.REFUSED, text(f"by_hand.{key}"))
        raise self.refusal

    def see(self, value):
        """Look at one operand of an operation."""
        if value.is_complex():
            self.refuse("complex")
        for original, moved in zip(self._originals, self._moved, strict=True):
            if value.shape != original.shape or not value.is_floating_point():
                continue
            difference = value.detach() - original
            places = torch.nonzero(difference)
            if len(places) != 1 or not (step := difference.abs().max().item()) < SMALL_STEP:
                continue
            moved[tuple(places[0].tolist())] = step
            if sum(abs(other - step) <= SAME_STEP * step for other in moved.values()) > 1:
                self.refuse("differences")


class _TorchWatch(TorchDispatchMode):
    """Shows every torch operation of the learner's code to the watch."""

    def __init__(self, watch):
        super().__init__()
        self._watch = watch

    @classmethod
    def _should_skip_dynamo(cls):
        return False  # or torch would import its whole compiler, for a second, to keep it off this method

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if "backward" in function.name():
            self._watch.refuse("autograd")
        for value in args:
            if isinstance(value, torch.Tensor):
                self._watch.see(value)
        return function(*args, **(kwargs or {}))


def _watched_array_class(watch):
    class WatchedArray(np.ndarray):
        """What `tensor.numpy()` gives while the watch looks on."""

        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            plain = [value.view(np.ndarray) if isinstance(value, WatchedArray) else value for value in inputs]
            for value in plain:
                if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
                    watch.see(torch.from_numpy(value.copy()))
            out = kwargs.pop("out", None)
            if out is not None:
                kwargs["out"] = tuple(value.view(np.ndarray) for value in out)
            result = getattr(ufunc, method)(*plain, **kwargs)
            if out is not None:
                return out[0]
            return result.view(WatchedArray) if isinstance(result, np.ndarray) else result

    return WatchedArray


@contextmanager
def only(*watched):
    """Inside, a derivative that is not written by hand raises Stop with a kind sentence.

    `watched` are the tensors by which one might differentiate numerically: parameters and arguments.
    """
    watch = _Watch(watched)
    array_class = _watched_array_class(watch)
    to_numpy = torch.Tensor.numpy
    with ExitStack() as stack:
        for module, name in ENTRIES:
            stack.enter_context(patch.object(module, name, lambda *args, **kwargs: watch.refuse("autograd")))
        for owner, name in ELSEWHERE:
            stack.enter_context(patch.object(owner, name, lambda *args, **kwargs: watch.refuse("elsewhere")))
        stack.enter_context(
            patch.object(
                torch.Tensor, "numpy", lambda tensor, **kwargs: to_numpy(tensor, **kwargs).view(array_class)
            )
        )
        stack.enter_context(_TorchWatch(watch))
        yield
    if watch.refusal:
        raise watch.refusal


@contextmanager
def engine_calls():
    """Yields a list that grows by one with every call of torch's differentiation inside."""
    calls = []
    with ExitStack() as stack:
        for module, name in ENTRIES:
            stack.enter_context(patch.object(module, name, _counted(getattr(module, name), calls)))
        yield calls


def _counted(entry, calls):
    def counted(*args, **kwargs):
        calls.append(entry)
        return entry(*args, **kwargs)

    return counted

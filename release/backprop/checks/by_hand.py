"""Keeps ready-made derivatives out of the backward passes that are to be written by hand.

What is certain is refused: torch's differentiation in any form, complex-step derivatives, finite differences
in torch, numpy and plain Python, and threads or processes in which they could hide. Code that is only unusual
is not.
"""

import _thread
import os
import subprocess
import threading
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from functools import partial
from unittest.mock import patch

import numpy as np
import torch
import torch.autograd.forward_ad
import torch.autograd.graph

from .watch import TorchWatch, Watch, array_class, number_class

# Every reverse pass of torch goes through the first two names, every forward-mode pass through the third.
ENTRIES = [
    (torch.autograd, "_engine_run_backward"),
    (torch.autograd.graph, "_engine_run_backward"),
    (torch.autograd.forward_ad, "make_dual"),
]
# the engine behind them; `reference` gives all of these back while it computes
ENGINE = [*ENTRIES, (torch.autograd.Variable, "_execution_engine"), (torch, "_make_dual")]
ELSEWHERE = [(threading.Thread, "start"), (_thread, "start_new_thread"), (subprocess.Popen, "__init__")]
ELSEWHERE += [(os, name) for name in ("system", "fork") if hasattr(os, name)]


@contextmanager
def only(*watched):
    """Inside, a derivative that is not written by hand raises Stop with a kind sentence.

    `watched` are the tensors by which one might differentiate numerically: parameters and arguments.
    """
    watch = Watch(watched)
    with ExitStack() as stack:
        for places, key in ((ENGINE, "autograd"), (ELSEWHERE, "elsewhere")):
            for owner, name in places:
                stack.enter_context(patch.object(owner, name, _Refusal(watch, key)))
        for owner, name, replacement in _ways_out_of_torch(watch):
            stack.enter_context(patch.object(owner, name, replacement))
        stack.enter_context(TorchWatch(watch))
        yield
    if watch.refusal:
        raise watch.refusal


def passes(owner, forward, backward, watched=None):
    """Call the learner's forward, whatever becomes of it, and then backward; what backward returned.

    `forward` and `backward` are their arguments. With `watched`, both are called under `only(*watched)`.
    """
    with only(*watched) if watched is not None else nullcontext():
        with suppress(Exception):  # it has a check of its own; some layers remember their input there
            owner.forward(*forward)
        return owner.backward(*backward)


class _Refusal:
    """Stands where a ready-made derivative stood: whatever is done with it is refused."""

    def __init__(self, watch, key):
        self._refuse = partial(watch.refuse, key)

    def __call__(self, *args, **kwargs):
        self._refuse()

    def __getattr__(self, name):
        self._refuse()


def _ways_out_of_torch(watch):
    """(owner, name, replacement) of what turns a tensor into arrays and plain numbers."""
    array, number = array_class(watch), number_class(watch)

    def watched(value):
        if type(value) is np.ndarray:
            return value.view(array)
        if type(value) is float:
            return number(value)
        return list(map(watched, value)) if type(value) is list else value

    def replacement(convert):
        def converted(source, *args, **kwargs):
            value = convert(source, *args, **kwargs)
            while isinstance(source, list) and source:
                source = source[0]
            return watched(value) if isinstance(source, (torch.Tensor, array, number)) else value

        return converted

    names = [(torch.Tensor, "numpy"), (torch.Tensor, "tolist"), (torch.Tensor, "item")]
    names += [(np, "array"), (np, "asarray"), (array, "tolist")]
    return [(owner, name, replacement(getattr(owner, name))) for owner, name in names]


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

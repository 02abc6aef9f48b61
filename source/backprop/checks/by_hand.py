"""Keeps ready-made derivatives out of the backward passes that are to be written by hand.

What is certain is refused: torch's differentiation in any form, the stand-ins, complex-step derivatives,
finite differences and forward passes one after another in torch, numpy and plain Python, and threads or
processes in which they could hide. Code that is only unusual is not.
"""

import _thread
import os
import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from functools import partial

import numpy as np
import torch

from . import reference
from .watch import TorchWatch, Watch, array_class, number_class

DIFFERENTIATE = reference.differentiate
STANDINS = [(reference, "differentiate")]  # from it come the gradients of all of them
ELSEWHERE = [(threading.Thread, "start"), (_thread, "start_new_thread"), (subprocess.Popen, "__init__")]
ELSEWHERE += [(os, name) for name in ("system", "fork") if hasattr(os, name)]


@contextmanager
def only(*watched):
    """Inside, a derivative that is not written by hand raises Stop with a kind sentence.

    `watched` are the tensors by which one might differentiate numerically: parameters and arguments.
    """
    watch = Watch(watched)
    refusals = {"autograd": reference.ENGINE, "standin": STANDINS, "elsewhere": ELSEWHERE}
    places = [(*place, _Refusal(watch, key)) for key, places in refusals.items() for place in places]
    places += [*_ways_out_of_torch(watch), (torch.Tensor, "grad_fn", _grad_fn(watch))]
    with reference.replaced(places), TorchWatch(watch):
        yield
    if watch.refusal:
        raise watch.refusal


def passes(owner, arguments, taken, watched=None):
    """Call the learner's forward, whatever becomes of it, and then backward; what backward returned.

    `arguments` are those of backward, forward takes copies of the first `taken`. With `watched`, tensors
    besides the arguments, both are called under `only`.
    """
    copies = [argument.clone() for argument in arguments[:taken]]
    # Without a graph there is nothing to differentiate; who asks for one in here means to.
    graphless = nullcontext if watched is None else torch.no_grad
    with nullcontext() if watched is None else only(*arguments, *watched):
        with graphless(), suppress(Exception):  # forward has a check of its own
            owner.forward(*copies)  # some layers remember their input there
        with graphless():
            return owner.backward(*arguments)


def standin():
    """A context in which a stand-in that the check itself has given to the learner may differentiate."""
    return reference.replaced([(reference, "differentiate", DIFFERENTIATE)])


class _Refusal:
    """Stands where a ready-made derivative stood: whatever is done with it is refused."""

    def __init__(self, watch, key):
        self._refuse = partial(watch.refuse, key)

    def __call__(self, *args, **kwargs):
        self._refuse()

    def __getattr__(self, name):
        self._refuse()


def _grad_fn(watch):
    """In place of `Tensor.grad_fn`, by which a graph is walked: torch's own code may look at it, to print."""
    plain = torch.Tensor.grad_fn

    def grad_fn(tensor):
        if not sys._getframe(1).f_globals.get("__name__", "").startswith("torch."):
            watch.refuse("autograd")
        return plain.__get__(tensor)

    return property(grad_fn)


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


def engine_calls(function, *arguments):
    """What the learner's `function` returns, and how often it has called torch's differentiation."""
    calls = []
    with reference.replaced([(*place, _counted(getattr(*place), calls)) for place in reference.ENTRIES]):
        return function(*arguments), len(calls)


def _counted(entry, calls):
    def counted(*args, **kwargs):
        calls.append(entry)
        return entry(*args, **kwargs)

    return counted

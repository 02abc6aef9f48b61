"""Keeps automatic differentiation out of the backward passes that are to be written by hand."""

from contextlib import ExitStack, contextmanager
from unittest.mock import patch

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


class _NoBackwardKernels(TorchDispatchMode):
    """Refuses the ready-made derivatives of torch, such as `aten::mse_loss_backward`."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if "backward" in function.name():
            _refuse()
        return function(*args, **(kwargs or {}))


def _refuse(*args, **kwargs):
    raise Stop(Verdict.REFUSED, text("by_hand.autograd"))


@contextmanager
def only():
    """Inside, differentiating by torch raises Stop with a kind sentence."""
    with ExitStack() as stack:
        for module, name in ENTRIES:
            stack.enter_context(patch.object(module, name, _refuse))
        stack.enter_context(_NoBackwardKernels())
        yield

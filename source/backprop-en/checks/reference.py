"""The expected gradients. They come from torch.autograd, so this file reveals no formula."""

from contextlib import contextmanager
from types import ModuleType

import torch
import torch.autograd.forward_ad
import torch.autograd.graph
from torch.utils._python_dispatch import _disable_current_modes

from .messages import text

if not hasattr(torch.autograd.graph, "_engine_run_backward"):  # since torch 2.3
    raise ImportError(text("torch.old", found=torch.__version__))

# Every reverse pass of torch goes through the first two names, every forward-mode pass through the third:
# `by_hand.only()` takes them from the learner.
ENTRIES = [
    (torch.autograd, "_engine_run_backward"),
    (torch.autograd.graph, "_engine_run_backward"),
    (torch.autograd.forward_ad, "make_dual"),
]
ENGINE = torch.autograd.graph._engine_run_backward
INHERITED = object()


@contextmanager
def replaced(places):
    """Inside, the names of every (owner, {name: value}) of `places` are set; a module has them before."""
    before = [(owner, _own(owner, values)) for owner, values in places]
    try:
        for owner, values in places:
            _set(owner, values)
        yield
    finally:
        for owner, values in before:
            _set(owner, values)


# numpy has hundreds of the names, and each question asks for them twice: a whole module is copied sooner
def _own(owner, values):
    if isinstance(owner, ModuleType):
        return vars(owner).copy()
    return {name: vars(owner).get(name, INHERITED) for name in values}


def _set(owner, values):
    if isinstance(owner, ModuleType):
        vars(owner).update(values)
        return
    for name, value in values.items():
        delattr(owner, name) if value is INHERITED else setattr(owner, name, value)


def differentiate(function, arguments, upstream=None):
    """∂(Σ upstream ⊙ function(*arguments)) / ∂argument for each argument, of the argument's shape.

    `upstream` has the shape of the result; a scalar result needs none. Works whatever the grad
    mode is, also while `by_hand.only()` keeps torch's engine from the learner. Raises ValueError for an
    upstream gradient of another shape.
    """
    with _disable_current_modes(), torch.inference_mode(False), torch.enable_grad():
        leaves = tuple([argument.detach().clone().requires_grad_() for argument in arguments])
        value = function(*leaves)
        if upstream is None:
            upstream = torch.ones_like(value)
        elif upstream.shape != value.shape:
            shapes = {"yours": tuple(upstream.shape), "expected": tuple(value.shape)}
            raise ValueError(text("standin.upstream", **shapes))
        # as `torch.autograd.grad` does, whose preparations cost as much again and import sympy, half a second
        return ENGINE((value,), (upstream,), False, False, leaves, False, accumulate_grad=False)


def affine(inputs, weights, bias):
    """ŷ = XW + b for a batch (k, m), (m, n), (n,) and for one sample (m,), (m,), ()."""
    return inputs @ weights + bias


def mean_squared_error(y_pred, y_true):
    """L = mean of (ŷ − y)² over every element."""
    return (y_pred - y_true).square().mean()


def layer_gradients(inputs, weights, bias, dldy):
    """dict of dw, db, dx: gradients of Σ dldy ⊙ (XW + b), each of its parameter's shape."""
    dx, dw, db = differentiate(affine, (inputs, weights, bias), dldy)
    return {"dw": dw, "db": db, "dx": dx}


def loss_gradient(y_pred, y_true):
    """∂L/∂ŷ of the mean squared error, of y_pred's shape."""
    (dypred,) = differentiate(lambda prediction: mean_squared_error(prediction, y_true), (y_pred,))
    return dypred


def relu_gradient(inputs, dldy):
    """∂L/∂Z of H = max(Z, 0) for the upstream gradient dldy = ∂L/∂H, of the shape of Z."""
    (dx,) = differentiate(torch.relu, (inputs,), dldy)
    return dx

"""The typical slips of the loss, of its gradient and of the learner's own use of autograd.

As in `slips`, those of the gradient are torch's own for other arguments.
"""

import torch

from .reference import affine, loss_gradient


def loss_forward(y_pred, y_true):
    """Slips of L = mean (ŷ − y)²."""
    difference = y_pred - y_true
    squares = difference**2
    value = squares.mean()
    own = {
        "forward_twice": 2 * value,
        "forward_half": value / 2,
        "forward_sign": -value,
        "zeros": 0 * value,
        "loss_absolute": difference.abs().mean(),
        "loss_root": value.sqrt(),
        "loss_not_squared": difference.mean(),
        "loss_not_squared/2": 2 * difference.mean(),
        "loss_plus": ((y_pred + y_true) ** 2).mean(),
        "loss_squares_apart": (y_pred**2 - y_true**2).mean(),
        "loss_one_entry": value.reshape(1),
        "loss_one_entry/2": value.reshape(1, 1),
        "loss_no_target": (y_pred**2).mean(),
    }
    if squares.ndim < 2:
        return own
    apart = y_pred - y_true.squeeze()
    return own | _loss_scaled(value, squares) | {
        "loss_unreduced": squares,
        "loss_unreduced/2": squares.squeeze(),
        "loss_broadcast": (apart**2).mean(),
        "loss_broadcast/2": (apart**2).sum() / len(y_pred),
        "loss_broadcast/3": (apart**2).sum() / y_pred.numel(),
        "loss_broadcast/4": ((y_pred.squeeze() - y_true) ** 2).mean(),
        "loss_per_column": squares.mean(0),
        "loss_per_row": squares.mean(1),
        "loss_per_row/2": squares.mean(1, keepdim=True),
        "loss_per_column/2": squares.sum(0),
        "loss_per_row/3": squares.sum(1),
        "loss_square_of_mean": difference.mean() ** 2,
        "loss_square_of_mean/2": difference.sum() ** 2 / difference.numel(),
        "loss_square_of_mean/3": difference.sum() ** 2,
        "loss_absolute/2": difference.abs().sum(),
        "loss_first_row": squares[0].mean(),
        "first_output": squares[:, 0].mean(),
        "last_row": squares[-1].mean(),
        "loss_root/2": squares.sum().sqrt(),
    }  # fmt: skip


def loss(y_pred, y_true, expected):
    """Slips of ∂L/∂Ŷ, which is `expected`."""
    difference, nothing = y_pred - y_true, torch.zeros_like(y_pred)
    no_target, no_prediction = loss_gradient(y_pred, nothing), -loss_gradient(nothing, y_true)
    own = {
        "loss_squared_difference": expected * difference,
        "loss_squared_difference/2": difference**2,
        "loss_squared_difference/3": 2 * difference**2,
        "loss_squared_difference/4": expected * difference / 2,
        "loss_sign_only": loss_gradient(difference.sign(), nothing),
        "loss_sign_only/2": difference.sign(),
        "loss_sign_only/3": loss_gradient(difference.sign() / 2, nothing),
        "loss_absolute_difference": expected.abs(),
        "loss_no_factor": difference,
        "loss_is_value": (difference**2).mean(),
        "loss_plus": loss_gradient(y_pred, -y_true),
        "loss_no_target": no_target,
        "loss_no_prediction": no_prediction,
        "loss_no_prediction/2": -no_prediction,
        "loss_brackets": no_target - y_true,
        "loss_brackets/2": loss_gradient(y_pred, y_true / 2),
        "loss_brackets/3": y_pred - no_prediction,
    }
    if difference.ndim < 2:
        return _loss_scaled(expected, difference) | own | {"loss_one_entry": expected.reshape(1)}
    k, n = difference.shape
    single = {"loss_flat": expected[:, 0]} if n == 1 else {}
    return single | _loss_scaled(expected, difference) | own | {
        "loss_half_no_rows": expected * k / 2,
        "loss_half_no_outputs": expected * n / 2,
        "squeezed": expected.squeeze(),
        "loss_flattened": expected.reshape(-1),
        "loss_transposed": expected.T,
        **_broadcast(y_pred, y_true.squeeze(), k, n, 1),
        **_broadcast(y_pred.squeeze(), y_true, k, n, 4),
        "loss_summed": expected.sum(),
        "loss_summed/2": expected.mean(),
        "loss_summed/3": expected.sum().expand_as(expected),
        "loss_summed/4": expected.mean().expand_as(expected),
        "loss_summed_rows": expected.sum(0),
        "loss_summed_rows/2": expected.sum(0, keepdim=True),
        "loss_summed_columns": expected.sum(1, keepdim=True),
        "loss_summed_columns/2": expected.sum(1),
        "loss_first_row": expected[:1],
        "loss_first_row/2": expected[0],
        "first_output": expected[:, :1],
    }  # fmt: skip


def _broadcast(y_pred, y_true, k, n, number):
    """Slips of one column spread by another that has lost its second axis, by what they may be divided."""
    spread = loss_gradient(*torch.broadcast_tensors(y_pred, y_true))
    size = spread.numel()
    factors = (size / (k * n), 1, size / k)
    return {f"loss_broadcast/{number + i}": factor * spread for i, factor in enumerate(factors)}


def _loss_scaled(expected, difference):
    """The slips of a factor in words that fit a loss: there the factors 2, 1/k and 1/n have their place."""
    k, n = difference.shape if difference.ndim == 2 else (1, 1)
    factors = {
        "zeros": 0, "loss_twice": 2, "loss_half": 1 / 2, "loss_sign": -1, "loss_times_k": k,
        "loss_over_k": 1 / k, "loss_times_n": n, "loss_over_n": 1 / n, "loss_times_kn": k * n,
        "loss_over_kn": 1 / (k * n),
    }  # fmt: skip
    return {key: factor * expected for key, factor in factors.items()}


def autograd(inputs, y_true, weights, bias, gradients):
    """∂L/∂Ŷ of the losses that a learner may have built instead: a message key → dypred.

    `gradients(y_true)` gives the right ∂L/∂Ŷ for a target of any shape.
    """
    y_pred = affine(inputs, weights, bias)
    difference = y_pred - y_true
    right = gradients(y_true)
    k, n = difference.shape if difference.ndim == 2 else (1, 1)
    found = {
        "autograd_half": right / 2,
        "autograd_twice": right * 2,
        "autograd_sign": -right,
        "autograd_not_squared": torch.ones_like(difference) / difference.numel(),
        "autograd_absolute": difference.sign() / difference.numel(),
        "autograd_root": right / (2 * (difference**2).mean().sqrt()),
        "autograd_no_bias": loss_gradient(y_pred - bias, y_true),
        "autograd_prediction": torch.ones_like(difference),
        "zeros": torch.zeros_like(difference),
    }
    if difference.ndim == 2:
        found |= {
            "autograd_summed": right * k * n,
            "autograd_summed_outputs": right * n,
            "autograd_summed_rows": right * k,
            "autograd_broadcast": gradients(y_true.squeeze()),
        }
    return found

"""The typical slips of each formula: a message key → what a learner with that slip would get.

X (k, m) inputs, W (m, n) weights, G (k, n) upstream gradient; one sample drops k and n.
"""

import torch

from .diagnosis import scaled


def layer_forward(values):
    """Slips of ŷ = XW + b."""
    product = values["inputs"] @ values["weights"]
    return {"no_bias": product, "minus_bias": product - values["bias"]}


def layer(name, values, expected, size):
    """Slips of ∂L/∂W = XᵀG, ∂L/∂b = ΣG, ∂L/∂X = GWᵀ for the gradient `name`."""
    own = {"dw": _dw, "db": _db, "dx": _dx}[name]
    others = {f"is_{other}": expected[other] for other in expected if other != name}
    parameters = {f"is_{other}": values[other] for other in ("inputs", "weights", "bias")}
    return scaled(expected[name], size) | others | parameters | own(values)


def _dw(values):
    inputs, dldy = values["inputs"], values["dldy"]
    if inputs.ndim == 1:
        return {
            "upstream_ones": inputs,
            "upstream_squared": inputs * dldy**2,
            "dw_weights": values["weights"] * dldy,
        }
    return {
        "upstream_ones": inputs.T @ torch.ones_like(dldy),
        "upstream_squared": inputs.T @ dldy**2,
        "dw_transposed": dldy.T @ inputs,
        "last_row": torch.outer(inputs[-1], dldy[-1]),
        "first_row": torch.outer(inputs[0], dldy[0]),
        "dw_upstream_averaged": inputs.mean(0)[:, None] * dldy.sum(0),
    }


def _db(values):
    dldy, bias = values["dldy"], values["bias"]
    if bias.ndim == 0:
        return {
            "upstream_ones": torch.ones_like(dldy),
            "upstream_squared": dldy**2,
            "db_row": dldy.reshape(1),
            "db_bias_times": bias * dldy,
        }
    total = dldy.sum(0)
    return {
        "upstream_ones": torch.ones_like(dldy).sum(0),
        "upstream_squared": (dldy**2).sum(0),
        "db_unsummed": dldy,
        "db_row": total[None, :],
        "db_column": total[:, None],
        "db_other_axis": dldy.sum(1),
        "db_other_axis_column": dldy.sum(1, keepdim=True),
        "db_mean_row": dldy.mean(0)[None, :],
        "db_total": dldy.sum(),
        "db_mean_all": dldy.mean(),
        "last_row": dldy[-1],
        "first_row": dldy[0],
    }


def _dx(values):
    inputs, weights, dldy = values["inputs"], values["weights"], values["dldy"]
    return {
        "upstream_ones": torch.ones_like(dldy) @ weights.T,
        "upstream_squared": dldy**2 @ weights.T,
        "dx_transposed": weights @ dldy.T,
        "dx_is_upstream": dldy,
        "dx_summed": (dldy @ weights.T).sum(0),
        "dx_times_inputs": dldy @ weights.T * inputs,
    }


def step(parameter, gradient, lr):
    """Slips of parameter −= lr · gradient."""
    return {
        "step_none": parameter,
        "step_up": parameter + lr * gradient,
        "step_no_rate": parameter - gradient,
        "step_twice": parameter - 2 * lr * gradient,
        "step_rate_squared": parameter - lr**2 * gradient,
        "step_replaced": -lr * gradient,
        "step_over": parameter - gradient / lr,
    }


def loss_forward(y_pred, y_true, size):
    """Slips of L = mean (ŷ − y)²."""
    difference = y_pred - y_true
    squares = difference**2
    own = {
        "loss_root": squares.mean().sqrt(),
        "loss_absolute": difference.abs().mean(),
        "loss_unreduced": squares,
        "loss_not_squared": difference.mean(),
    }
    if squares.ndim == 2:
        own |= {
            "loss_per_column": squares.mean(0),
            "loss_per_row": squares.mean(1),
            "loss_square_of_mean": difference.mean() ** 2,
        }
    return scaled(squares.mean(), size) | own


def loss(y_pred, y_true, expected, size):
    """Slips of ∂L/∂Ŷ = 2/(k·n) · (Ŷ − Y)."""
    difference = y_pred - y_true
    own = {
        "loss_squared_difference": difference**2 * 2 / difference.numel(),
        "loss_sign_only": difference.sign() * 2 / difference.numel(),
        "loss_no_factor": difference,
        "loss_is_value": (difference**2).mean(),
    }
    if difference.ndim == 2:
        own |= {
            "loss_summed": expected.sum(),
            "loss_summed_rows": expected.sum(0),
            "loss_summed_columns": expected.sum(1, keepdim=True),
        }
    return scaled(expected, size) | own


def relu(inputs, dldy):
    """Slips of ∂L/∂Z = G ⊙ [Z > 0]."""
    return {
        "relu_no_mask": dldy,
        "relu_inverted": dldy * (inputs <= 0),
        "relu_by_upstream": dldy * (dldy > 0),
        "relu_mask_only": (inputs > 0).to(dldy.dtype),
        "relu_times_activation": dldy * inputs.clamp(min=0),
        "relu_of_upstream_inputs": inputs.clamp(min=0),
        "relu_absolute": dldy * inputs.sign(),
        "zeros": torch.zeros_like(dldy),
        "sign": -dldy * (inputs > 0),
        "twice": 2 * dldy * (inputs > 0),
    }


def relu_forward(inputs):
    """Slips of H = max(Z, 0)."""
    return {
        "relu_identity": inputs,
        "relu_is_absolute": inputs.abs(),
        "relu_of_minus": inputs.clamp(max=0),
        "relu_is_mask": (inputs > 0).to(inputs.dtype),
        "relu_of_negated": (-inputs).clamp(min=0),
    }

"""The typical slips of each formula: a message key → what a learner with that slip would get.

X (k, m) inputs, W (m, n) weights, G (k, n) upstream gradient; one sample drops k and n.
"""

import torch

from .diagnosis import scaled


def layer_forward(values):
    """Slips of ŷ = XW + b."""
    inputs, weights, bias = values["inputs"], values["weights"], values["bias"]
    product = inputs @ weights
    common = {
        "no_bias": product,
        "minus_bias": product - bias,
        "forward_bias_times": product * bias,
        "forward_relu": (product + bias).clamp(min=0),
        "forward_sigmoid": torch.sigmoid(product + bias),
        "forward_bias_inside": inputs @ (weights + bias),
        "forward_inputs": inputs,
        "zeros": torch.zeros_like(product),
    }
    if inputs.ndim == 1:
        return common | {
            "forward_unsummed": inputs * weights + bias,
            "forward_mean": (inputs * weights).mean() + bias,
            "forward_bias_per_feature": (inputs * weights + bias).sum(),
            "forward_product_of_sums": inputs.sum() * weights.sum() + bias,
            "forward_weights_squared": weights @ weights + bias,
            "forward_one_entry": (product + bias).reshape(1),
        }
    single = {"forward_flat": (product + bias)[:, 0]} if weights.shape[1] == 1 else {}
    return (
        common
        | single
        | {
            "squeezed": (product + bias).squeeze(),
            "forward_transposed": (product + bias).T,
            "forward_summed": (product + bias).sum(0),
            "forward_outputs_summed": (product + bias).sum(1, keepdim=True),
            "forward_first_row": (product + bias)[:1],
            "forward_first_row/2": (product + bias)[0],
            "first_output": (product + bias)[:, :1],
            "forward_bias_summed": product + bias.sum(),
            "forward_bias_summed/2": product + bias.mean(),
            "forward_first_bias": product + bias[0],
            "forward_over_m": product / inputs.shape[1] + bias,
        }
    )


def layer(name, values, expected, now=None):
    """Slips of ∂L/∂W = XᵀG, ∂L/∂b = ΣG, ∂L/∂X = GWᵀ for the gradient `name`.

    `expected` has the gradients that the learner stores; `now` are the weights after backward.
    """
    own = {"dw": _dw, "db": _db, "dx": _dx}[name]
    others = {f"is_{other}": expected[other] for other in expected if other != name}
    if values["inputs"].ndim == 1:  # of one sample db is dldy itself: a dw like that has lost its factor
        others.pop("is_db", None)
    parameters = {f"is_{other}": values[other] for other in ("inputs", "weights", "bias")}
    return _scaled(name, values, expected[name]) | others | parameters | own(values, expected, now)


def _scaled(name, values, gradient):
    inputs, weights = values["inputs"], values["weights"]
    if inputs.ndim == 1:
        return scaled(gradient, m=len(inputs))
    k, (m, n) = len(inputs), weights.shape
    twos = {} if n == 1 or name == "dw" else {"squeezed": gradient.squeeze()}
    return scaled(gradient, k, n, m) | twos


def _dw(values, expected, now):
    inputs, weights, dldy = values["inputs"], values["weights"], values["dldy"]
    if inputs.ndim == 1:
        return {
            "upstream_ones": inputs,
            "upstream_squared": inputs * dldy**2,
            "upstream_added": inputs + dldy,
            "dw_weights": weights * dldy,
            "dw_both": inputs * weights * dldy,
            "dw_with_bias": (inputs + values["bias"]) * dldy,
            "dw_inputs_squared": inputs**2 * dldy,
            "dw_is_upstream": dldy,
            "dw_is_upstream/2": dldy.expand_as(inputs),
            "dw_summed": (inputs * dldy).sum(),
            "dw_summed/2": (inputs * dldy).mean(),
            "dw_row": (inputs * dldy)[None, :],
            "dw_column": (inputs * dldy)[:, None],
        }
    right = inputs.T @ dldy
    single = {"dw_flat": right[:, 0], "dw_unsummed": inputs * dldy} if right.shape[1] == 1 else {}
    return single | {
        "upstream_ones": inputs.T @ torch.ones_like(dldy),
        "upstream_ones/2": inputs.sum(0),
        "upstream_ones/3": inputs.sum(0)[:, None],
        "upstream_squared": inputs.T @ dldy**2,
        "dw_transposed": right.T,
        "dw_inputs_squared": inputs.T**2 @ dldy,
        "dw_absolute": inputs.T.abs() @ dldy,
        "squeezed": right.squeeze(),
        "dw_unsummed/2": inputs[:, :, None] * dldy[:, None, :],
        "first_output": right[:, :1],
        "dw_outputs_summed": right.sum(1, keepdim=True),
        "dw_outputs_summed/2": right.sum(1, keepdim=True).expand_as(right),
        "dw_features_summed": right.sum(0, keepdim=True),
        "dw_features_summed/2": right.sum(0),
        "dw_both": right * weights,
        "dw_weights": dldy @ weights.T,
        "dw_with_bias": inputs.T @ (dldy + values["bias"]),
        "last_row": torch.outer(inputs[-1], dldy[-1]),
        "first_row": torch.outer(inputs[0], dldy[0]),
        "no_last_row": inputs[:-1].T @ dldy[:-1],
        "no_first_row": inputs[1:].T @ dldy[1:],
        "rows_reversed": inputs.flip(0).T @ dldy,
        "dw_upstream_averaged": inputs.mean(0)[:, None] * dldy.sum(0),
        "dw_product_of_sums": inputs.sum(0)[:, None] * dldy.sum(0),
    }


def _db(values, expected, now):
    inputs, dldy, bias = values["inputs"], values["dldy"], values["bias"]
    if bias.ndim == 0:
        return {
            "upstream_ones": torch.ones_like(dldy),
            "upstream_squared": dldy**2,
            "upstream_absolute": dldy.abs(),
            "db_row": dldy.reshape(1),
            "db_bias_times": bias * dldy,
            "db_bias_plus": bias + dldy,
            "db_inputs_times": dldy * inputs.sum(),
            "db_inputs_times/2": dldy * inputs.mean(),
            "db_per_feature": dldy.expand_as(inputs),
        }
    total = dldy.sum(0)
    single = {"db_scalar": dldy.sum(), "db_scalar_mean": dldy.mean()} if len(bias) == 1 else {}
    return single | {
        "upstream_ones": torch.ones_like(dldy).sum(0),
        "upstream_ones/2": torch.ones_like(bias),
        "upstream_squared": (dldy**2).sum(0),
        "upstream_absolute": dldy.abs().sum(0),
        "db_unsummed": dldy,
        "db_unsummed/2": dldy.reshape(-1),
        "db_row": total[None, :],
        "db_column": total[:, None],
        "db_other_axis": dldy.sum(1),
        "db_other_axis_column": dldy.sum(1, keepdim=True),
        "db_other_axis/2": dldy.mean(1),
        "db_mean_row": dldy.mean(0)[None, :],
        "db_total": dldy.sum(),
        "db_total/2": dldy.sum().reshape(1),
        "db_total/3": dldy.sum().expand_as(bias),
        "db_mean_all": dldy.mean(),
        "db_mean_all/2": dldy.mean().expand_as(bias),
        "db_bias_times": bias * total,
        "db_bias_plus": bias + total,
        "db_from_dw": expected["dw"].sum(0),
        "db_inputs": inputs.sum(0),
        "squeezed": total.squeeze(),
        "last_row": dldy[-1],
        "first_row": dldy[0],
        "no_last_row": dldy[:-1].sum(0),
        "no_first_row": dldy[1:].sum(0),
    }


def _dx(values, expected, now):
    inputs, weights, dldy = values["inputs"], values["weights"], values["dldy"]
    right = dldy @ weights.T
    updated = {} if now is None else {"dx_new_weights": dldy @ now.T}
    return updated | {
        "upstream_ones": torch.ones_like(dldy) @ weights.T,
        "upstream_ones/2": weights.sum(1).expand_as(right),
        "upstream_squared": dldy**2 @ weights.T,
        "upstream_absolute": dldy.abs() @ weights.T,
        "dx_transposed": right.T,
        "squeezed": right.squeeze(),
        "dx_is_upstream": dldy,
        "dx_summed": right.sum(0),
        "dx_summed/2": right.sum(0, keepdim=True),
        "dx_averaged": right.mean(0),
        "dx_averaged/2": right.mean(0, keepdim=True),
        "dx_features_summed": right.sum(1, keepdim=True),
        "dx_times_inputs": right * inputs,
        "dx_with_bias": (dldy + values["bias"]) @ weights.T,
        "dx_by_dw": dldy @ expected["dw"].T,
        "dx_is_outputs": inputs @ weights + values["bias"],
        "dx_outputs_summed": dldy.sum(1, keepdim=True) * weights.sum(1),
        "dx_weights_averaged": dldy.sum(1, keepdim=True) * weights.mean(1),
        "dx_absolute": dldy @ weights.T.abs(),
        "dx_weights_squared": dldy @ weights.T**2,
        "first_output": torch.outer(dldy[:, 0], weights[:, 0]),
    }


def step(parameter, gradient, lr, start, other):
    """Slips of parameter −= lr · gradient; `start`: before any step, `other`: the other gradient."""
    return {
        "step_none": parameter,
        "step_up": parameter + lr * gradient,
        "step_no_rate": parameter - gradient,
        "step_twice": parameter - 2 * lr * gradient,
        "step_rate_squared": parameter - lr**2 * gradient,
        "step_replaced": -lr * gradient,
        "step_replaced/2": lr * gradient,
        "step_replaced/3": gradient,
        "step_over": parameter - gradient / lr,
        "step_rate_added": parameter - (lr + gradient),
        "step_rate_only": parameter - lr,
        "step_reversed": lr * gradient - parameter,
        "step_sign": parameter - lr * gradient.sign(),
        "step_other_gradient": parameter - lr * other,
        "step_shrinks": parameter * (1 - lr) - lr * gradient,
        "step_parameter_times": parameter - lr * gradient * parameter,
        "step_from_start": start - lr * gradient,
    }


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
        "relu_leaky": torch.where(inputs > 0, dldy, 0.01 * dldy),
        "relu_upstream_squared": dldy**2 * (inputs > 0),
        "relu_summed": (dldy * (inputs > 0)).sum(0),
        "relu_transposed": (dldy * (inputs > 0)).T,
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
        "relu_leaky": torch.where(inputs > 0, inputs, 0.01 * inputs),
        "relu_clipped": inputs.clamp(0, 1),
        "relu_sigmoid": torch.sigmoid(inputs),
        "relu_tanh": torch.tanh(inputs),
        "relu_whole_maximum": inputs.max().clamp(min=0),
    }

"""The typical slips of each formula: a message key → what a learner with that slip would get.

X (k, m) inputs, W (m, n) weights, G (k, n) upstream gradient; one sample drops k and n. A slip of a gradient
is torch's own gradient, transformed or for other arguments, so this file reveals no formula.
"""

from functools import partial

import torch

from . import reference
from .diagnosis import scaled


def layer_forward(values):
    """Slips of ŷ = XW + b."""
    inputs, weights, bias = values["inputs"], values["weights"], values["bias"]
    product = inputs @ weights
    common = {
        "no_bias": product,
        "minus_bias": product - bias,
        "forward_bias_times": product * bias,
        "forward_relu": torch.relu(product + bias),
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
    """Slips of ∂L/∂W, ∂L/∂b, ∂L/∂X for the gradient `name`.

    `expected` has the gradients that the learner stores; `now` are the weights after backward.
    """
    own = {"dw": _dw, "db": _db, "dx": _dx}[name]
    others = {f"is_{other}": expected[other] for other in expected if other != name}
    if values["inputs"].ndim == 1:  # of one sample db is dldy itself: a dw like that has lost its factor
        others.pop("is_db", None)
    parameters = {f"is_{other}": values[other] for other in ("inputs", "weights", "bias")}
    right, of = expected[name], partial(gradient_of, name, values)
    return _scaled(name, values, right) | others | parameters | own(values, right, of, expected, now)


def gradient_of(name, values, **changed):
    """torch's gradient `name` of a layer when some of its inputs, weights, bias and dldy are others."""
    return reference.layer_gradients(**values | changed)[name]


def by_row(name, values):
    """What each row of the batch alone gives to the gradient `name`, (k, …)."""
    rows = zip(values["inputs"], values["dldy"], strict=True)
    return torch.stack([gradient_of(name, values, inputs=x[None], dldy=g[None]) for x, g in rows])


def by_output(name, values):
    """What each output alone gives to the gradient `name`, (n, …)."""
    dldy = values["dldy"]
    units = torch.eye(dldy.shape[1], dtype=dldy.dtype)
    return torch.stack([gradient_of(name, values, dldy=dldy * unit) for unit in units])


def _scaled(name, values, gradient):
    inputs, weights = values["inputs"], values["weights"]
    if inputs.ndim == 1:
        return scaled(gradient, m=len(inputs))
    k, (m, n) = len(inputs), weights.shape
    twos = {} if n == 1 or name == "dw" else {"squeezed": gradient.squeeze()}
    return scaled(gradient, k, n, m) | twos


def _dw(values, right, of, expected, now):
    inputs, weights, dldy = values["inputs"], values["weights"], values["dldy"]
    ones = torch.ones_like(dldy)
    common = {
        "upstream_ones": of(dldy=ones),
        "upstream_squared": of(dldy=dldy**2),
        "dw_both": right * weights,
        "dw_inputs_squared": of(inputs=inputs**2),
    }
    if inputs.ndim == 1:
        return common | {
            "upstream_added": inputs + dldy,
            "dw_weights": gradient_of("dx", values),
            "dw_with_bias": of(inputs=inputs + values["bias"]),
            "dw_is_upstream": dldy,
            "dw_is_upstream/2": dldy.expand_as(inputs),
            "dw_summed": right.sum(),
            "dw_summed/2": right.mean(),
            "dw_row": right[None, :],
            "dw_column": right[:, None],
        }
    rows = by_row("dw", values)
    single = {"dw_flat": right[:, 0], "dw_unsummed": rows[:, :, 0]} if right.shape[1] == 1 else {}
    return (
        single
        | common
        | {
            "upstream_ones/2": of(dldy=ones)[:, 0],
            "upstream_ones/3": of(dldy=ones)[:, :1],
            "dw_transposed": right.T,
            "dw_absolute": of(inputs=inputs.abs()),
            "squeezed": right.squeeze(),
            "dw_unsummed/2": rows,
            "first_output": right[:, :1],
            "dw_outputs_summed": right.sum(1, keepdim=True),
            "dw_outputs_summed/2": right.sum(1, keepdim=True).expand_as(right),
            "dw_features_summed": right.sum(0, keepdim=True),
            "dw_features_summed/2": right.sum(0),
            "dw_weights": gradient_of("dx", values),
            "dw_with_bias": of(dldy=dldy + values["bias"]),
            "last_row": rows[-1],
            "first_row": rows[0],
            "no_last_row": rows[:-1].sum(0),
            "no_first_row": rows[1:].sum(0),
            "rows_reversed": of(inputs=inputs.flip(0)),
            "dw_upstream_averaged": of(inputs=inputs.mean(0).expand_as(inputs)),
            "dw_product_of_sums": of(inputs=inputs.sum(0).expand_as(inputs)),
        }
    )


def _db(values, right, of, expected, now):
    inputs, dldy, bias = values["inputs"], values["dldy"], values["bias"]
    common = {
        "upstream_ones": of(dldy=torch.ones_like(dldy)),
        "upstream_squared": of(dldy=dldy**2),
        "upstream_absolute": of(dldy=dldy.abs()),
        "db_bias_times": bias * right,
        "db_bias_plus": bias + right,
    }
    if bias.ndim == 0:
        return common | {
            "db_row": right.reshape(1),
            "db_inputs_times": right * inputs.sum(),
            "db_inputs_times/2": right * inputs.mean(),
            "db_per_feature": right.expand_as(inputs),
        }
    single = {"db_scalar": dldy.sum(), "db_scalar_mean": dldy.mean()} if len(bias) == 1 else {}
    return (
        single
        | common
        | {
            "db_ones": torch.ones_like(bias),
            "db_unsummed": dldy,
            "db_row": right[None, :],
            "db_column": right[:, None],
            "db_other_axis": dldy.sum(1),
            "db_unsummed/2": dldy.reshape(-1),
            "db_other_axis_column": dldy.sum(1, keepdim=True),
            "db_other_axis/2": dldy.mean(1),
            "db_mean_row": right[None, :] / len(dldy),
            "db_total": dldy.sum(),
            "db_total/2": dldy.sum().reshape(1),
            "db_total/3": dldy.sum().expand_as(bias),
            "db_mean_all": dldy.mean(),
            "db_mean_all/2": dldy.mean().expand_as(bias),
            "db_from_dw": expected["dw"].sum(0),
            "db_inputs": inputs.sum(0),
            "squeezed": right.squeeze(),
            "last_row": dldy[-1],
            "first_row": dldy[0],
            "no_last_row": right - dldy[-1],
            "no_first_row": right - dldy[0],
        }
    )


def _dx(values, right, of, expected, now):
    inputs, weights, dldy, bias = (values[name] for name in ("inputs", "weights", "dldy", "bias"))
    updated = {} if now is None else {"dx_new_weights": of(weights=now)}
    return updated | {
        "upstream_ones": of(dldy=torch.ones_like(dldy)),
        "upstream_squared": of(dldy=dldy**2),
        "upstream_absolute": of(dldy=dldy.abs()),
        "dx_transposed": right.T,
        "squeezed": right.squeeze(),
        "dx_is_upstream": dldy,
        "dx_summed": right.sum(0),
        "dx_summed/2": right.sum(0, keepdim=True),
        "dx_averaged": right.mean(0),
        "dx_averaged/2": right.mean(0, keepdim=True),
        "dx_features_summed": right.sum(1, keepdim=True),
        "dx_times_inputs": right * inputs,
        "dx_with_bias": of(dldy=dldy + bias),
        "dx_by_dw": of(weights=expected["dw"]),
        "dx_is_outputs": reference.affine(inputs, weights, bias),
        "dx_outputs_summed": of(dldy=dldy.sum(1, keepdim=True).expand_as(dldy)),
        "dx_weights_averaged": of(weights=weights.mean(1, keepdim=True).expand_as(weights)),
        "dx_absolute": of(weights=weights.abs()),
        "dx_weights_squared": of(weights=weights**2),
        "first_output": by_output("dx", values)[0],
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
    """Slips of ∂L/∂Z."""
    right = reference.relu_gradient(inputs, dldy)
    return {
        "relu_no_mask": dldy,
        "relu_inverted": dldy - right,
        "relu_by_upstream": reference.relu_gradient(dldy, dldy),
        "relu_mask_only": reference.relu_gradient(inputs, torch.ones_like(dldy)),
        "relu_times_activation": dldy * torch.relu(inputs),
        "relu_of_upstream_inputs": torch.relu(inputs),
        "relu_absolute": dldy * inputs.sign(),
        "relu_leaky": right + 0.01 * (dldy - right),
        "relu_upstream_squared": reference.relu_gradient(inputs, dldy**2),
        "relu_summed": right.sum(0),
        "relu_transposed": right.T,
        "zeros": torch.zeros_like(dldy),
        "sign": -right,
        "twice": 2 * right,
    }


def relu_forward(inputs, earlier):
    """Slips of H = max(Z, 0); `earlier` are the inputs of the call before."""
    return {
        "relu_cached": torch.relu(earlier),
        "relu_identity": inputs,
        "relu_is_absolute": inputs.abs(),
        "relu_of_minus": inputs.clamp(max=0),
        "relu_is_mask": reference.relu_gradient(inputs, torch.ones_like(inputs)),
        "relu_of_negated": torch.relu(-inputs),
        "relu_leaky": torch.where(inputs > 0, inputs, 0.01 * inputs),
        "relu_clipped": inputs.clamp(0, 1),
        "relu_sigmoid": torch.sigmoid(inputs),
        "relu_tanh": torch.tanh(inputs),
        "relu_whole_maximum": inputs.max().clamp(min=0),
    }

"""A numerical gradient is told from what only looks like one, whatever the learner does with the function."""

import pytest
import torch
from checks import numerical, numerical_gradient


def central(function, values, step=1e-4):
    shifts = step * torch.eye(values.numel(), dtype=values.dtype)
    found = [
        (function(values + shift) - function(values - shift)) / (2 * step)
        for shift in (row.reshape(values.shape) for row in shifts)
    ]
    return torch.stack(found).reshape(values.shape)


def by_formula(function, values, step=1e-4):
    """Reads the coefficients and differentiates on paper."""
    slope = 2 * function.weights * (function.weights * values).sum()
    return 3 * function.cubes * values**2 + function.slopes + slope


def by_jacobian(function, values, step=1e-4):
    return torch.func.jacrev(function)(values)


def by_tape(function, values, step=1e-4):
    point = values.clone().requires_grad_()
    function(point).backward()
    return point.grad


def by_complex_step(function, values, step=1e-4):
    found = torch.zeros_like(values)
    for i in range(values.numel()):
        point = values.to(torch.complex128)
        point.view(-1)[i] += 1e-20j
        found.view(-1)[i] = function(point).imag / 1e-20
    return found


def flattened(function, values, step=1e-4):
    """Makes the function flat, so that nothing is left to differentiate."""
    function.cubes, function.slopes, function.weights = (torch.zeros_like(values) for _ in range(3))
    return torch.zeros_like(values)


def row(function, trials):
    return numerical_gradient.central.row(function, trials=trials)


@pytest.mark.parametrize("trials", [0, 8])
def test_central_differences_pass(trials):
    assert row(central, trials).ok


@pytest.mark.parametrize("trials", [0, 8])
@pytest.mark.parametrize("attack", [by_formula, by_jacobian, by_tape, by_complex_step, flattened])
def test_other_ways_do_not(attack, trials):
    assert not row(attack, trials).ok


def test_a_function_that_the_learner_has_replaced_changes_nothing(monkeypatch):
    """In the learner's process the class is a copy: the expected numbers are the judge's own."""

    def attack(function, values, step=1e-4):
        kind = type("Linear", (numerical.Cubic,), {"__call__": lambda self, values: values.sum()})
        return central(kind(function.cubes, function.slopes, function.weights), values, step)

    assert not row(attack, 0).ok


def test_the_learner_is_told_of_a_shape_that_the_function_does_not_take():
    found = row(lambda function, values, step=1e-4: function(values.reshape(-1)), 0)
    assert "function получила тензор формы (10,)" in found.message

"""Checks of `DenseLayer` and `train`, written as a course's author would: they know nothing of a sandbox."""

import random
from collections.abc import Callable
from typing import Any

import numpy

from .standins import Layer


class CheckFailed(AssertionError):
    """A failed check."""

    def _render_traceback_(self):
        return [f"\x1b[31m✗\x1b[0m {self}"]


def _draw(k=5, m=3, n=2):
    return [_rows(k, m), _rows(m, n), _rows(1, n)[0], _rows(k, n)]


def _rows(count: int, length: int) -> Any:
    drawn = [[random.gauss(0, 1) for _ in range(length)] for _ in range(count)]
    return numpy.asarray(drawn, dtype=numpy.float64)


def _copy(array: Any) -> Any:
    return array + 0


def _same(got, expected, name):
    if not isinstance(got, type(expected)) or got.shape != expected.shape:
        raise CheckFailed(f"{name}: форма не та")
    if not numpy.allclose(numpy.asarray(got, dtype=numpy.float64), expected):
        raise CheckFailed(f"{name}: значения не те")


def forward(layer_class: type, trials: int = 2) -> None:
    """forward(X) is XW + b."""
    for _ in range(trials):
        inputs, weights, bias, _ = _draw()
        expected = inputs @ weights + bias
        _same(layer_class(_copy(weights), _copy(bias)).forward(_copy(inputs)), expected, "forward")


def gradient(layer_class: type, name: str, trials: int = 2) -> None:
    """backward stores `name`."""
    for _ in range(trials):
        inputs, weights, bias, dldy = _draw()
        expected = {"dw": inputs.T @ dldy, "db": dldy.sum(0)}[name]
        layer = layer_class(_copy(weights), _copy(bias))
        layer.backward(_copy(inputs), _copy(dldy))
        _same(getattr(layer, name), expected, name)


def pure(layer_class: type) -> None:
    """backward leaves its arguments alone."""
    inputs, weights, bias, dldy = _draw()
    given = _copy(inputs), _copy(dldy)
    layer_class(weights, bias).backward(*given)
    for got, expected in zip(given, (inputs, dldy), strict=True):
        _same(got, expected, "аргумент")


def train(function: Callable[..., list[float]]) -> None:
    """train(layer, X, dldy, lr, epochs) steps the layer and returns a loss for each epoch."""
    inputs, weights, bias, dldy = _draw()
    layer = Layer(_copy(weights), bias)
    losses = function(layer, inputs, dldy, 0.1, 3)
    if layer.steps != 3 or len(losses) != 3:
        raise CheckFailed("train: три эпохи, три шага")
    _same(layer.weights, weights - 0.3 * (inputs.T @ dldy), "weights")

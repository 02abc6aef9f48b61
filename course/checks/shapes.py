"""The shapes of a layer's arguments: one sample, a column of predictions, or several outputs."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Shapes:
    """The shapes of one kind of layer for a Size of k rows, m features, n outputs."""

    inputs: Callable
    weights: Callable
    bias: Callable
    outputs: Callable

    def draw(self, case):
        """dict of random inputs, weights, bias and upstream gradient dldy."""
        size = case.size
        return {
            "inputs": case.normal(*self.inputs(size)),
            "weights": case.normal(*self.weights(size)),
            "bias": case.normal(*self.bias(size)),
            "dldy": case.normal(*self.outputs(size)),
        }


SAMPLE = Shapes(lambda s: (s.m,), lambda s: (s.m,), lambda s: (), lambda s: ())
COLUMN = Shapes(lambda s: (s.k, s.m), lambda s: (s.m, 1), lambda s: (1,), lambda s: (s.k, 1))
DENSE = Shapes(lambda s: (s.k, s.m), lambda s: (s.m, s.n), lambda s: (s.n,), lambda s: (s.k, s.n))

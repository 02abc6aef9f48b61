"""Random inputs for the checks: shapes and values that no mistake can hide behind.

Non-square, several outputs, one row, one output, mixed signs, non-zero biases, a random upstream
gradient, float64: each of them is what some typical mistake needs to be seen.
"""

import secrets
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Size:
    """k rows, m features, n outputs."""

    k: int
    m: int
    n: int


FIXED = [Size(5, 3, 2), Size(1, 2, 3), Size(4, 1, 3), Size(6, 4, 1)]
LARGEST = Size(8, 6, 5)
# So many features that a forward pass for each parameter is hundreds of times the work of a formula.
LONG = Size(2, 300, 2)
# The same for a loss, which has no features.
TALL = Size(170, 1, 2)
# A number beside which every step of a difference is lost in rounding; formulas do not add it to anything.
HUGE = 1e300
# Upstream gradients so large that a step which is not lost beside HUGE grows out of all numbers.
FAR = 1e40
# The same as HUGE where what is added to it is squared.
LARGE = 1e15


class Case:
    """Source of one case's random tensors."""

    def __init__(self, size, seed):
        self.size = size
        self.seed = seed
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape):
        """float64 tensor of both signs."""
        return torch.randn(shape, dtype=torch.float64, generator=self._generator)

    def integers(self, low, high, *shape):
        """int64 tensor of numbers from `low` up to `high`, both included."""
        return torch.randint(low, high + 1, shape, generator=self._generator)

    def away_from_zero(self, *shape):
        """float64 tensor of both signs with no entry nearer to 0 than 0.01, where ReLU has a kink."""
        values = self.normal(*shape)
        return values + 0.01 * torch.where(values < 0, -1.0, 1.0)

    def permutation(self, count):
        """The numbers 0 … count − 1 in random order, never in their own order when there are two or more."""
        order = torch.randperm(count, generator=self._generator)
        return order.roll(1) if torch.equal(order, torch.arange(count)) else order


def long_case():
    """A fresh case with many features."""
    return Case(LONG, secrets.randbits(40))


def cases(trials=0):
    """The fixed cases, the same at every call; or `trials` fresh ones that nobody can know in advance.

    A test cell asks for the fixed ones first. Of the fresh ones the first is of a general shape; in each
    other one row, one feature or one output stands alone.
    """
    if not trials:
        return [Case(size, seed) for seed, size in enumerate(FIXED)]
    return [Case(_fresh_size(single=number > 0), secrets.randbits(40)) for number in range(trials)]


def _fresh_size(single):
    """Random k, m, n from 2 up to LARGEST; with `single` one of them is 1."""
    drawn = {name: 2 + secrets.randbelow(limit - 1) for name, limit in vars(LARGEST).items()}
    return Size(**drawn | ({secrets.choice("kmn"): 1} if single else {}))

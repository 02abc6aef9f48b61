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


FIXED = [Size(5, 3, 2), Size(4, 2, 3), Size(1, 3, 2), Size(6, 4, 1)]
# So many features that a forward pass for each parameter is hundreds of times the work of a formula.
LONG = Size(2, 300, 2)
# A number beside which every step of a difference is lost in rounding; formulas do not add it to anything.
HUGE = 1e15


class Case:
    """Source of one case's random tensors."""

    def __init__(self, size, seed):
        self.size = size
        self.seed = seed
        self._generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape):
        """float64 tensor of both signs."""
        return torch.randn(shape, dtype=torch.float64, generator=self._generator)

    def away_from_zero(self, *shape):
        """float64 tensor of both signs with no entry nearer to 0 than 0.01, where ReLU has a kink."""
        values = self.normal(*shape)
        return values + 0.01 * torch.where(values < 0, -1.0, 1.0)

    def permutation(self, count):
        """The numbers 0 … count − 1 in random order, never in their own order when there are two or more."""
        order = torch.randperm(count, generator=self._generator)
        return order.roll(1) if torch.equal(order, torch.arange(count)) else order


def long_case():
    """One case with many features, the same at every call."""
    return Case(LONG, len(FIXED))


def cases(trials=0):
    """The fixed cases, the same at every call; or `trials` fresh ones that nobody can know in advance.

    A test cell asks for the fixed ones first, so the fresh ones need not repeat them.
    """
    if not trials:
        return [Case(size, seed) for seed, size in enumerate(FIXED)]
    drawn = []
    for _ in range(trials):
        k, m, n = (1 + secrets.randbelow(limit) for limit in (8, 6, 5))
        drawn.append(Case(Size(k, m, n), secrets.randbits(40)))
    return drawn

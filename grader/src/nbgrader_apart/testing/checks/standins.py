"""A ready-made layer."""

import torch


class Layer:
    """ŷ = XW + b; counts its steps."""

    def __init__(self, weights: torch.Tensor, bias: torch.Tensor) -> None:
        self.weights = weights
        self.bias = bias
        self.dw: torch.Tensor = None  # type: ignore[assignment]  # until backward stores it
        self.steps = 0

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs @ self.weights + self.bias

    def backward(self, inputs: torch.Tensor, dldy: torch.Tensor) -> torch.Tensor:
        self.dw = inputs.T @ dldy
        return dldy @ self.weights.T

    def step(self, lr: float) -> None:
        self.weights = self.weights - lr * self.dw
        self.steps += 1

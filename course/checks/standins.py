"""Ready-made classes with the interface of the learner's: train with these while yours do not work yet.

Their gradients come from torch.autograd, so there is no formula to copy here. The checks of
`sgd_epoch`, `minibatch_epoch`, `gd_step` and `NeuralNetwork` use them too: a mistake in your
layer costs nothing there.
"""

import math
import numbers

import numpy as np
import torch

from . import reference
from .messages import text
from .outcome import Stop, Verdict


def _tensor(value):
    """The tensor that a stand-in's backward was given, cut from any graph. Raises Stop for anything else."""
    if value is None:
        raise Stop(Verdict.WRONG, text("standin.upstream_none"))
    if isinstance(value, (numbers.Number, np.ndarray)):
        return torch.as_tensor(value, dtype=torch.get_default_dtype())
    if not isinstance(value, torch.Tensor):
        raise Stop(Verdict.WRONG, text("standin.not_tensor"))
    return value.detach()


class Layer:
    """Neuron or dense layer: ŷ = XW + b.

    `weights` (m, n) and `bias` (n,) for a batch (k, m); (m,) and () for one sample (m,).
    """

    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias
        self.dw = None
        self.db = None
        self.dx = None
        self.given = None  # the last (inputs, dldy), for the checks of the network

    def forward(self, inputs):
        """Predictions (k, n) for inputs (k, m); a scalar for one sample (m,)."""
        return reference.affine(inputs.detach(), self.weights, self.bias)

    def backward(self, inputs, dldy):
        """Store dw, db, dx for the upstream gradient `dldy` (k, n); return dx (k, m)."""
        inputs, dldy = _tensor(inputs), _tensor(dldy)
        self._refuse_swapped(inputs, dldy)
        self.given = (inputs.clone(), dldy.clone())
        self.dw, self.db, self.dx = self._gradients(inputs, dldy)
        return self.dx

    def _refuse_swapped(self, inputs, dldy):
        """Raises Stop when each argument has the shape of the other."""
        features, outputs = self.weights.shape[:1], self.weights.shape[1:]

        def fits(inputs, dldy):
            return inputs.shape[-1:] == features and dldy.shape == (*inputs.shape[:-1], *outputs)

        if fits(dldy, inputs) and not fits(inputs, dldy):
            raise Stop(Verdict.WRONG, text("standin.swapped"))

    def _gradients(self, inputs, dldy):
        """dw, db, dx; NaN where foreign inputs or a foreign upstream gradient leave no answer."""
        outputs = (*inputs.shape[:-1], *self.weights.shape[1:])
        if dldy.numel() != math.prod(outputs):
            return tuple(torch.full_like(tensor, torch.nan) for tensor in (self.weights, self.bias, inputs))
        foreign = inputs.shape[-1] != self.weights.shape[0]
        own = inputs.new_zeros(*inputs.shape[:-1], self.weights.shape[0]) if foreign else inputs
        gradients = reference.layer_gradients(own, self.weights, self.bias, dldy.reshape(outputs))
        if foreign:  # db and dx do not depend on the inputs, so only dw is lost
            gradients["dw"] = torch.full_like(self.weights, torch.nan)
        return gradients["dw"], gradients["db"], gradients["dx"]

    def step(self, lr):
        """weights −= lr · dw, bias −= lr · db."""
        self.weights = self.weights - lr * self.dw
        self.bias = self.bias - lr * self.db


class WatchedLayer(Layer):
    """A layer that remembers each backward pass and each step, for the checks of the training loops."""

    def __init__(self, weights, bias):
        super().__init__(weights, bias)
        self.initial = self._parameters()
        self.passes = []  # (weights, bias, inputs, dldy) of each backward pass
        self.rates = []  # lr of each step

    def _parameters(self):
        return self.weights.detach().clone(), self.bias.detach().clone()

    def backward(self, inputs, dldy):
        """As in Layer."""
        before = self._parameters()
        dx = super().backward(inputs, dldy)
        self.passes.append((*before, *self.given))
        return dx

    def step(self, lr):
        """As in Layer. Raises Stop before the first backward pass."""
        if not self.passes:
            raise Stop(Verdict.WRONG, text("loop.step_first"))
        super().step(lr)
        self.rates.append(float(lr))


class WatchedNeuron(WatchedLayer):
    """The same in place of the learner's Neuron."""


class Loss:
    """Mean squared error over every element."""

    def __init__(self):
        self.dypred = None

    def forward(self, y_pred, y_true):
        """Scalar loss of predictions and answers of one shape (k, n)."""
        return reference.mean_squared_error(y_pred, y_true)

    def backward(self, y_pred, y_true):
        """∂L/∂ŷ (k, n), also stored as self.dypred."""
        self.dypred = reference.loss_gradient(y_pred, torch.as_tensor(y_true))
        return self.dypred


class WatchedLoss(Loss):
    """The same in place of the learner's MSELoss."""


class WatchedSampleLoss(Loss):
    """The same in place of the learner's SquaredLoss."""


class ReLU:
    """H = max(Z, 0), element by element."""

    def __init__(self):
        self.dx = None

    def forward(self, inputs):
        """Activations H of the shape of the inputs Z."""
        return torch.relu(inputs)

    def backward(self, inputs, dldy):
        """∂L/∂Z for the upstream gradient ∂L/∂H; `inputs` is what forward was given."""
        self.dx = reference.relu_gradient(inputs, dldy)
        return self.dx


class Network:
    """Two layers one after the other, with an activation between them if one is given."""

    def __init__(self, layer1, layer2, relu=None):
        self.layer1 = layer1
        self.layer2 = layer2
        self.relu = relu

    def forward(self, inputs):
        """Predictions (k, n) for inputs (k, m)."""
        return self.layer2.forward(self._hidden(inputs))

    def _hidden(self, inputs):
        hidden = self.layer1.forward(inputs)
        return self.relu.forward(hidden) if self.relu else hidden

    def backward(self, inputs, dldy):
        """Fill both layers' gradients for the upstream gradient `dldy` (k, n); return dx (k, m)."""
        layers = (self.layer1, self.layer2)
        parameters = [parameter for layer in layers for parameter in (layer.weights, layer.bias)]
        gradients = reference.differentiate(self._predict, (inputs, *parameters), dldy)
        dx, self.layer1.dw, self.layer1.db, self.layer2.dw, self.layer2.db = gradients
        return dx

    def _predict(self, inputs, weights1, bias1, weights2, bias2):
        hidden = reference.affine(inputs, weights1, bias1)
        return reference.affine(torch.relu(hidden) if self.relu else hidden, weights2, bias2)

    def step(self, lr):
        """One update of both layers."""
        self.layer1.step(lr)
        self.layer2.step(lr)

"""Networks of stand-ins: what the learner's `NeuralNetwork` is built from, given and compared with."""

from dataclasses import dataclass
from operator import attrgetter

import torch

from . import by_hand, reference, standins
from .cases import HUGE, Case, Size, cases, long_case
from .messages import text
from .outcome import Stop, Verdict
from .scripts import passes

HIDDEN = (4, 6, 3, 5)  # the width of the hidden layer, case by case
PARAMETERS = ("layer1.weights", "layer1.bias", "layer2.weights", "layer2.bias")
GRADIENTS = ("layer1.dw", "layer1.db", "layer2.dw", "layer2.db")


class InnerLayer(standins.Layer):
    """A stand-in that says so when the gradient it is given has not been computed yet.

    `alike`: whether the network has as many inputs as outputs: then swapped arguments and those of the other
    layer have the same shapes, and only another case can tell which of the two they are.
    """

    def __init__(self, weights, bias, alike=False):
        super().__init__(weights, bias)
        self.alike = alike

    def _refuse_swapped(self, inputs, dldy):
        if not self.alike:
            super()._refuse_swapped(inputs, dldy)

    def backward(self, inputs, dldy):
        """As in Layer. Raises Stop when `dldy` is None."""
        if dldy is None:
            raise Stop(Verdict.WRONG, text("network.order"))
        with by_hand.standin():
            return super().backward(inputs, dldy)


class InnerReLU(standins.ReLU):
    """A stand-in that may differentiate while the network's own backward must not."""

    def backward(self, inputs, dldy):
        """As in ReLU."""
        with by_hand.standin():
            return super().backward(inputs, dldy)


@dataclass
class Wiring:
    """A network of stand-ins, what it is given and what has to come out."""

    parameters: list  # as PARAMETERS: W1 (m, h), b1 (h,), W2 (h, n), b2 (n,)
    inputs: torch.Tensor  # (k, m)
    dldy: torch.Tensor  # (k, n)
    relu: bool

    @classmethod
    def draw(cls, case, hidden, relu):
        size = case.size
        shapes = [(size.m, hidden), (hidden,), (hidden, size.n), (size.n,)]
        parameters = [case.normal(*shape) for shape in shapes]
        return cls(parameters, case.normal(size.k, size.m), case.normal(size.k, size.n), relu)

    def layers(self):
        """The two stand-in layers with their own copies of the parameters."""
        weights1, bias1, weights2, bias2 = (parameter.clone() for parameter in self.parameters)
        alike = self.inputs.shape == self.dldy.shape
        return InnerLayer(weights1, bias1, alike), InnerLayer(weights2, bias2, alike)

    def built(self):
        """The step that makes the learner's network of stand-ins; its ReLU too is replaced by one."""
        return ("built", self.layers(), {"relu": InnerReLU()} if self.relu else {})

    def passes(self, names=(), watched=True):
        """See `scripts.passes`."""
        return passes(self.inputs, self.dldy, names, watched)

    def preactivation(self):
        """Z = XW₁ + b₁, (k, h)."""
        return reference.affine(self.inputs, *self.parameters[:2])

    def hidden(self, bias=True):
        """What the second layer has to be given, (k, h); or what it is given if b₁ is forgotten."""
        inner = self.preactivation() if bias else self.inputs @ self.parameters[0]
        return torch.relu(inner) if self.relu else inner

    def predict(self):
        """ŷ, (k, n)."""
        return reference.affine(self.hidden(), *self.parameters[2:])

    def other_inputs(self):
        """Inputs of the same shape for one more call."""
        return 1 - 2 * self.inputs

    def layer_values(self, layer_name):
        """dict of the inputs, weights, bias and upstream gradient that belong to one layer."""
        if layer_name == "layer2":
            inputs, dldy = self.hidden(), self.dldy
        else:
            inputs, dldy = self.inputs, self.hidden_gradient()
            dldy = reference.relu_gradient(self.preactivation(), dldy) if self.relu else dldy
        weights, bias = self.parameters[:2] if layer_name == "layer1" else self.parameters[2:]
        return {"inputs": inputs, "weights": weights, "bias": bias, "dldy": dldy}

    def hidden_gradient(self):
        """∂L/∂H of what the second layer is given, (k, h)."""
        return reference.layer_gradients(self.hidden(), *self.parameters[2:], self.dldy)["dx"]

    def gradients(self):
        """dict of dx and GRADIENTS."""
        network = standins.Network(*self.layers(), standins.ReLU() if self.relu else None)
        dx = network.backward(self.inputs, self.dldy)
        return {"dx": dx} | {name: attrgetter(name)(network) for name in GRADIENTS}


def wirings(relu, trials):
    """The fixed cases (1 → 10 → 1 of the task among them), or `trials` fresh ones."""
    drawn = [Wiring.draw(case, HIDDEN[i % len(HIDDEN)], relu) for i, case in enumerate(cases(trials))]
    return drawn if trials else [*drawn, Wiring.draw(Case(Size(7, 1, 1), seed=7), 10, relu)]


def long_wiring(relu):
    """A network of many parameters; its last bias is so large that differences of predictions are noise."""
    wiring = Wiring.draw(long_case(), 2, relu)
    wiring.parameters[3] *= HUGE
    return wiring

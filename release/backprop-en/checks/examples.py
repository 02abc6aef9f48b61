"""Code with small numbers, ready to paste, by which a learner sees a wrong value for themselves.

What has to come out stands beside each line: torch's own answer, so no formula is revealed.
"""

import torch

from . import reference, standins
from .cases import Case, Size
from .messages import text

SIZE = Size(2, 3, 2)
COLUMN = Size(2, 3, 1)
SEED = 3
RATE = 0.01


def _numbers(case, *shape):
    """Small whole numbers, none of them zero."""
    signs = 2 * case.integers(0, 1, *shape) - 1
    return (signs * case.integers(1, 3, *shape)).to(torch.float64)


def _draw(names):
    case = Case(SIZE, SEED)
    return {name: _numbers(case, *shape) for name, shape in names.items()}


def _setup(values):
    return [f"{name} = torch.tensor({value.tolist()})" for name, value in values.items()]


def _shown(expression, expected):
    """A line that prints the learner's answer, and the right one as a comment."""
    rounded = torch.as_tensor(expected, dtype=torch.float64).mul(10**4).round().div(10**4) + 0.0
    return f"print({expression})  # {text('example.right')} {rounded.tolist()}"


def loss(name, shape):
    """For a loss with predictions of `shape`."""

    def lines():
        values = _draw({"y_pred": shape, "y_true": shape})
        return [
            *_setup(values),
            f"criterion = {name}()",
            _shown("criterion.forward(y_pred, y_true)", reference.mean_squared_error(*values.values())),
            _shown("criterion.backward(y_pred, y_true)", reference.loss_gradient(*values.values())),
        ]

    return lines


def layer(name, shapes, gradients):
    """For a layer of the `shapes` (see layers.Shapes) that stores these gradients."""

    def lines():
        size = COLUMN if name == "Neuron" else SIZE
        kinds = {kind: getattr(shapes, kind)(size) for kind in ("inputs", "weights", "bias")}
        values = _draw(kinds | {"dldy": shapes.outputs(size)})
        forward = reference.affine(*(values[kind] for kind in kinds))
        found = reference.layer_gradients(**values)
        return [
            *_setup(values),
            f"layer = {name}(weights, bias)",
            _shown("layer.forward(inputs)", forward),
            "layer.backward(inputs, dldy)",
            *(_shown(f"layer.{gradient}", found[gradient]) for gradient in gradients),
        ]

    return lines


def relu():
    """For ReLU."""
    values = _draw({"inputs": (2, 3), "dldy": (2, 3)})
    return [
        *_setup(values),
        "relu = ReLU()",
        _shown("relu.forward(inputs)", torch.relu(values["inputs"])),
        _shown("relu.backward(inputs, dldy)", reference.relu_gradient(**values)),
    ]


def network(activation):
    """For the network of two layers, with a ReLU between them or without."""

    def lines():
        values = _draw({"inputs": (2, 1), "W1": (1, 3), "b1": (3,), "W2": (3, 1), "b2": (1,), "dldy": (2, 1)})
        layers = [standins.Layer(values[f"W{number}"], values[f"b{number}"]) for number in (1, 2)]
        right = standins.Network(*layers, standins.ReLU() if activation else None)
        forward = right.forward(values["inputs"])
        dx = right.backward(values["inputs"], values["dldy"])
        return [
            "from checks import standins",
            *_setup(values),
            "network = NeuralNetwork(standins.Layer(W1, b1), standins.Layer(W2, b2))",
            _shown("network.forward(inputs)", forward),
            _shown("network.backward(inputs, dldy)", dx),
            *(
                _shown(f"network.layer{number}.{name}", getattr(layers[number - 1], name))
                for number in (2, 1)
                for name in ("dw", "db")
            ),
        ]

    return lines


def autograd(shapes, names):
    """For `autograd_gradients`, which returns the gradients `names`."""

    def lines():
        size = SIZE if "dx" in names else COLUMN
        kinds = {"inputs": shapes.inputs(size), "y_true": shapes.outputs(size)}
        values = _draw(kinds | {"weights": shapes.weights(size), "bias": shapes.bias(size)})
        parameters = values["weights"], values["bias"]
        dypred = reference.loss_gradient(reference.affine(values["inputs"], *parameters), values["y_true"])
        found = {"dypred": dypred, **reference.layer_gradients(values["inputs"], *parameters, dypred)}
        return [
            *_setup(values),
            "found = autograd_gradients(inputs, y_true, weights, bias)",
            *(_shown(f'found["{name}"]', found[name]) for name in names),
        ]

    return lines


def element(name, gradient, shapes, arguments):
    """For a function that gives one element of a gradient."""

    def lines():
        n = shapes(SIZE)[1]
        kinds = {"inputs": (SIZE.k, SIZE.m), "dldy": (SIZE.k, n), "weights": (SIZE.m, n), "bias": (n,)}
        values = _draw(kinds)
        found = reference.layer_gradients(**values)[gradient]
        place = (1, 0) if found.shape[1] == 1 else (1, 1)
        indices = place[:1] if found.shape[1] == 1 else place
        call = f"{name}({', '.join([*arguments, *map(str, indices)])})"
        used = {kind: values[kind] for kind in arguments}
        return [*_setup(used), _shown(call, found[place])]

    return lines


def loop(name, sample, batch_size, outputs=1):
    """For a training loop over three rows."""

    def lines():
        shapes = ((3,), ()) if sample else ((3, outputs), (outputs,))
        drawn = _draw({"X": (3, 3), "y": (3, outputs), "weights": shapes[0], "bias": shapes[1]})
        order = [2, 0, 1]
        parts = torch.tensor(order).split(batch_size) if batch_size else [torch.arange(3)]
        rows = [part.tolist() for part in parts]
        right, losses = standins.Layer(drawn["weights"], drawn["bias"]), []
        criterion = standins.Loss()
        for batch in rows:
            inputs, targets = drawn["X"][batch], drawn["y"][batch]
            if sample:
                inputs, targets = inputs[0], targets[0, 0]
            predicted = right.forward(inputs)
            losses.append(criterion.forward(predicted, targets).item())
            right.backward(inputs, criterion.backward(predicted, targets))
            right.step(RATE)
        extra = [] if batch_size is None else ["order"] if sample else ["order", str(batch_size)]
        given = ", ".join(["model", "standins.Loss()", "X", "y", *extra, str(RATE)])
        return [
            "from checks import standins",
            *_setup(drawn),
            *([f"order = torch.tensor({order})"] if extra else []),
            "model = standins.Layer(weights, bias)",
            _shown(f"{name}({given})", losses if batch_size else losses[0]),
            _shown("model.weights", right.weights),
            _shown("model.bias", right.bias),
        ]

    return lines


def code(lines):
    """The whole of an example: torch's default type is that of the numbers."""
    return "\n".join(["import torch", *lines()])

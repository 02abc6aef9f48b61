"""Checks of what the training scripts have trained: `neuron`, `layer`, `network`."""

import torch

from . import data
from .calls import call, read, subject
from .messages import text
from .outcome import Row, Stop, Verdict, measured
from .topic import Topic
from .values import as_tensor, is_numeric, shape_text, type_name

CLOSE_ENOUGH = 0.5  # how far a trained weight may be from `coef`
TINY = 0.001  # a smaller distance is rounding, which differs between processors
DIVERGED = 1000  # `coef` has entries below 100
RELU_LOSS = 0.02  # the worst of 40 right trainings reached 0.012
MEMORISED_LOSS = 0.001  # the noise alone costs 0.0033, so nothing honest gets here
LINE_MARGIN = 0.005  # right networks come within 0.0001 of the best line; a constant stays 0.0168 away
FORWARD_MARGIN = 1e-2  # float32 rounding of predictions near 100 is 1e-5
CLASSES = {"neuron": "Neuron", "layer": "DenseLayer", "network": "NeuralNetwork"}
CONSTANT = 1e-4  # predictions that differ by less are one number
NEW_POINTS_FACTOR = 3  # 37 random points instead of 100 even ones


def _parameter(owner, name, shape):
    """A trained parameter in the contract's shape. Raises Stop for another number of entries or NaN."""
    value = as_tensor(read(owner, name), name)
    if value.numel() != torch.Size(shape).numel():
        key = "training.shape" if name == "bias" and shape else "training.other_shape"
        shapes = {"yours": shape_text(value), "expected": str(tuple(shape))}
        raise Stop(Verdict.SHAPE, text(key, name=name, **shapes))
    if not torch.isfinite(value).all():
        raise Stop(Verdict.WRONG, text("training.not_finite", name=name))
    return value.to(torch.float64).reshape(shape)


def _trained(model, name):
    """The learner's trained object. Raises Stop for none, for a class and for a tensor or a list."""
    if isinstance(subject(model, name), type):
        raise Stop(Verdict.WRONG, text("value.class", name=name, type=model.__name__))
    if is_numeric(model) or isinstance(model, (list, tuple, dict, str)):
        about = {"type": type_name(model), "wanted": CLASSES[name]}
        raise Stop(Verdict.WRONG, text("training.not_object", name=name, **about))


def regression_check(name, weights_shape, bias_shape):
    """The trained weights match the `coef` of make_regression and the bias matches 0.5."""

    def judge(neuron, coef, trials):
        _trained(neuron, name)
        weights = _parameter(neuron, "weights", weights_shape).flatten()
        bias = _parameter(neuron, "bias", bias_shape).flatten()
        expected = torch.as_tensor(coef, dtype=torch.float64).flatten()
        right_bias = torch.full((1,), 0.5, dtype=torch.float64)
        distances = {
            "weights": (weights - expected).abs().max().item(),
            "bias": (bias - right_bias).abs().max().item(),
        }
        shown = {
            name: f"{distance:.3g}" if distance >= TINY else f"< {TINY:g}"
            for name, distance in distances.items()
        }
        measured(text("measured.parameters", **shown), f"< {CLOSE_ENOUGH:g}")
        for parameter, distance in distances.items():
            about = {"name": parameter, "distance": f"{distance:.3g}"}
            if distance > DIVERGED:
                raise Stop(Verdict.WRONG, text("training.diverged", **about))
            if distance >= CLOSE_ENOUGH:  # a bias that was left at 0 is exactly 0.5 away
                raise Stop(Verdict.WRONG, text("training.far", **about))
        if trials:
            _check_forward(neuron, weights_shape, bias_shape)
        return Row(Verdict.OK)

    return judge


def _check_forward(neuron, weights_shape, bias_shape):
    """On rows it has never seen the trained neuron predicts what its own parameters say."""
    weights, bias = _parameter(neuron, "weights", weights_shape), _parameter(neuron, "bias", bias_shape)
    rows = torch.randn(*((4,) if len(weights_shape) == 1 else (7, 4)), dtype=torch.float64)
    got = _predict(neuron, as_tensor(neuron.weights, "weights").dtype, rows)
    expected = rows @ weights + bias
    if (
        got.numel() != expected.numel()
        or (got.reshape(expected.shape) - expected).abs().max() > FORWARD_MARGIN
    ):
        raise Stop(Verdict.WRONG, text("training.forward"))


def _predict(model, dtype, rows):
    """`model.forward` on `rows` in the dtype of the learner's training, which is the default meanwhile."""

    def forward(inputs):
        if dtype.is_floating_point:
            torch.set_default_dtype(dtype)  # `call` puts the learner's own back
        return model.forward(inputs)

    return as_tensor(call(forward, rows.to(dtype)), "forward")


def line_check(network, trials):
    """The trained network predicts the best line through the parabola, and does not beat it."""
    _check_biases(network)
    x, y = data.parabola()
    predictions = _predictions(network, x)
    about = {"distance": f"{_off_line(x, predictions):.2g}", "loss": f"{_loss(predictions, y):.5f}"}
    bounds = {"distance": f"≤ {LINE_MARGIN}", "loss": f"≥ {data.LINEAR_LOSS}"}
    measured(text("measured.line", **about), text("measured.line", **bounds))
    lowest = data.LINEAR_LOSS * (1 - 1e-3)
    if _loss(predictions, y) < lowest and _by_rows_alike(network, x, predictions):
        raise Stop(Verdict.WRONG, text("training.not_linear", **about | {"bound": f"{lowest:.5f}"}))
    _check_memorised(predictions, y, lowest)
    _check_on_line(network, x, predictions)
    if trials:
        x = _new_points()
        _check_on_line(network, x, _predictions(network, x))
    return Row(Verdict.OK)


def curve_check(network, trials):
    """The trained network's loss on the parabola is low, but no lower than the noise allows."""
    _check_biases(network)
    x, y = data.parabola()
    predictions = _predictions(network, x)
    loss = _loss(predictions, y)
    measured(text("measured.loss", loss=f"{loss:.5f}"), text("measured.loss", loss=f"≤ {RELU_LOSS}"))
    if not loss <= RELU_LOSS:
        _check_zeros(network)
        raise Stop(Verdict.WRONG, text("training.high", loss=f"{loss:.5f}", bound=f"{RELU_LOSS:.5f}"))
    _check_memorised(predictions, y, MEMORISED_LOSS)
    if trials:
        x = _new_points()
        loss = _loss(_predictions(network, x), x**2 + 0.1)  # the mean of the noise
        if not loss <= NEW_POINTS_FACTOR * RELU_LOSS:
            raise Stop(Verdict.WRONG, text("training.new_points", loss=f"{loss:.3g}"))
    return Row(Verdict.OK)


def _check_biases(network):
    """Raises Stop when a layer has a bias of another size than the contract's."""
    _trained(network, "network")
    for name, size in (("layer1", 10), ("layer2", 1)):
        _parameter(read(network, name), "bias", (size,))


def _check_memorised(predictions, y, lowest):
    """Raises Stop for a loss that only memorised answers can have."""
    loss = _loss(predictions, y)
    if loss < lowest:
        raise Stop(Verdict.WRONG, text("training.memorised", loss=f"{loss:.2g}", bound=f"{lowest:.5f}"))


def _by_rows_alike(network, x, predictions):
    """Whether the prediction depends on x alone: what is memorised depends on the number of the row."""
    turned = _predictions(network, x.flip(0)).flip(0)
    return (turned - predictions).abs().max().item() < LINE_MARGIN


def _off_line(x, predictions):
    """How far the predictions are from the best line."""
    return (predictions - data.SLOPE * x - data.INTERCEPT).abs().max().item()


def _check_on_line(network, x, predictions):
    """Raises Stop when a prediction is further from the best line than LINE_MARGIN."""
    distance = _off_line(x, predictions)
    if distance <= LINE_MARGIN:
        return
    _check_zeros(network)
    if (predictions.max() - predictions.min()).item() < CONSTANT:
        raise Stop(Verdict.WRONG, text("training.constant", value=f"{predictions[0].item():.3g}"))
    raise Stop(Verdict.WRONG, text("training.off_line", distance=f"{distance:.3g}"))


def _check_zeros(network):
    """Raises Stop when all weights of a layer are still the zeros from which no hidden unit ever learns."""
    for name in ("layer1", "layer2"):
        weights = as_tensor(read(read(network, name), "weights"), "weights")
        if not weights.any():
            raise Stop(Verdict.WRONG, text("training.zero_weights", name=f"{name}.weights"))


def _loss(predictions, y):
    return ((predictions - y) ** 2).mean().item()


def _new_points():
    """Points (37, 1) between those of the data."""
    return torch.rand(37, 1, dtype=torch.float32) * 2 - 1


def _predictions(network, x):
    """ŷ (100, 1) in float64, whichever dtype the learner trained in."""
    dtype = as_tensor(read(read(network, "layer1"), "weights"), "weights").dtype
    predictions = _predict(network, dtype, x)
    if predictions.shape != x.shape:
        raise Stop(
            Verdict.SHAPE,
            text(
                "value.forward_shape", name="forward", yours=shape_text(predictions), expected=shape_text(x)
            ),
        )
    return predictions.to(torch.float64)


def regression_topic(name, weights_shape, bias_shape):
    """The check of the learner's `name`, a neuron or layer trained on make_regression."""
    return Topic("training", bounds=True, result=regression_check(name, weights_shape, bias_shape))


sample_training = regression_topic("neuron", (4,), ())
batch_training = regression_topic("neuron", (4, 1), (1,))
layer_training = regression_topic("layer", (4, 1), (1,))
linear_training = Topic("training", where="snapshots", bounds=True, result=line_check)
relu_training = Topic("training", where="snapshots", bounds=True, result=curve_check)

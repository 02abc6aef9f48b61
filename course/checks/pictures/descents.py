"""The loss over the weights, and the way that gradient descent takes on it."""

import plotly.colors
import torch

from .. import standins
from ..calls import call, read, subject
from ..messages import text
from ..outcome import Stop, Verdict
from .attempts import fitting, number
from .figure import (
    ABOVE,
    BELOW,
    BLUE,
    GREY,
    ORANGE,
    axis,
    caption,
    columns,
    figure,
    lines,
    numbers,
    picture,
    scatter,
)
from .moving import animated

SLOPES = (-0.2, 0.1, 0.4, 0.7, 1.0, 1.3)  # values of w; the loss is smallest near 0.53
FLAT = 0.05  # a slope that does not show
LEAST = 1e-9  # what a loss of zero is on a logarithmic axis


@picture
def tangent(neuron_class, loss_class):
    """L(w) for one feature and, at several w, the straight line whose slope is the learner's dw."""
    inputs, target, bias = (torch.tensor(value, dtype=torch.float64) for value in ([1.5], 1.0, 0.2))
    loss = call(subject(loss_class, "SquaredLoss"))
    weights = torch.linspace(-0.6, 1.7, 60, dtype=torch.float64)
    losses = (weights * inputs + bias - target) ** 2
    still = [lines(weights, losses, text("picture.loss_curve"), color=BLUE)]
    frames = {}
    for weight in SLOPES:
        w = torch.tensor([weight], dtype=torch.float64)
        neuron = call(subject(neuron_class, "Neuron"), w.clone(), bias.clone())
        prediction = call(neuron.forward, inputs.clone())
        value = fitting(call(loss.forward, prediction, target), "loss", 1)
        call(neuron.backward, inputs.clone(), call(loss.backward, prediction, target))
        frames[number(weight)] = _tangent(w, value, fitting(read(neuron, "dw"), "dw", 1))
    axes = {
        "xaxis": axis(text("picture.weight"), range=[-0.65, 1.75]),
        "yaxis": axis(text("picture.loss"), range=[-0.75, 3.6]),
    }
    return animated("tangent_title", still, frames, "w = ", smooth=False, **axes)


def _tangent(w, value, slope):
    """The frame at one weight: line, point, and what the sign of the slope means."""
    nearby = w + torch.tensor([-0.45, 0.45], dtype=torch.float64)
    marker = {"size": 12, "color": ORANGE}
    dw = slope.item()
    if abs(dw) < FLAT:
        sign = "slope_flat"
    else:
        sign = "slope_falls" if dw < 0 else "slope_rises" if dw > 0 else "slope_nan"
    sentence = text(f"picture.{sign}", value=number(round(dw, 2)))
    return [
        lines(
            nearby, value + slope * (nearby - w), text("picture.tangent"), color=ORANGE, dash="dash", width=3
        ),
        scatter(w, value, text("picture.point"), "markers", marker=marker),
        caption(0.55, 3.3, [sentence]),
    ]


@picture
def contours(neuron_class, loss_class):
    """The loss over two weights and ten steps against the learner's gradient."""
    generator, exact = torch.Generator().manual_seed(3), {"dtype": torch.float64}
    inputs = torch.randn(30, 2, generator=generator, **exact) * torch.tensor([1.0, 0.6])
    best = torch.tensor([[1.0], [-0.5]], **exact)
    target = inputs @ best + 0.5
    start = torch.tensor([[-1.2], [1.4]], **exact), torch.tensor([0.5], **exact)
    neuron = call(subject(neuron_class, "Neuron"), *start)
    loss = call(subject(loss_class, "MSELoss"))
    path = [fitting(read(neuron, "weights"), "weights", 2, 1)]
    for _ in range(10):
        prediction = call(neuron.forward, inputs)
        call(neuron.backward, inputs, call(loss.backward, prediction, target))
        call(neuron.step, 0.25)
        path.append(fitting(read(neuron, "weights"), "weights", 2, 1))
    path = torch.stack(path)[:, :, 0]
    side = torch.linspace(-2, 2, 25, **exact)
    weights = torch.stack(torch.meshgrid(side, side, indexing="xy"))
    errors = torch.tensordot(inputs, weights, 1) + 0.5 - target[..., None]
    surface = {
        "type": "contour",
        "x": numbers(side),
        "y": numbers(side),
        "z": [numbers(row) for row in (errors**2).mean(0)],
        "colorscale": plotly.colors.get_colorscale("Blues"),  # plotly.js has another one of this name
        "showscale": False,
        "ncontours": 20,
    }
    way = scatter(*path.T, text("picture.path"), "lines+markers", line={"color": ORANGE})
    minimum = scatter(*best, text("picture.minimum"), "markers", marker={"symbol": "x"})
    return figure(
        "contours_title",
        [surface, way, minimum],
        height=540,
        legend={**ABOVE, "x": 0.5, "xanchor": "center"},
        xaxis=axis("w₁", constrain="domain"),
        yaxis=axis("w₂", scaleanchor="x"),
    )


@picture
def descent(update, layer, coef, epochs):
    """The loss and the way of the weights to `coef`, update by update.

    `update(layer, loss)` runs one of the learner's epochs or steps on a `standins.WatchedLayer` and returns
    its losses.
    """
    losses = []
    for _ in range(epochs):
        result = call(update, layer, standins.Loss())
        if result is None:
            raise Stop(Verdict.UNDONE, text("call.undone"))
        losses += call(_losses, result)
    path = [*(one[:2] for one in layer.passes), (layer.weights, layer.bias)]
    weights, biases = (torch.stack(values).reshape(len(path), -1).T for values in zip(*path, strict=True))
    losses = torch.tensor(losses, dtype=torch.float64).clamp(min=LEAST)
    updates = torch.arange(len(path))
    loss = lines(torch.arange(len(losses)), losses, text("picture.loss"), showlegend=False)
    loss["y"] = numbers(losses, significant=True)
    values = [lines(updates, way, f"w{number}") for number, way in enumerate(weights, start=1)]
    values.append(lines(updates, biases[0], text("picture.bias"), dash="dash"))
    values.append(_levels(len(layer.passes), torch.as_tensor(coef), text("picture.target")))
    x_axis, logarithmic = axis(text("picture.updates")), axis("", type="log", dtick=1, tickformat="~g")
    traces, layout = columns(
        0.1,
        (text("picture.loss"), [loss], x_axis, logarithmic),
        (text("picture.value"), values, x_axis, axis("")),
    )
    return figure("descent_title", traces, legend=BELOW, **layout)


def _losses(result):
    """The losses of one call as numbers."""
    return fitting(torch.as_tensor(result), "losses").flatten().tolist()


def _levels(end, heights, name):
    """Dotted lines from 0 to `end` at some heights, as one trace with gaps."""
    y = [value for height in numbers(heights) for value in (height, height, None)]
    line = {"dash": "dot", "color": GREY}
    x = [0, end, None] * len(heights)
    return {"type": "scatter", "x": x, "y": y, "name": name, "mode": "lines", "line": line}

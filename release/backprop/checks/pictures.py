"""Pictures of the notebooks, drawn from the learner's own classes and functions.

A figure is plotly's JSON as a plain dict: plotly's own objects check every property, which is slow.
"""

import functools

import plotly.colors
import plotly.io
import torch

from . import data, reference, standins
from .calls import call, subject
from .messages import text
from .outcome import CheckFailed, Stop
from .report import wrap

DIGITS = 3  # outputs are compared when the notebooks run again
BLUE, ORANGE, GREY = "#1f77b4", "#ff7f0e", "#7f7f7f"
LIGHT, CLEAR = "rgba(127,127,127,0.3)", "rgba(0,0,0,0)"
ABOVE = {"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"}
BELOW = {"orientation": "h", "y": -0.22, "x": 1, "xanchor": "right", "yanchor": "top"}
RANGE = [-0.35, 1.3]  # of y in the pictures of the parabola
KINKS = (0, 5, 10, 20, 30, 40, 50, 60, 80, 100)


def picture(draw):
    """Show the figure that `draw` returns; while the learner's code does not work yet, say so instead."""

    @functools.wraps(draw)
    def show(*subjects, **options):
        try:
            fig = draw(*subjects, **options)
        except Stop as stop:
            sentence = text("picture.undone", reason=stop.message)
            raise CheckFailed(wrap(sentence), sentence.key) from None
        plotly.io.show(fig, validate=False)  # test_pictures.py validates

    return show


def _figure(title, traces, **layout):
    """A figure in colours that suit a light and a dark notebook."""
    common = {
        "title": {"text": text(f"picture.{title}")},
        "height": 440,
        "margin": {"t": 95, "b": 100, "l": 60, "r": 30},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": GREY},
        "legend": ABOVE,
        "modebar": {"bgcolor": CLEAR, "color": GREY, "activecolor": ORANGE},
    }
    return {"data": traces, "layout": common | layout}


def _axis(title, **options):
    grid = {"gridcolor": LIGHT, "zerolinecolor": "rgba(127,127,127,0.5)"}
    return {"title": {"text": title}, **grid, **options}


def _columns(gap, *columns):
    """Traces and layout of subplots in one row; a column is a title, traces, an x axis and a y axis."""
    width = (1 + gap) / len(columns) - gap
    traces, layout = [], {"annotations": []}
    for column, (title, own, x_axis, y_axis) in enumerate(columns):
        left, number = column * (width + gap), column + 1 if column else ""
        x, y = f"x{number}", f"y{number}"
        traces += [{**trace, "xaxis": x, "yaxis": y} for trace in own]
        layout[f"xaxis{number}"] = {**x_axis, "anchor": y, "domain": [left, left + width]}
        layout[f"yaxis{number}"] = {**y_axis, "anchor": x}
        layout["annotations"].append(
            {
                "text": title, "font": {"size": 16}, "showarrow": False, "xref": "paper", "yref": "paper",
                "x": left + width / 2, "y": 1, "xanchor": "center", "yanchor": "bottom",
            }
        )  # fmt: skip
    return traces, layout


def _numbers(tensor):
    return [round(value, DIGITS) for value in tensor.detach().to(torch.float64).flatten().tolist()]


def _trace(x, y, name, mode, **style):
    return {"type": "scatter", "x": _numbers(x), "y": _numbers(y), "name": name, "mode": mode, **style}


def _lines(x, y, name, showlegend=True, **style):
    return _trace(x, y, name, "lines", showlegend=showlegend, line={"simplify": False, **style})


@picture
def tangent(neuron_class, loss_class):
    """L(w) for one feature and the straight line with the slope dw that the learner's backward gives."""
    inputs, target = torch.tensor([1.5]), torch.tensor(1.0)
    neuron = call(subject(neuron_class, "Neuron"), torch.tensor([1.6]), torch.tensor(0.2))
    loss = call(subject(loss_class, "SquaredLoss"))
    prediction = call(neuron.forward, inputs)
    value = call(loss.forward, prediction, target)
    call(neuron.backward, inputs, call(loss.backward, prediction, target))
    weights = torch.linspace(-0.6, 1.9, 60)
    losses = (weights * inputs + 0.2 - target) ** 2
    nearby = torch.linspace(1.1, 2.0, 2)
    line = value + neuron.dw * (nearby - neuron.weights)
    marker = {"size": 10, "color": ORANGE}
    traces = [
        _lines(weights, losses, text("picture.loss_curve"), color=BLUE),
        _lines(nearby, line, text("picture.tangent"), color=ORANGE, dash="dash"),
        _trace(neuron.weights, value, text("picture.point"), "markers", marker=marker),
    ]
    axes = {"xaxis": _axis(text("picture.weight")), "yaxis": _axis(text("picture.loss"))}
    return _figure("tangent_title", traces, **axes)


@picture
def contours(neuron_class, loss_class):
    """The loss over two weights and ten steps against the learner's gradient."""
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(30, 2, generator=generator) * torch.tensor([1.0, 0.6])
    best = torch.tensor([[1.0], [-0.5]])
    target = inputs @ best + 0.5
    neuron = call(subject(neuron_class, "Neuron"), torch.tensor([[-1.2], [1.4]]), torch.tensor([0.5]))
    loss = call(subject(loss_class, "MSELoss"))
    path = [neuron.weights.clone()]
    for _ in range(10):
        prediction = call(neuron.forward, inputs)
        call(neuron.backward, inputs, call(loss.backward, prediction, target))
        call(neuron.step, 0.25)
        path.append(neuron.weights.clone())
    path = torch.stack(path)[:, :, 0]
    axis = torch.linspace(-2, 2, 25)
    weights = torch.stack(torch.meshgrid(axis, axis, indexing="xy"))
    errors = torch.tensordot(inputs, weights, 1) + 0.5 - target[..., None]
    surface = {
        "type": "contour",
        "x": _numbers(axis),
        "y": _numbers(axis),
        "z": [_numbers(row) for row in (errors**2).mean(0)],
        "colorscale": plotly.colors.get_colorscale("Blues"),  # plotly.js has another one of this name
        "showscale": False,
        "ncontours": 20,
    }
    way = _trace(*path.T, text("picture.path"), "lines+markers", line={"color": ORANGE})
    minimum = _trace(*best, text("picture.minimum"), "markers", marker={"symbol": "x"})
    return _figure(
        "contours_title",
        [surface, way, minimum],
        height=540,
        legend={**ABOVE, "x": 0.5, "xanchor": "center"},
        xaxis=_axis("w₁", constrain="domain"),
        yaxis=_axis("w₂", scaleanchor="x"),
    )


@picture
def gradient_maps(layer_class):
    """dw (6, 4) of the learner and of torch, and their difference, as heat maps on one scale."""
    generator = torch.Generator().manual_seed(5)
    shapes = {"inputs": (9, 6), "weights": (6, 4), "bias": (4,), "dldy": (9, 4)}
    values = {
        name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()
    }
    layer = call(subject(layer_class, "DenseLayer"), values["weights"].clone(), values["bias"].clone())
    call(layer.backward, values["inputs"], values["dldy"])
    expected = reference.layer_gradients(**values)["dw"]
    x_axis, first = _axis(text("picture.output")), _axis(text("picture.input"), autorange="reversed")
    other = _axis("", autorange="reversed", matches="y", showticklabels=False)
    maps = {"yours": layer.dw, "torch": expected, "difference": layer.dw - expected}
    columns = [
        (text(f"picture.{name}"), [_heat_map(values)], x_axis, first if name == "yours" else other)
        for name, values in maps.items()
    ]
    traces, layout = _columns(1 / 15, *columns)
    colours = {"colorscale": plotly.colors.get_colorscale("RdBu"), "cmid": 0}
    return _figure("maps_title", traces, coloraxis=colours, **layout)


def _heat_map(values):
    rows = [_numbers(row + 0.0) for row in values.round(decimals=DIGITS)]
    return {"type": "heatmap", "z": rows, "coloraxis": "coloraxis", "xgap": 1, "ygap": 1}


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
            call(_undone)
        losses += [float(loss) for loss in torch.as_tensor(result).flatten()]
    path = [*(one[:2] for one in layer.passes), (layer.weights, layer.bias)]
    weights, biases = (torch.stack(values).reshape(len(path), -1).T for values in zip(*path, strict=True))
    losses, updates = torch.tensor(losses), torch.arange(len(path))
    loss = _lines(torch.arange(len(losses)), losses, text("picture.loss"), showlegend=False)
    values = [_lines(updates, way, f"w{number}") for number, way in enumerate(weights, start=1)]
    values.append(_lines(updates, biases[0], text("picture.bias"), dash="dash"))
    values.append(_levels(len(layer.passes), torch.as_tensor(coef), text("picture.target")))
    x_axis, logarithmic = _axis(text("picture.updates")), _axis("", type="log", dtick=1, tickformat="~g")
    traces, layout = _columns(
        0.1,
        (text("picture.loss"), [loss], x_axis, logarithmic),
        (text("picture.value"), values, x_axis, _axis("")),
    )
    return _figure("descent_title", traces, legend=BELOW, **layout)


def _undone():
    raise NotImplementedError


def _levels(end, heights, name):
    """Dotted lines from 0 to `end` at some heights, as one trace with gaps."""
    y = [value for height in _numbers(heights) for value in (height, height, None)]
    line = {"dash": "dot", "color": GREY}
    x = [0, end, None] * len(heights)
    return {"type": "scatter", "x": x, "y": y, "name": name, "mode": "lines", "line": line}


def _animated(title, still, frames):
    """A figure over the parabola: its `still` trace and one after another the traces of each epoch's frame.

    A slider and a play button have margins of their own.
    """
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    moving = {
        "frame": {"duration": 500, "redraw": False},
        "transition": {"duration": 400},
        "fromcurrent": True,
        "mode": "immediate",
    }
    slider = {
        "steps": [{"label": name, "method": "animate", "args": [[name], at_once]} for name in frames],
        "currentvalue": {"prefix": text("picture.epoch") + " "},
        "pad": {"t": 50},
        "x": 0.16,
        "len": 0.84,
        "bgcolor": LIGHT,
        "bordercolor": GREY,
        "tickcolor": GREY,
        "activebgcolor": ORANGE,
    }
    buttons = {
        "type": "buttons",
        "buttons": [{"label": text("picture.play"), "method": "animate", "args": [None, moving]}],
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": 55},
        "bgcolor": CLEAR,
        "bordercolor": GREY,
        "showactive": False,
    }
    first = next(iter(frames.values()))
    places = list(range(1, 1 + len(first)))
    axes = {"xaxis": _axis("x"), "yaxis": _axis("y", range=RANGE)}
    fig = _figure(title, [still, *first], height=500, sliders=[slider], updatemenus=[buttons], **axes)
    steps = [{"name": name, "data": traces, "traces": places} for name, traces in frames.items()]
    return {**fig, "frames": steps}


def _cloud(x, y):
    return _trace(x, y, text("picture.data"), "markers", marker={"color": GREY, "size": 5})


def _prediction(x, y):
    return _lines(x, y, text("picture.prediction"), color=ORANGE, width=3)


def _triangles(x):
    """Marks on the lower edge of the picture."""
    marker = {"symbol": "triangle-up", "size": 11, "color": BLUE}
    return _trace(x, torch.full_like(x, -0.25), text("picture.kinks"), "markers", marker=marker)


@picture
def animation(x, y, snapshots):
    """The learner's snapshots one after another, with a slider over the epochs."""
    subject(snapshots, "snapshots")
    frames = {str(epoch): [_prediction(x, values)] for epoch, values in sorted(snapshots.items())}
    return _animated("animation_title", _cloud(x, y), frames)


@picture
def memorising():
    """What a bias per sample does: a purely linear network that seems to fit a parabola."""
    x, y = data.parabola()
    design = torch.cat([x, torch.ones_like(x)], dim=1)
    line = design @ torch.linalg.lstsq(design, y).solution
    left = (1 - 0.02) ** 400  # each row's bias follows its own residual, as db = dldy makes it do
    traces = [
        _cloud(x, y),
        _lines(x, line, text("picture.line"), color=BLUE, width=3),
        _lines(x, y - left * (y - line), text("picture.memorised"), color=ORANGE, width=1),
    ]
    return _figure("memorising_title", traces, xaxis=_axis("x"), yaxis=_axis("y"))


@picture
def kinks(network_class):
    """Training of the learner's network on stand-in layers: where the ReLUs switch on, epoch by epoch."""
    x, y = data.parabola()
    signs = 0.7 * torch.tensor([[1.0, -1.0] * 5])
    layer1 = standins.Layer(signs, -signs[0] * torch.linspace(-0.2, 0.2, 10))
    layer2 = standins.Layer(
        0.1 * torch.randn(10, 1, generator=torch.Generator().manual_seed(0)), torch.zeros(1)
    )
    network = call(subject(network_class, "NeuralNetwork"), layer1, layer2)
    network.relu = standins.ReLU()
    loss, frames = standins.Loss(), {}
    for epoch in range(KINKS[-1] + 1):
        prediction = call(network.forward, x)
        if epoch in KINKS:
            where = -network.layer1.bias / network.layer1.weights[0]
            frames[str(epoch)] = [_prediction(x, prediction), _triangles(where[where.abs() < 1])]
        call(network.backward, x, loss.backward(prediction, y))
        call(network.step, 0.7)
    return _animated("kinks_title", _cloud(x, y), frames)

"""Pictures of the notebooks, drawn from the learner's own classes and functions."""

import functools

import plotly.graph_objects as go
import torch
from plotly.subplots import make_subplots

from . import data, reference, standins
from .calls import call, subject
from .messages import text
from .outcome import CheckFailed, Stop
from .report import wrap

DIGITS = 3  # outputs are compared when the notebooks run again
BLUE, ORANGE, GREY = "#1f77b4", "#ff7f0e", "#7f7f7f"
CLEAR = "rgba(0,0,0,0)"
RANGE = [-0.35, 1.3]  # of y in the pictures of the parabola
KINKS = (0, 5, 10, 25, 50, 100, 150, 200, 300, 400)


def picture(draw):
    """`draw` returns a figure; while the learner's code does not work yet, say so instead."""

    @functools.wraps(draw)
    def show(*subjects, **options):
        try:
            return draw(*subjects, **options)
        except Stop as stop:
            sentence = text("picture.undone", reason=stop.message)
            raise CheckFailed(wrap(sentence), sentence.key) from None

    return show


def _style(fig):
    """Colours that suit a light and a dark notebook."""
    grid = {"gridcolor": "rgba(127,127,127,0.3)", "zerolinecolor": "rgba(127,127,127,0.5)"}
    fig.update_layout(template="none", paper_bgcolor=CLEAR, plot_bgcolor=CLEAR, font_color=GREY)
    fig.update_layout(margin={"t": 95, "b": 100, "l": 60, "r": 30}, height=500 if fig.layout.sliders else 440)
    fig.update_layout(legend={"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"})
    fig.update_layout(modebar={"bgcolor": CLEAR, "color": GREY, "activecolor": ORANGE})
    return fig.update_xaxes(**grid).update_yaxes(**grid)


def _numbers(tensor):
    return [round(value, DIGITS) for value in tensor.detach().to(torch.float64).flatten().tolist()]


def _lines(x, y, name, **style):
    return go.Scatter(x=_numbers(x), y=_numbers(y), name=name, mode="lines", **style).update(
        line_simplify=False
    )


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
    fig = go.Figure()
    fig.add_trace(_lines(weights, losses, text("picture.loss_curve"), line_color=BLUE))
    line = value + neuron.dw * (nearby - neuron.weights)
    fig.add_trace(_lines(nearby, line, text("picture.tangent"), line={"color": ORANGE, "dash": "dash"}))
    point = {"x": _numbers(neuron.weights), "y": _numbers(value), "name": text("picture.point")}
    fig.add_trace(go.Scatter(**point, mode="markers", marker={"size": 10, "color": ORANGE}))
    return _style(fig).update_layout(
        title=text("picture.tangent_title"),
        xaxis_title=text("picture.weight"),
        yaxis_title=text("picture.loss"),
    )


@picture
def contours(neuron_class, loss_class):
    """The loss over two weights and ten steps against the learner's gradient."""
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(30, 2, generator=generator) * torch.tensor([1.0, 0.6])
    target = inputs @ torch.tensor([[1.0], [-0.5]]) + 0.5
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
    surface = [
        [((inputs @ torch.stack([a, b])[:, None] + 0.5 - target) ** 2).mean() for a in axis] for b in axis
    ]
    fig = go.Figure()
    levels = [_numbers(torch.stack(row)) for row in surface]
    fig.add_trace(
        go.Contour(
            x=_numbers(axis), y=_numbers(axis), z=levels, colorscale="Blues", showscale=False, ncontours=20
        )
    )
    fig.add_trace(
        go.Scatter(
            x=_numbers(path[:, 0]), y=_numbers(path[:, 1]), name=text("picture.path"),
            mode="lines+markers", line_color=ORANGE, showlegend=True,
        )
    )  # fmt: skip
    minimum = go.Scatter(x=[1], y=[-0.5], name=text("picture.minimum"), mode="markers", marker_symbol="x")
    fig.add_trace(minimum)
    fig.update_xaxes(title="w₁", constrain="domain").update_yaxes(title="w₂", scaleanchor="x")
    return _style(fig).update_layout(
        title=text("picture.contours_title"), height=540, legend={"x": 0.5, "xanchor": "center"}
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
    titles = [text(f"picture.{name}") for name in ("yours", "torch", "difference")]
    fig = make_subplots(rows=1, cols=3, subplot_titles=titles, shared_yaxes=True)
    for column, values in enumerate((layer.dw, expected, layer.dw - expected), start=1):
        rows = [_numbers(row + 0.0) for row in values.round(decimals=DIGITS)]
        fig.add_trace(go.Heatmap(z=rows, coloraxis="coloraxis", xgap=1, ygap=1), row=1, col=column)
    fig.update_layout(title=text("picture.maps_title"), coloraxis={"colorscale": "RdBu", "cmid": 0})
    fig.update_xaxes(title=text("picture.output"))
    fig.update_yaxes(title=text("picture.input"), col=1)
    return _style(fig).update_yaxes(autorange="reversed")


@picture
def descent(update, layer, coef, epochs=30):
    """The loss and the way of the weights to `coef`.

    `update(layer, loss)` runs one of the learner's epochs or steps and returns its losses.
    """
    losses, weights, biases = [], [layer.weights.clone()], [layer.bias.clone()]
    for _ in range(epochs):
        result = call(update, layer, standins.Loss())
        if result is None:
            call(_undone)
        losses += [float(loss) for loss in torch.as_tensor(result).flatten()]
        weights.append(layer.weights.clone())
        biases.append(layer.bias.clone())
    fig = make_subplots(rows=1, cols=2, subplot_titles=[text("picture.loss"), text("picture.value")])
    losses = torch.tensor(losses)
    fig.add_trace(
        _lines(torch.arange(len(losses)), losses, text("picture.loss"), showlegend=False), row=1, col=1
    )
    finished = torch.arange(len(weights))
    paths = torch.stack(weights).reshape(len(weights), -1).T
    for number, (path, target) in enumerate(zip(paths, coef, strict=True), start=1):
        fig.add_trace(_lines(finished, path, f"w{number}"), row=1, col=2)
        fig.add_hline(y=round(float(target), DIGITS), line={"dash": "dot", "color": GREY}, row=1, col=2)
    bias = torch.stack(biases).reshape(len(biases), -1)[:, 0]
    fig.add_trace(_lines(finished, bias, text("picture.bias"), line_dash="dash"), row=1, col=2)
    legend_only = {"x": [None], "y": [None], "mode": "lines", "line": {"dash": "dot", "color": GREY}}
    fig.add_trace(go.Scatter(**legend_only, name=text("picture.target")), row=1, col=2)
    fig.update_yaxes(type="log", dtick=1, tickformat="~g", row=1, col=1)
    fig.update_xaxes(title=text("picture.updates"), row=1, col=1)
    fig.update_xaxes(title=text("picture.epoch"), row=1, col=2)
    legend = {"orientation": "h", "y": -0.22, "x": 1, "xanchor": "right", "yanchor": "top"}
    return _style(fig).update_layout(title=text("picture.descent_title"), legend=legend)


def _undone():
    raise NotImplementedError


def _slider(fig, names):
    """Add a slider and a play button over the frames of `fig`, in margins of their own."""
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    moving = {
        "frame": {"duration": 500, "redraw": False},
        "transition": {"duration": 400},
        "fromcurrent": True,
        "mode": "immediate",
    }
    slider = {
        "steps": [{"label": name, "method": "animate", "args": [[name], still]} for name in names],
        "currentvalue": {"prefix": text("picture.epoch") + " "},
        "pad": {"t": 50},
        "x": 0.16,
        "len": 0.84,
        "bgcolor": "rgba(127,127,127,0.3)",
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
    fig.update_layout(sliders=[slider], updatemenus=[buttons])


def _cloud(x, y):
    return go.Scatter(
        x=_numbers(x),
        y=_numbers(y),
        name=text("picture.data"),
        mode="markers",
        marker={"color": GREY, "size": 5},
    )


def _prediction(x, y):
    return _lines(x, y, text("picture.prediction"), line={"color": ORANGE, "width": 3})


def _triangles(x):
    """Marks on the lower edge of the picture."""
    marker = {"symbol": "triangle-up", "size": 11, "color": BLUE}
    y = [-0.25] * len(x)
    return go.Scatter(x=_numbers(x), y=y, name=text("picture.kinks"), mode="markers", marker=marker)


@picture
def animation(x, y, snapshots):
    """The learner's snapshots one after another, with a slider over the epochs."""
    subject(snapshots, "snapshots")
    curves = [(str(epoch), _prediction(x, values)) for epoch, values in sorted(snapshots.items())]
    fig = go.Figure(data=[_cloud(x, y), curves[0][1]])
    fig.frames = [go.Frame(name=name, data=[curve], traces=[1]) for name, curve in curves]
    _slider(fig, [name for name, _ in curves])
    fig.update_yaxes(range=RANGE)
    return _style(fig).update_layout(title=text("picture.animation_title"), xaxis_title="x", yaxis_title="y")


@picture
def memorising():
    """What a bias per sample does: a purely linear network that seems to fit a parabola."""
    x, y = data.parabola()
    design = torch.cat([x, torch.ones_like(x)], dim=1)
    line = design @ torch.linalg.lstsq(design, y).solution
    biases = torch.zeros_like(y)
    for _ in range(400):  # each row's bias follows its own residual, as db = dldy makes it do
        biases = biases - 0.02 * (line + biases - y)
    fig = go.Figure(data=[_cloud(x, y)])
    fig.add_trace(_lines(x, line, text("picture.line"), line={"color": BLUE, "width": 3}))
    fig.add_trace(_lines(x, line + biases, text("picture.memorised"), line={"color": ORANGE, "width": 1}))
    return _style(fig).update_layout(title=text("picture.memorising_title"), xaxis_title="x", yaxis_title="y")


@picture
def kinks(network_class):
    """Training of the learner's network on stand-in layers: where the ReLUs switch on, epoch by epoch."""
    x, y = data.parabola()
    signs = torch.tensor([[1.0, -1.0] * 5])
    layer1 = standins.Layer(signs, -signs[0] * torch.linspace(-0.3, 0.3, 10))
    layer2 = standins.Layer(
        0.1 * torch.randn(10, 1, generator=torch.Generator().manual_seed(0)), torch.zeros(1)
    )
    network = call(subject(network_class, "NeuralNetwork"), layer1, layer2)
    network.relu = standins.ReLU()
    loss, frames = standins.Loss(), []
    for epoch in range(KINKS[-1] + 1):
        prediction = call(network.forward, x)
        if epoch in KINKS:
            where = -network.layer1.bias / network.layer1.weights[0]
            frames.append((str(epoch), prediction, where[where.abs() < 1]))
        call(network.backward, x, loss.backward(prediction, y))
        call(network.step, 0.4)
    drawn = [(name, [_prediction(x, curve), _triangles(where)]) for name, curve, where in frames]
    fig = go.Figure(data=[_cloud(x, y), *drawn[0][1]])
    fig.frames = [go.Frame(name=name, data=traces, traces=[1, 2]) for name, traces in drawn]
    _slider(fig, [name for name, _ in drawn])
    fig.update_yaxes(range=RANGE)
    return _style(fig).update_layout(title=text("picture.kinks_title"), xaxis_title="x", yaxis_title="y")

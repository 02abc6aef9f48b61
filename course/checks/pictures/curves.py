"""Predictions over the parabola of tasks 5 and 6: epoch by epoch, kink by kink, unit by unit."""

import torch

from .. import data, standins
from ..calls import call, read, subject
from ..messages import text
from ..outcome import Stop, Verdict
from ..values import shape_text
from .attempts import fitting, number
from .figure import BLUE, GREY, ORANGE, axis, caption, figure, lines, picture, scatter
from .moving import animated

RANGE = (-0.35, 1.3)  # of y, at least
FURTHEST = 8  # of y in later frames: a training that explodes does not flatten the others
MOST = 60  # frames of the learner's own, and hidden units
KINKS = (0, 5, 10, 20, 30, 40, 50, 60, 80, 100)


def _over_the_data(title, x, y, frames, prefix, extra=()):
    """An animation over the points; the axis holds the first frame and, unless they run away, the others."""
    low, high = RANGE
    for count, traces in enumerate(frames.values()):
        heights = [
            height for trace in traces if "text" not in trace for height in trace["y"] if height is not None
        ]
        if count:
            heights = [min(max(height, -FURTHEST), FURTHEST) for height in heights]
        room = 0.05 * (max(heights) - min(heights)) if heights else 0
        low, high = min([low, *(h - room for h in heights)]), max([high, *(h + room for h in heights)])
    said = [trace for traces in frames.values() for trace in traces if "text" in trace]
    if said:  # over all curves
        high += 0.12 * (high - low)
    for trace in said:
        trace["y"] = [round(high - 0.05 * (high - low), 2)]
    axes = {"xaxis": axis("x"), "yaxis": axis("y", range=[round(low, 2), round(high, 2)])}
    return animated(title, [_cloud(x, y), *extra], frames, prefix, **axes)


def _cloud(x, y):
    return scatter(x, y, text("picture.data"), "markers", marker={"color": GREY, "size": 5})


def _prediction(x, y):
    return lines(x, y, text("picture.prediction"), color=ORANGE, width=3)


def _triangles(x):
    """Marks on the lower edge of the picture."""
    marker = {"symbol": "triangle-up", "size": 11, "color": BLUE}
    return scatter(x, torch.full_like(x, -0.25), text("picture.kinks"), "markers", marker=marker)


@picture
def animation(x, y, snapshots):
    """The learner's snapshots one after another, with a slider over the epochs."""
    subject(snapshots, "snapshots")
    shots = call(lambda: sorted(snapshots.items()))
    if not shots:
        raise Stop(Verdict.UNDONE, text("value.none", name="snapshots"))
    every = -(-len(shots) // MOST)
    shots = shots[::every] if (len(shots) - 1) % every == 0 else [*shots[::every], shots[-1]]
    frames = {
        str(epoch): [_prediction(x, fitting(values, f"snapshots[{epoch}]", x.numel()))]
        for epoch, values in shots
    }
    return _over_the_data("animation_title", x, y, frames, text("picture.epoch") + " ")


@picture
def memorising():
    """What a bias per sample does: a purely linear network that seems to fit a parabola."""
    x, y = (column.double() for column in data.parabola())
    design = torch.cat([x, torch.ones_like(x)], dim=1)
    line = design @ torch.linalg.lstsq(design, y).solution
    left = (1 - 0.02) ** 400  # each row's bias follows its own residual, as db = dldy makes it do
    traces = [
        _cloud(x, y),
        lines(x, line, text("picture.line"), color=BLUE, width=3),
        lines(x, y - left * (y - line), text("picture.memorised"), color=ORANGE, width=1),
    ]
    return figure("memorising_title", traces, xaxis=axis("x"), yaxis=axis("y"))


@picture
def kinks(network_class):
    """Training of the learner's network on stand-in layers: where the ReLUs switch on, epoch by epoch."""
    exact = {"dtype": torch.float64}  # a hundred epochs in float32 would end elsewhere on another processor
    x, y = (column.to(**exact) for column in data.parabola())
    signs = 0.7 * torch.tensor([[1.0, -1.0] * 5], **exact)
    layer1 = standins.Layer(signs, -signs[0] * torch.linspace(-0.2, 0.2, 10, **exact))
    small = 0.1 * torch.randn(10, 1, generator=torch.Generator().manual_seed(0))
    layer2 = standins.Layer(small.to(**exact), torch.zeros(1, **exact))
    network = call(subject(network_class, "NeuralNetwork"), layer1, layer2)
    network.relu = standins.ReLU()
    loss, frames = standins.Loss(), {}
    for epoch in range(KINKS[-1] + 1):
        prediction = call(network.forward, x)
        if epoch in KINKS:
            where = -layer1.bias / layer1.weights[0]
            shown = fitting(prediction, "forward", x.numel())
            frames[str(epoch)] = [_prediction(x, shown), _triangles(where[where.abs() < 1])]
        call(network.backward, x, call(loss.backward, prediction, y))
        call(network.step, 0.7)
    return _over_the_data("kinks_title", x, y, frames, text("picture.epoch") + " ")


@picture
def hidden_units(network, x, y):
    """The prediction of the learner's network, put together from b₂ and one hidden unit after another.

    A unit's own contribution is its activation times its weight in the second layer.
    """
    owners = [read(subject(network, "network"), name) for name in ("layer1", "layer2")]
    w1, b1, w2, b2 = (fitting(read(layer, name), name) for layer in owners for name in ("weights", "bias"))
    if w1.shape != (1, b1.numel()) or w2.shape != (b1.numel(), 1) or b2.numel() != 1 or b1.numel() > MOST:
        shapes = {"w1": shape_text(w1), "b1": shape_text(b1), "w2": shape_text(w2), "b2": shape_text(b2)}
        raise Stop(Verdict.SHAPE, text("picture.unit_shapes", **shapes))
    prediction = fitting(call(network.forward, x.to(_trained_in(owners[0]))), "forward", x.numel())
    units = (x.to(torch.float64) @ w1 + b1.flatten()).clamp(min=0) * w2.T
    kinks = -b1.flatten() / w1[0]
    dead = (units == 0).all(0)
    order = (
        torch.where(dead, torch.inf, kinks).nan_to_num().argsort().tolist()
    )  # from the left, dead ones last
    total = torch.full((x.numel(),), b2.item(), dtype=torch.float64)
    frames = {
        "0": [
            *_unit(x, torch.full_like(total, torch.nan), total),
            _said(text("picture.only_bias", value=number(b2.item()))),
        ]
    }
    for count, unit in enumerate(order, start=1):
        own = units[:, unit]
        total = total + own
        state = "unit_dead" if dead[unit] else "unit_line" if (own != 0).all() else "unit_kink"
        place = number(round(kinks[unit].item(), 2))
        sentence = text(
            f"picture.{state}", unit=unit, place=place, weight=number(round(w2[unit, 0].item(), 2))
        )
        frames[str(count)] = [*_unit(x, own, total), _said(sentence)]
    whole = lines(x, prediction, text("picture.whole"), color=GREY, dash="dot")
    return _over_the_data("units_title", x, y, frames, text("picture.units") + " ", [whole])


def _trained_in(layer):
    """The dtype of a layer's weights, if they have one."""
    dtype = getattr(read(layer, "weights"), "dtype", None)
    return dtype if isinstance(dtype, torch.dtype) and dtype.is_floating_point else torch.float32


def _unit(x, own, total):
    return [
        lines(x, own, text("picture.unit"), color=BLUE, width=2),
        lines(x, total, text("picture.partial"), color=ORANGE, width=3),
    ]


def _said(sentence):
    """What a frame says; `_over_the_data` finds the place above the curves."""
    return caption(0, 0, [sentence])

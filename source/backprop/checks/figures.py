"""Check of `fig`: the cloud of points, at least four intermediate predictions and the final one."""

from dataclasses import dataclass

import plotly.graph_objects as go
import torch

from . import data
from .calls import subject
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic

CURVES = 5  # four intermediate epochs and the last one
SAME = 2e-3  # a reader cannot tell curves apart that are nearer than this; figures round their data


@dataclass
class Curve:
    """The points of one trace, ordered by x."""

    name: str
    x: torch.Tensor
    y: torch.Tensor

    def near(self, other):
        return self.y.shape == other.y.shape and bool(
            (self.x - other.x).abs().max() < SAME and (self.y - other.y).abs().max() < SAME
        )


def figure_check(fig, snapshots, trials):
    """`fig` has a named trace for the points and a named one for each of the predictions."""
    subject(fig, "fig")
    if not isinstance(fig, go.Figure):
        raise Stop(Verdict.WRONG, text("figure.type", type=type(fig).__name__))
    curves = list(_curves(fig))
    x, y = (column.flatten().to(torch.float64) for column in data.parabola())
    cloud = Curve("", x, y)
    points = [curve for curve in curves if curve.near(cloud)]
    if not points:
        raise Stop(Verdict.WRONG, text("figure.no_points"))
    lines = [curve for curve in curves if not curve.near(cloud) and _over_the_data(curve, x)]
    if len(lines) < CURVES:
        raise Stop(Verdict.WRONG, text("figure.few", count=len(lines), expected=CURVES))
    shown = max(len(_distinct(lines)), _snapshots_shown(lines, snapshots, x))
    if shown < CURVES:
        raise Stop(Verdict.WRONG, text("figure.same", count=shown, expected=CURVES))
    if any(not curve.name for curve in points[:1] + lines):
        raise Stop(Verdict.WRONG, text("figure.names"))
    return Row(Verdict.OK)


def _curves(fig):
    """Every trace of the figure and of its animation frames that has numbers for x and y."""
    named = [(trace.name, trace) for trace in fig.data]
    named += [(trace.name or frame.name, trace) for frame in fig.frames for trace in frame.data]
    for name, trace in named:
        x, y = getattr(trace, "x", None), getattr(trace, "y", None)
        if x is None or y is None or len(x) != len(y) or len(x) < 2:
            continue
        x, y = (torch.as_tensor([float(value) for value in values], dtype=torch.float64) for values in (x, y))
        order = torch.argsort(x, stable=True)
        yield Curve(name, x[order], y[order])


def _over_the_data(curve, x):
    """A prediction spans the data's x, and is not the x axis or y drawn against y."""
    spans = curve.x.min() <= x.min() + 0.1 and curve.x.max() >= x.max() - 0.1
    return (
        spans
        and len(curve.x) >= 2
        and bool(torch.isfinite(curve.y).all())
        and bool(curve.x.abs().max() < 1.5)
    )


def _distinct(curves):
    kept = []
    for curve in curves:
        if not any(curve.near(other) for other in kept):
            kept.append(curve)
    return kept


def _snapshots_shown(curves, snapshots, x):
    """How many of the learner's snapshots have a trace of their own: a wrong snapshot is not the figure's fault."""
    free = list(curves)
    for value in (snapshots or {}).values():
        y = torch.as_tensor(value).detach().flatten().to(torch.float64)
        match = next((curve for curve in free if y.shape == x.shape and curve.near(Curve("", x, y))), None)
        if match is not None:
            free.remove(match)
    return len(curves) - len(free)


figure = Topic("fig", result=figure_check)

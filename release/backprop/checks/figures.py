"""Check of `fig`: the cloud of points, at least four intermediate predictions and the final one."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import torch

from . import data
from .messages import text
from .outcome import Row, Stop, Verdict, measured
from .topic import Topic

CURVES = 5  # four intermediate epochs and the last one
SAME = 2e-3  # a reader cannot tell curves apart that are nearer than this; figures round their data
CLOUD = 1e-2  # the same for the points
FINAL = 5e-3  # mean distance: the final prediction may be taken one step later or on other points


@dataclass(eq=False)
class Curve:
    """The points of one trace, ordered by x."""

    name: str
    x: torch.Tensor
    y: torch.Tensor

    def near(self, other, bound=SAME):
        """Whether the two are drawn from the same points."""
        return self.y.shape == other.y.shape and bool(
            (self.x - other.x).abs().max() < bound and (self.y - other.y).abs().max() < bound
        )

    def shows(self, other):
        """Whether the two are one line on average, whatever points they are drawn from."""
        values = torch.from_numpy(np.interp(other.x.numpy(), self.x.numpy(), self.y.numpy()))
        return bool((values - other.y).abs().mean() < FINAL)


def figure_check(fig, snapshots, trials):
    """`fig` has a named trace for the points and a named one for each of the predictions."""
    if fig is None:
        raise Stop(Verdict.UNDONE, text("figure.none"))
    if type(fig).__module__.startswith("matplotlib."):
        raise Stop(Verdict.WRONG, text("figure.matplotlib"))
    if not isinstance(fig, go.Figure):
        raise Stop(Verdict.WRONG, text("figure.type", type=type(fig).__name__))
    x, y = (column.flatten().to(torch.float64) for column in data.parabola())
    cloud, shots = Curve("", x, y), _snapshot_curves(snapshots, x)
    curves = list(_curves(fig))
    points = [curve for curve in curves if curve.near(cloud, CLOUD)]
    if not points:
        raise Stop(Verdict.WRONG, text("figure.no_points"))
    lines = [curve for curve in curves if _over_the_data(curve, x) and _is_prediction(curve, cloud, shots)]
    measured(text("measured.curves", count=len(lines)), f"≥ {CURVES}")
    _check_predictions(lines, shots)
    named = [curve for curve in lines if curve.name]
    if not any(curve.name for curve in points) or _shown(named, shots) < CURVES or _no_last(named, shots):
        raise Stop(Verdict.WRONG, text("figure.names"))
    return Row(Verdict.OK)


def _check_predictions(lines, shots):
    if len(lines) < CURVES:
        raise Stop(Verdict.WRONG, text("figure.few", count=len(lines), expected=CURVES))
    shown = _shown(lines, shots)
    if shown < CURVES:
        raise Stop(Verdict.WRONG, text("figure.same", count=shown, expected=CURVES))
    if _no_last(lines, shots):
        raise Stop(Verdict.WRONG, text("figure.no_last"))


def _curves(fig):
    """Every trace of the figure and of its animation frames that has numbers for x and y."""
    named = [(trace.name, trace, trace) for trace in fig.data]
    for frame in fig.frames:
        places = frame.traces or range(len(frame.data))
        for place, trace in zip(places, frame.data, strict=False):
            below = fig.data[place] if place < len(fig.data) else trace
            named.append((trace.name or frame.name, trace, below))
    for name, trace, below in named:
        try:
            x = trace.x if trace.x is not None else below.x  # a frame keeps what it does not change
            x, y = (np.array(values, dtype=np.float64) for values in (x, trace.y))
        except (AttributeError, TypeError, ValueError):
            continue  # a trace of another kind, or one over words or dates
        if trace.type.startswith("scatter") and max(x.ndim, y.ndim) > 1:
            raise Stop(Verdict.WRONG, text("figure.nested"))
        x, y = x.flatten(), y.flatten()
        if len(x) != len(y) or len(x) < 2 or not np.isfinite(x).all():
            continue
        order = np.argsort(x, kind="stable")
        yield Curve(name, torch.from_numpy(x[order]), _finite(torch.from_numpy(y[order])))


def _finite(y):
    """Numbers that can be compared: the figure of a training that diverged is drawn all right."""
    return y.nan_to_num(nan=0, posinf=0, neginf=0)


def _over_the_data(curve, x):
    """A prediction spans the data's x, and is not the x axis or y drawn against y."""
    spans = curve.x.min() <= x.min() + 0.1 and curve.x.max() >= x.max() - 0.1
    return bool(spans and curve.x.abs().max() < 1.5)


def _is_prediction(curve, cloud, shots):
    """The points themselves are no prediction, unless the network has memorised them."""
    return not curve.near(cloud, CLOUD) or any(cloud.near(shot, CLOUD) for shot in shots)


def _snapshot_curves(snapshots, x):
    """The learner's snapshots in the order of epochs, as far as they can be drawn over the data."""
    found = []
    items = snapshots.items() if isinstance(snapshots, dict) else ()
    for _, value in sorted(items, key=lambda item: float(item[0]) if _is_number(item[0]) else 0):
        try:
            y = torch.as_tensor(value).detach().flatten().to(torch.float64)
        except (TypeError, ValueError, RuntimeError):
            continue
        if y.shape == x.shape:
            found.append(Curve("", x, _finite(y)))
    return found


def _is_number(epoch):
    try:
        float(epoch)
    except (TypeError, ValueError):
        return False
    return True


def _shown(curves, shots):
    """How many predictions a reader sees.

    Equal curves count once, but equal snapshots count one by one: a wrong snapshot is not the figure's fault.
    """
    distinct = []
    for curve in curves:
        if not any(curve.near(other) for other in distinct):
            distinct.append(curve)
    free = list(curves)
    for shot in shots:
        match = next((curve for curve in free if curve.near(shot)), None)
        if match is not None:
            free.remove(match)
    return max(len(distinct), len(curves) - len(free))


def _no_last(curves, shots):
    """Whether the prediction after the last epoch is missing."""
    return bool(shots) and not any(curve.shows(shots[-1]) for curve in curves)


figure = Topic("fig", bounds=True, result=figure_check)

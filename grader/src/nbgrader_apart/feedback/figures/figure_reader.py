"""plotly's JSON → panels: one for each subplot, and one for each shown step of an animation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from nbgrader_apart.feedback.figures.figure_values import (
    PLOTLY_COLOURS,
    array,
    grid,
    mapping,
    positions,
    sequence,
    words,
)

Trace: TypeAlias = dict[str, Any]  # plotly's JSON: a learner may have put anything into it
DRAWN = ("scatter", "scattergl", "bar", "histogram", "heatmap", "contour")
STEPS = 6  # of an animation: a picture each
PANELS = 12
TRACES = 60
MARKS = 100  # shapes, and annotations
POINTS = 100_000  # of all traces together
COLOURED_CELLS = 200  # along a side of a map of colours
KEYS = (
    "type", "name", "x", "y", "z", "mode", "line", "marker", "opacity", "orientation", "xaxis", "yaxis",
    "visible", "showlegend", "coloraxis", "colorscale", "zmin", "zmax", "ncontours", "showscale",
    "text", "textfont", "fill", "fillcolor", "hoverinfo",
)  # fmt: skip


@dataclass
class Panel:
    """One pair of axes: plotly's own trace, axis and shape objects, and their titles in words."""

    title: str
    traces: list[Trace]
    x: dict
    y: dict
    shapes: list[dict] = field(default_factory=list)
    notes: list[dict] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Whether one of its traces contains text."""
        return any("text" in str(trace.get("mode")) for trace in self.traces)


@dataclass
class Picture:
    """A figure: `legend` holds the traces that have a name, `left_out` the kinds that are not drawn, `steps`
    how many an animation has."""

    title: str
    panels: list[Panel]
    legend: list[Trace]
    left_out: list[str]
    steps: int


def read(figure: dict) -> Picture:
    """The Picture of a figure's JSON. Raises ValueError, TypeError or KeyError for anything else."""
    layout = dict(mapping(figure.get("layout")))
    for marks in ("shapes", "annotations"):
        layout[marks] = [mapping(mark) for mark in sequence(layout.get(marks))[:MARKS]]
    template = mapping(mapping(layout.get("template")).get("layout"))
    colourway = layout.get("colorway") or template.get("colorway") or PLOTLY_COLOURS
    traces = [
        {**trace, "own_colour": colourway[number % len(colourway)]}
        for number, trace in enumerate(drawable(figure.get("data")))
    ]
    left_out = sorted({kind(trace) for trace in traces} - set(DRAWN))
    steps = [mapping(frame) for frame in sequence(figure.get("frames"))]
    frames = chosen(steps)
    if frames:
        states = [(step_title(frame, layout), merged(traces, frame)) for frame in frames]
    else:
        states = [("", traces)]
    panels = [panel for title, state in states for panel in panels_of(state, layout, title)][:PANELS]
    if frames:
        share_ranges(panels)
    legend = [trace for trace in traces if words(trace.get("name")) and trace.get("showlegend") is not False]
    return Picture(words(layout.get("title")), panels, legend, left_out, len(steps))


def drawable(traces: object) -> list[Trace]:
    """The first TRACES traces of a list, up to POINTS points in all, with the KEYS that are drawn."""
    found, left = [], POINTS
    for trace in map(mapping, sequence(traces)[:TRACES]):
        left -= max(len(array(trace.get(side))) for side in "xy")
        if left >= 0:
            found.append({key: trace[key] for key in KEYS if key in trace})
    return found


def kind(trace: Trace) -> str:
    """The trace's type; plotly omits the default."""
    return words(trace.get("type", "scatter")) or "?"


def chosen(frames: list[dict]) -> list[dict]:
    """At most STEPS frames, evenly, the first and the last among them."""
    if len(frames) <= STEPS:
        return frames
    return [frames[round(place)] for place in np.linspace(0, len(frames) - 1, STEPS)]


def step_title(frame: dict, layout: dict) -> str:
    """What the slider shows at this frame."""
    slider = mapping((sequence(layout.get("sliders")) or [{}])[0])
    prefix = mapping(slider.get("currentvalue")).get("prefix", "")
    return f"{words(prefix)}{words(frame.get('name'))}".strip()


def merged(traces: list[Trace], frame: dict) -> list[Trace]:
    """The traces as they are at a frame."""
    changed = drawable(frame.get("data"))
    places = frame.get("traces") or range(len(changed))
    state = list(traces)
    for place, trace in zip(places, changed, strict=False):
        if place in range(len(state)):
            state[place] = {**state[place], **trace}
    return state


def panels_of(traces: list[Trace], layout: dict, title: str) -> list[Panel]:
    """A panel for each pair of axes that has a trace which can be drawn."""
    pairs: dict[tuple[str, str], list[Trace]] = {}
    for trace in traces:
        if kind(trace) in DRAWN and trace.get("visible") not in (False, "legendonly"):
            pair = (str(trace.get("xaxis") or "x"), str(trace.get("yaxis") or "y"))
            pairs.setdefault(pair, []).append(trace)
    panels, shared = [], scales(traces, layout)
    for (x, y), drawn in pairs.items():
        axes = [mapping(layout.get(f"{name[0]}axis{name[1:]}")) for name in (x, y)]
        shapes = [shape for shape in layout["shapes"] if owner(shape, "x") == x and owner(shape, "y") == y]
        notes = [
            note
            for note in layout["annotations"]
            if note.get("xref", "x") == x and note.get("yref", "y") == y
        ]
        drawn = [{**trace, **shared.get(trace.get("coloraxis"), {})} for trace in drawn]
        panels.append(Panel(title or subplot_title(axes, layout), drawn, axes[0], axes[1], shapes, notes))
    return panels


def owner(shape: dict, side: str) -> str:
    """The axis that a shape belongs to: "x2 domain" is x2's."""
    return str(shape.get(f"{side}ref", side)).split(" ")[0]


def subplot_title(axes: Sequence[dict], layout: dict) -> str:
    """The annotation that plotly puts over a subplot."""
    (left, right), (_, top) = (axis.get("domain", [0, 1]) for axis in axes)
    for note in layout["annotations"]:
        over = note.get("xref") == "paper" and note.get("yref") == "paper"
        if over and abs(note.get("x", 9) - (left + right) / 2) < 0.01 and abs(note.get("y", 9) - top) < 0.01:
            return words(note)
    return ""


def scales(traces: list[Trace], layout: dict) -> dict[object, dict]:
    """{name: the colours and ends of a scale that several traces share}"""
    shared: dict[object, list[np.ndarray]] = {}
    for trace in traces:
        if "coloraxis" in trace:
            shared.setdefault(trace["coloraxis"], []).append(numbers_of(trace))
    return {name: scale(mapping(layout.get(name)), np.concatenate(found)) for name, found in shared.items()}


def scale(axis: dict, values: np.ndarray) -> dict:
    """The colours and ends of one scale."""
    low, high, middle = axis.get("cmin"), axis.get("cmax"), axis.get("cmid")
    low, high = (np.nanmin(values), np.nanmax(values)) if low is None or high is None else (low, high)
    if middle is not None:
        reach = max(abs(high - middle), abs(middle - low))
        low, high = middle - reach, middle + reach
    return {"colorscale": axis.get("colorscale"), "zmin": float(low), "zmax": float(high)}


def numbers_of(trace: Trace) -> np.ndarray:
    """The numbers of a map of colours that are drawn."""
    return grid(trace.get("z"), COLOURED_CELLS)[0].ravel()


def share_ranges(panels: list[Panel]) -> None:
    """Draw the steps of an animation over the same axes, so that they can be compared."""
    for side in ("x", "y"):
        places = [positions(trace.get(side), 0) for panel in panels for trace in panel.traces]
        found = np.concatenate([np.zeros(0), *(each for each in places if not isinstance(each, list))])
        found = found[np.isfinite(found)]
        if not len(found):
            continue
        low, high = float(found.min()), float(found.max())
        edge = 0.05 * (high - low) or 1
        for panel in panels:
            axis = getattr(panel, side)
            if "range" not in axis and axis.get("type") != "log":
                setattr(panel, side, {**axis, "range": [low - edge, high + edge]})

"""plotly's JSON → panels: one for each subplot, and one for each shown step of an animation."""

from dataclasses import dataclass, field

import numpy as np

from .values import PLOTLY_COLOURS, mapping, numbers, positions, sequence, words

DRAWN = ("scatter", "scattergl", "bar", "histogram", "heatmap", "contour")
STEPS = 6  # of an animation: a picture each
PANELS = 12
TRACES = 60


@dataclass
class Panel:
    """One pair of axes: plotly's own trace, axis and shape objects, and their titles in words."""

    title: str
    traces: list
    x: dict
    y: dict
    shapes: list = field(default_factory=list)
    notes: list = field(default_factory=list)


@dataclass
class Picture:
    """A figure: `legend` holds the traces that have a name, `left_out` the kinds that are not drawn, `steps`
    how many an animation has."""

    title: str
    panels: list
    legend: list
    left_out: list
    steps: int


def read(figure):
    """The Picture of a figure's JSON. Raises ValueError, TypeError or KeyError for what is no figure."""
    layout = mapping(figure.get("layout"))
    template = mapping(mapping(layout.get("template")).get("layout"))
    colourway = layout.get("colorway") or template.get("colorway") or PLOTLY_COLOURS
    traces = [mapping(trace) for trace in sequence(figure.get("data"))[:TRACES]]
    traces = [
        {**trace, "own_colour": colourway[number % len(colourway)]} for number, trace in enumerate(traces)
    ]
    left_out = sorted({kind(trace) for trace in traces} - set(DRAWN))
    steps = [mapping(frame) for frame in sequence(figure.get("frames"))]
    frames = chosen(steps)
    if frames:
        states = [(step_title(frame, layout), merged(traces, frame)) for frame in frames]
    else:
        states = [("", traces)]
    panels = [panel for title, state in states for panel in panels_of(state, layout, title)]
    if frames:
        share_ranges(panels)
    legend = [trace for trace in traces if words(trace.get("name")) and trace.get("showlegend") is not False]
    return Picture(words(layout.get("title")), panels[:PANELS], legend, left_out, len(steps))


def kind(trace):
    """The trace's type; plotly leaves out the usual one."""
    return str(trace.get("type", "scatter"))


def chosen(frames):
    """At most STEPS frames, evenly, the first and the last among them."""
    if len(frames) <= STEPS:
        return frames
    return [frames[round(place)] for place in np.linspace(0, len(frames) - 1, STEPS)]


def step_title(frame, layout):
    """What the slider shows at this frame."""
    slider = mapping((sequence(layout.get("sliders")) or [{}])[0])
    prefix = mapping(slider.get("currentvalue")).get("prefix", "")
    return f"{words(prefix)}{words(frame.get('name'))}".strip()


def merged(traces, frame):
    """The traces as they are at a frame."""
    changed = [mapping(trace) for trace in sequence(frame.get("data"))]
    places = frame.get("traces") or range(len(changed))
    state = list(traces)
    for place, trace in zip(places, changed, strict=False):
        if place in range(len(state)):
            state[place] = {**state[place], **trace}
    return state


def panels_of(traces, layout, title):
    """A panel for each pair of axes that has a trace which can be drawn."""
    pairs = {}
    for trace in traces:
        if kind(trace) in DRAWN and trace.get("visible") not in (False, "legendonly"):
            pair = (str(trace.get("xaxis") or "x"), str(trace.get("yaxis") or "y"))
            pairs.setdefault(pair, []).append(trace)
    panels = []
    for (x, y), drawn in pairs.items():
        axes = [mapping(layout.get(f"{name[0]}axis{name[1:]}")) for name in (x, y)]
        shapes = [
            shape
            for shape in map(mapping, sequence(layout.get("shapes")))
            if owner(shape, "x") == x and owner(shape, "y") == y
        ]
        notes = [
            note
            for note in map(mapping, sequence(layout.get("annotations")))
            if note.get("xref", "x") == x and note.get("yref", "y") == y
        ]
        drawn = [with_scale(trace, traces, layout) for trace in drawn]
        panels.append(Panel(title or subplot_title(axes, layout), drawn, *axes, shapes, notes))
    return panels


def owner(shape, side):
    """The axis that a shape belongs to: "x2 domain" is x2's."""
    return str(shape.get(f"{side}ref", side)).split(" ")[0]


def subplot_title(axes, layout):
    """The annotation that plotly puts over a subplot."""
    (left, right), (_, top) = (axis.get("domain", [0, 1]) for axis in axes)
    for note in map(mapping, sequence(layout.get("annotations"))):
        over = note.get("xref") == "paper" and note.get("yref") == "paper"
        if over and abs(note.get("x", 9) - (left + right) / 2) < 0.01 and abs(note.get("y", 9) - top) < 0.01:
            return words(note)
    return ""


def with_scale(trace, traces, layout):
    """A trace with the colours of the scale that it shares with others."""
    if "coloraxis" not in trace:
        return trace
    axis = mapping(layout.get(trace["coloraxis"]))
    shared = [numbers_of(other) for other in traces if other.get("coloraxis") == trace["coloraxis"]]
    values = np.concatenate(shared)
    low, high, middle = axis.get("cmin"), axis.get("cmax"), axis.get("cmid")
    low, high = (np.nanmin(values), np.nanmax(values)) if low is None or high is None else (low, high)
    if middle is not None:
        reach = max(abs(high - middle), abs(middle - low))
        low, high = middle - reach, middle + reach
    return {**trace, "colorscale": axis.get("colorscale"), "zmin": float(low), "zmax": float(high)}


def numbers_of(trace):
    """All numbers of a heat map."""
    return np.concatenate([numbers(row) for row in sequence(trace.get("z"))] or [np.zeros(1)])


def share_ranges(panels):
    """The steps of an animation are drawn over the same axes, so that they can be compared."""
    for side in ("x", "y"):
        found = [
            place
            for panel in panels
            for trace in panel.traces
            for place in positions(trace.get(side), 0)
            if isinstance(place, float) and np.isfinite(place)
        ]
        for panel in panels:
            axis = getattr(panel, side)
            if found and "range" not in axis and axis.get("type") != "log":
                edge = 0.05 * (max(found) - min(found)) or 1
                setattr(panel, side, {**axis, "range": [min(found) - edge, max(found) + edge]})

"""A figure's JSON as the view that the page's template shows."""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from markupsafe import Markup
from matplotlib.colors import to_hex

from ...messages import text
from . import drawing, reading
from .values import choice, colour, mapping, numbers, size, words

log = logging.getLogger(__name__)
KEPT = 32  # drawn figures: what learners got right looks the same from page to page
CIRCLE = "M10 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
OUTLINES = {  # of markers in a legend, around (14, 6)
    "square": "M10 2h8v8h-8z",
    "diamond": "M14 1l5 5l-5 5l-5-5z",
    "triangle-up": "M14 1l5 9h-10z",
    "triangle-down": "M14 11l5-9h-10z",
    "x": "M10 4l2-2l2 2l2-2l2 2l-2 2l2 2l-2 2l-2-2l-2 2l-2-2l2-2z",
}


@dataclass(frozen=True)
class Drawn:
    """`panels` are (title, SVG), `legend` are (name, SVG of its line or marker)."""

    title: str
    panels: list
    legend: list
    note: str


def show(figure, name):
    """The Drawn form of plotly's JSON; None when it cannot be drawn. `name` is its own on the page."""
    return draw(json.dumps(figure), name)


@lru_cache(KEPT)
def draw(source, name):
    """The same of the JSON as text."""
    try:
        picture = reading.read(json.loads(source))
        single = len(picture.panels) == 1
        panels = [
            (panel.title, Markup(drawing.svg(panel, label(picture, panel), f"{name}-{number}", single)))
            for number, panel in enumerate(picture.panels)
        ]
        legend = [(words(trace["name"]), Markup(swatch(trace))) for trace in picture.legend]
    except Exception as error:  # a learner may have put anything into it; the page has to come all the same
        log.warning("A figure is not drawn: %s: %s", type(error).__name__, error)
        return None
    notes = []
    if picture.steps:
        notes.append(text("feedback.figure.steps", shown=len(panels), all=picture.steps))
    if picture.left_out:
        notes.append(text("feedback.figure.left_out", kinds=", ".join(picture.left_out)))
    return Drawn(picture.title, panels, legend, " ".join(notes)) if panels or notes else None


def label(picture, panel):
    """The panel in words, for those who do not see it."""
    titles = " — ".join(dict.fromkeys(title for title in (picture.title, panel.title) if title))
    parts = [text("feedback.figure.label", title=titles or text("feedback.figure.untitled"))]
    x, y = words(panel.x.get("title")), words(panel.y.get("title"))
    if x or y:
        parts.append(text("feedback.figure.axes", x=x or "x", y=y or "y"))
    for trace in panel.traces:
        parts.append(trace_in_words(trace))
    return " ".join(parts)[:1500]


def trace_in_words(trace):
    """A trace's name, number of points and range."""
    values = reading.numbers_of(trace) if "z" in trace else numbers(trace.get("y"))
    values = values[np.isfinite(values)]
    name = words(trace.get("name")) or text("feedback.figure.unnamed")
    if not len(values):
        return f"{name}."
    low, high = (f"{value:.3g}".replace(".", ",") for value in (values.min(), values.max()))
    return text("feedback.figure.trace", name=name, count=len(values), low=low, high=high)


def swatch(trace):
    """What stands before a name in the legend: a piece of the line, the marker, or a filled square."""
    line, marker = mapping(trace.get("line")), mapping(trace.get("marker"))
    mode = str(trace.get("mode") or "lines") if reading.kind(trace).startswith("scatter") else "markers"
    shapes = ""
    if "lines" in mode:
        dash = choice({"dot": "2 3", "dash": "7 4", "dashdot": "7 3 2 3"}, line.get("dash"), "none")
        width = f'stroke-width="{size(line.get("width"), 2, 6):g}" stroke-dasharray="{dash}"'
        shapes += f'<path d="M1 6H27" fill="none" {width} {paint(line.get("color"), trace, "stroke")}/>'
    if "markers" in mode:
        outline = choice(OUTLINES, marker.get("symbol"), CIRCLE)
        shapes += f'<path d="{outline}" {paint(marker.get("color"), trace, "fill")}/>'
    return f'<svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">{shapes}</svg>'


def paint(value, trace, name):
    """A colour, or the trace's own, as attributes of SVG."""
    *rgb, alpha = colour(value, trace["own_colour"])
    return f'{name}="{drawing.to_page(to_hex(rgb))}" {name}-opacity="{alpha:.2g}"'

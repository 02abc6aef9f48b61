"""A figure's JSON as a view for the page's template."""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from markupsafe import Markup
from matplotlib.colors import to_hex

from nbgrader_apart.feedback.figures import drawing, figure_reader
from nbgrader_apart.feedback.figures.figure_reader import Panel, Picture, Trace
from nbgrader_apart.feedback.figures.figure_values import (
    choice,
    colour,
    mapping,
    numbers,
    sequence,
    size,
    words,
    written,
)
from nbgrader_apart.messages import language, text
from nbgrader_apart.messages.written import significant

log = logging.getLogger(__name__)
KEPT = 32  # drawn figures: correct answers draw the same ones on every page
NAMED = 5  # kinds that are not drawn
CIRCLE = "M10 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"
OUTLINES = {  # of markers in a legend, around (14, 6)
    "square": "M10 2h8v8h-8z",
    "diamond": "M14 1l5 5l-5 5l-5-5z",
    "triangle-up": "M14 1l5 9h-10z",
    "triangle-down": "M14 11l5-9h-10z",
    "x": "M10 4l2-2l2 2l2-2l2 2l-2 2l2 2l-2 2l-2-2l-2 2l-2-2l2-2z",
}


@dataclass(frozen=True)
class DrawnFigure:
    """`panels` are (title, SVG), `legend` are (name, SVG of its line or marker).

    `wordy` panels are placed one below the other, so that their text keeps the size of the page's.
    """

    title: str
    panels: list[tuple[str, Markup]]
    legend: list[tuple[str, Markup]]
    note: str
    wordy: bool = False


def show(source: str, name: str) -> DrawnFigure | None:
    """plotly's JSON text as a DrawnFigure, or None when it cannot be drawn; `name` is unique on the page."""
    return _show(source, name, language())


@lru_cache(KEPT)
def _show(source: str, name: str, spoken: str) -> DrawnFigure | None:
    """The same; a figure has words in the language that is spoken, which is part of the cache's key."""
    try:
        picture = figure_reader.read(json.loads(source))
        single = len(picture.panels) == 1
        panels = [
            (panel.title, Markup(drawing.svg(panel, label(picture, panel), f"{name}-{number}", single)))
            for number, panel in enumerate(picture.panels)
        ]
        legend = [(words(trace["name"]), Markup(swatch(trace))) for trace in picture.legend]
    except Exception as error:  # a learner may have put anything into it; the page is made all the same
        log.warning(text("feedback.figure.not_drawn", reason=f"{type(error).__name__}: {str(error)[:200]}"))
        return None
    notes = []
    if picture.steps:
        notes.append(text("feedback.figure.steps", shown=len(panels), all=picture.steps))
    if picture.left_out:
        notes.append(text("feedback.figure.left_out", kinds=", ".join(picture.left_out[:NAMED])))
    wordy = any(panel.has_words for panel in picture.panels)
    return DrawnFigure(picture.title, panels, legend, " ".join(notes), wordy) if panels or notes else None


def label(picture: Picture, panel: Panel) -> str:
    """The panel in words, for screen readers."""
    titles = " — ".join(dict.fromkeys(title for title in (picture.title, panel.title) if title))
    parts = [text("feedback.figure.label", title=titles or text("feedback.figure.untitled"))]
    x, y = words(panel.x.get("title")), words(panel.y.get("title"))
    if x or y:
        parts.append(text("feedback.figure.axes", x=x or "x", y=y or "y"))
    told = [
        trace for trace in panel.traces if trace.get("hoverinfo") != "skip" and trace.get("mode") != "text"
    ]
    said = [trace for trace in panel.traces if "text" in str(trace.get("mode"))]
    parts += [trace_text(trace) for trace in reversed(said)] + [trace_description(trace) for trace in told]
    return " ".join(filter(None, parts))[:1500]


def trace_text(trace: Trace) -> str:
    """The text of a trace that has some."""
    said = [line for words in sequence(trace.get("text"))[:200] for line in written(words) if line]
    return f"{'; '.join(said)}." if said else ""


def trace_description(trace: Trace) -> str:
    """A trace's name, number of points and range."""
    values = figure_reader.numbers_of(trace) if "z" in trace else numbers(trace.get("y"))
    values = values[np.isfinite(values)]
    name = words(trace.get("name")) or text("feedback.figure.unnamed")
    if not len(values):
        return f"{name}."
    low, high = map(significant, (values.min(), values.max()))
    return text("feedback.figure.trace", name=name, count=len(values), low=low, high=high)


def swatch(trace: Trace) -> str:
    """The symbol before a name in the legend: a piece of the line, the marker, or a filled square."""
    line, marker = mapping(trace.get("line")), mapping(trace.get("marker"))
    mode = str(trace.get("mode") or "lines") if figure_reader.kind(trace).startswith("scatter") else "markers"
    shapes = ""
    if "lines" in mode:
        dash = choice({"dot": "2 3", "dash": "7 4", "dashdot": "7 3 2 3"}, line.get("dash"), "none")
        width = f'stroke-width="{size(line.get("width"), 2, 6):g}" stroke-dasharray="{dash}"'
        shapes += f'<path d="M1 6H27" fill="none" {width} {paint(line.get("color"), trace, "stroke")}/>'
    if "markers" in mode:
        outline = choice(OUTLINES, marker.get("symbol"), CIRCLE)
        shapes += f'<path d="{outline}" {paint(marker.get("color"), trace, "fill")}/>'
    return f'<svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true">{shapes}</svg>'


def paint(value: object, trace: Trace, name: str) -> str:
    """A colour, or the trace's own, as attributes of SVG."""
    red, green, blue, alpha = colour(value, trace["own_colour"])
    return f'{name}="{drawing.to_page(to_hex((red, green, blue)))}" {name}-opacity="{alpha:.2g}"'

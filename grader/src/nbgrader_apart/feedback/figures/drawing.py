"""Panels → SVG, with matplotlib: axes only; titles and legends are HTML, which a narrow screen can wrap."""

import io
import itertools
import re
import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import RcKeyType

from nbgrader_apart.feedback.figures.figure_reader import COLOURED_CELLS, Panel, Trace, kind
from nbgrader_apart.feedback.figures.figure_values import (
    INK,
    Rgba,
    choice,
    colour,
    colour_map,
    grid,
    mapping,
    numbers,
    positions,
    sequence,
    size,
    words,
    written,
)

WIDE, NARROW = (480, 320), (230, 190)  # of a single panel, of one among several: pixels
WORDY = (640, 330)  # of a panel with text, which is as large as the page's
STYLE: dict[RcKeyType, object] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 13,
    "font.family": "DejaVu Sans",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "axes.unicode_minus": True,
}
DASHES = {"dot": ":", "dash": "--", "dashdot": "-.", "longdash": "--", "longdashdot": "-."}
MARKERS = {
    "circle": "o", "square": "s", "diamond": "D", "cross": "P", "x": "X", "triangle-up": "^",
    "triangle-down": "v", "star": "*",
}  # fmt: skip
MARKED_POINTS = 600
CONTOUR_CELLS = 100  # along a side
NAMED = 20  # characters of a category under an axis
LINE = 72  # characters of words in a panel


def svg(panel: Panel, label: str, name: str, single: bool = True) -> str:
    """The panel as inline SVG with an accessible `label`; `name` makes its ids unique on the page."""
    width, height = WORDY if panel.has_words else WIDE if single else NARROW
    with mpl.rc_context(STYLE | {"svg.hashsalt": name}):
        figure = Figure(figsize=(width / 72, height / 72), dpi=72, layout="constrained")
        canvas = FigureCanvasSVG(figure)
        figure.patch.set_visible(False)
        axes = figure.add_subplot()
        places = Places()
        for trace in panel.traces:
            TRACES[kind(trace)](axes, trace, places)
        for shape in panel.shapes:
            draw_shape(axes, shape)
        for note in panel.notes:
            place = numbers([note.get("x"), note.get("y")])
            if np.isfinite(place).all():
                axes.annotate(words(note), (place[0], place[1]))
        for side, about in (("x", panel.x), ("y", panel.y)):
            set_axis(axes, side, about, places.named[side], ticks=8 if single else 4)
        page = io.StringIO()
        ConstrainedLayoutEngine().execute(figure)
        figure.set_layout_engine("none")  # savefig would draw the figure twice for it
        canvas.print_svg(page, metadata={"Date": None})
    return inline(page.getvalue(), label)


class Places:
    """The coordinates of a panel's points; a category's is the number of categories before it.

    matplotlib would label every category: thousands of them take it minutes.
    """

    def __init__(self) -> None:
        self.named: dict[str, dict[str, int]] = {"x": {}, "y": {}}

    def of(self, side: str, value: object, count: int) -> np.ndarray:
        """The coordinates along an axis of a value in plotly's JSON."""
        found = positions(value, count)
        if not isinstance(found, list):
            return found
        known = self.named[side]
        return np.array([known.setdefault(word, len(known)) for word in found], dtype=float)


def inline(source: str, label: str) -> str:
    """matplotlib's SVG file as an element of a page: without global style, in the text's colour."""
    body = source[source.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = to_page(re.sub(r'<g id="[^"]*"', "<g", body))
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    view = re.findall(r'viewBox="([^"]+)"', body)[0]
    opening = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}" role="img" '
    opening += f'aria-label="{escaped(label)}">'
    return re.sub(r"\s*\n\s*", "\n", opening + body[body.index(">") + 1 :])


def to_page(drawn: str) -> str:
    """Replace INK by the page's text colour."""
    return drawn.replace(INK, "currentColor")


def escaped(label: str) -> str:
    """The text escaped for a quoted attribute."""
    return label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def set_axis(axes: Axes, side: str, about: dict, named: dict[str, int], ticks: int) -> None:
    """Title, kind, range, direction and about so many `ticks` of an axis; `named` are its words' places."""
    if about.get("visible") is False:
        getattr(axes, f"{side}axis").set_visible(False)
        axes.spines[["bottom" if side == "x" else "left"]].set_visible(False)
    getattr(axes, f"set_{side}label")(words(about.get("title")))
    log = about.get("type") == "log"
    if log:
        getattr(axes, f"set_{side}scale")("log", nonpositive="mask")
        getattr(axes, f"{side}axis").set_major_formatter("{x:g}")
        getattr(axes, f"{side}axis").set_minor_formatter("")
    elif named:
        step = -(-len(named) // (2 * ticks))
        names = [name if len(name) <= NAMED else f"{name[:NAMED]}…" for name in named]
        getattr(axes, f"set_{side}ticks")(range(0, len(names), step), names[::step])
    ends = numbers(about.get("range"))
    if len(ends) == 2 and np.isfinite(ends).all() and ends[0] != ends[1]:
        getattr(axes, f"set_{side}lim")(*(10.0 ** ends.clip(-100, 100) if log else ends))
    elif about.get("autorange") == "reversed":
        getattr(axes, f"invert_{side}axis")()
    locator = getattr(axes, f"{side}axis").get_major_locator()
    if isinstance(locator, MaxNLocator):
        locator.set_params(nbins=ticks)
    if about.get("scaleanchor"):
        axes.set_aspect("equal", adjustable="box")


def draw_scatter(axes: Axes, trace: Trace, places: Places) -> None:
    """Lines, markers, words, or several of these."""
    y = numbers(trace.get("y"))
    x = places.of("x", trace.get("x"), len(y))
    count = min(len(x), len(y))
    x, y = x[:count], y[:count]
    line, marker = mapping(trace.get("line")), mapping(trace.get("marker"))
    mode = str(trace.get("mode") or ("lines+markers" if count < 20 else "lines"))
    own, alpha = trace["own_colour"], size(trace.get("opacity"), 1, 1)
    if trace.get("fill") == "toself":
        paint_inside(axes, x, y, colour(trace.get("fillcolor"), own))
    if "text" in mode:
        draw_words(axes, x, y, trace)
    if "lines" in mode:
        shape = "steps-post" if line.get("shape") == "hv" else "default"
        axes.plot(
            x, y, color=colour(line.get("color"), own), linewidth=size(line.get("width"), 2), alpha=None,
            linestyle=choice(DASHES, line.get("dash"), "-"), drawstyle=shape,
        )  # fmt: skip
    if "markers" in mode:
        step = -(-count // MARKED_POINTS) or 1
        values = marker.get("color")
        stroke = line.get("color")
        face: Rgba | np.ndarray = colour(values, stroke if isinstance(stroke, str) else own)
        if isinstance(values, (list, dict)) and len(numbers(values)) == count:
            face = numbers(values)[::step]
        sizes = size(marker.get("size"), 6)
        axes.scatter(
            x[::step], y[::step], c=face if isinstance(face, np.ndarray) else [face], s=sizes**2,
            marker=choice(MARKERS, marker.get("symbol"), "o"), linewidths=0, alpha=alpha, zorder=2.5,
        )  # fmt: skip


def paint_inside(axes: Axes, x: np.ndarray, y: np.ndarray, paint: Rgba) -> None:
    """Fill closed paths, which are separated by NaN."""
    ends = np.flatnonzero(np.isnan(y)).tolist()
    for first, last in itertools.pairwise([-1, *ends, len(y)]):
        axes.fill(x[first + 1 : last], y[first + 1 : last], color=paint, linewidth=0)


def draw_words(axes: Axes, x: np.ndarray, y: np.ndarray, trace: Trace) -> None:
    """Words at their points, each in as many lines as it needs."""
    said = sequence(trace.get("text"))[: len(y)]
    large = size(mapping(trace.get("textfont")).get("size"), 12)
    for place in zip(x, y, map(written, said), strict=False):
        lines = [part for line in place[2] for part in textwrap.wrap(line, LINE) or [""]]
        if np.isfinite(place[1]):
            axes.text(
                place[0], place[1], "\n".join(lines), fontsize=0.9 * large, ha="center", va="center",
            )  # fmt: skip


def draw_bar(axes: Axes, trace: Trace, places: Places) -> None:
    """Vertical or horizontal bars."""
    horizontal = trace.get("orientation") == "h"
    length, side = numbers(trace.get("x" if horizontal else "y")), "y" if horizontal else "x"
    place = places.of(side, trace.get(side), len(length))
    count = min(len(length), len(place), MARKED_POINTS)
    draw = axes.barh if horizontal else axes.bar
    paint = colour(mapping(trace.get("marker")).get("color"), trace["own_colour"])
    draw(place[:count], length[:count], color=paint)


def draw_histogram(axes: Axes, trace: Trace, places: Places) -> None:
    """Counts of a column of numbers."""
    values = numbers(trace.get("x") or trace.get("y"))
    axes.hist(
        values[np.isfinite(values)],
        bins="sturges" if len(values) < 1000 else 50,  # "auto" makes a billion of them for one far value
        color=colour(mapping(trace.get("marker")).get("color"), trace["own_colour"]),
        orientation="vertical" if trace.get("x") else "horizontal",
    )


def cells(trace: Trace, places: Places, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, y, z of a map of colours, thinned out to at most `most` along a side."""
    z, down, across = grid(trace.get("z"), most)
    height, width = z.shape
    x = places.of("x", trace.get("x"), (width - 1) * across + 1)[::across]
    y = places.of("y", trace.get("y"), (height - 1) * down + 1)[::down]
    return x, y, z


def draw_heatmap(axes: Axes, trace: Trace, places: Places) -> None:
    """A map of colours with its scale beside it."""
    x, y, z = cells(trace, places, COLOURED_CELLS)
    norm = Normalize(trace.get("zmin"), trace.get("zmax"))
    drawn = axes.pcolormesh(x, y, z, cmap=colour_map(trace.get("colorscale")), norm=norm, rasterized=True)
    axes.grid(False)
    add_scale(axes, drawn)


def add_scale(axes: Axes, drawn: ScalarMappable) -> None:
    """The scale of the panel's first map of colours: dozens of scales leave no room for the map."""
    if len(axes.figure.axes) == 1:
        axes.figure.colorbar(drawn, ax=axes)


def draw_contour(axes: Axes, trace: Trace, places: Places) -> None:
    """Bands between levels."""
    x, y, z = cells(trace, places, CONTOUR_CELLS)
    levels = int(size(trace.get("ncontours"), 12, 24))
    drawn = axes.contourf(x, y, z, levels=levels, cmap=colour_map(trace.get("colorscale")))
    axes.grid(False)
    if trace.get("showscale") is not False:
        add_scale(axes, drawn)


def draw_shape(axes: Axes, shape: dict) -> None:
    """A straight line; across the whole panel where plotly says "domain" or "paper"."""
    if shape.get("type") != "line":
        return
    line = mapping(shape.get("line"))
    style: dict[str, Any] = {
        "color": colour(line.get("color")),
        "linestyle": choice(DASHES, line.get("dash"), "-"),
        "linewidth": size(line.get("width"), 1.5),
    }
    across = [str(shape.get(f"{side}ref", side)).endswith("domain") for side in "xy"]
    x, y = (numbers([shape.get(f"{side}0"), shape.get(f"{side}1")]) for side in "xy")
    if across[0]:
        axes.axhline(y[0], **style)
    elif across[1]:
        axes.axvline(x[0], **style)
    else:
        axes.plot(x, y, **style)


TRACES = {
    "scatter": draw_scatter,
    "scattergl": draw_scatter,
    "bar": draw_bar,
    "histogram": draw_histogram,
    "heatmap": draw_heatmap,
    "contour": draw_contour,
}

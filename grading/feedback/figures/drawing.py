"""Panels → SVG, with matplotlib: axes only; titles and legends are HTML, which a narrow screen can wrap."""

import io
import re

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .reading import kind
from .values import INK, choice, colour, colour_map, grid, mapping, numbers, positions, size, words

WIDE, NARROW = (480, 320), (230, 190)  # of a single panel, of one among several: pixels
STYLE = {
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
COLOURED_CELLS = 200  # along a side


def svg(panel, label, name, single=True):
    """The panel as inline SVG with an accessible `label`; `name` keeps its ids apart from other pictures'."""
    width, height = WIDE if single else NARROW
    with mpl.rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=(width / 72, height / 72), dpi=72, layout="constrained")
        FigureCanvasSVG(figure)
        figure.patch.set_visible(False)
        axes = figure.add_subplot()
        for trace in panel.traces:
            TRACES[kind(trace)](axes, trace)
        for shape in panel.shapes:
            draw_shape(axes, shape)
        for note in panel.notes:
            axes.annotate(words(note), (note["x"], note["y"]))
        set_axis(axes, "x", panel.x, ticks=8 if single else 4)
        set_axis(axes, "y", panel.y, ticks=8 if single else 4)
        page = io.StringIO()
        figure.savefig(page, format="svg", transparent=True, metadata={"Date": None})
    return inline(page.getvalue(), label)


def inline(source, label):
    """matplotlib's SVG file as an element of a page: no prologue, no style for all, the text's colour."""
    body = source[source.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = to_page(re.sub(r'<g id="[^"]*"', "<g", body))
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    view = re.search(r'viewBox="([^"]+)"', body)[1]
    opening = f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="{view}" role="img" '
    opening += f'aria-label="{escaped(label)}">'
    return re.sub(r"\s*\n\s*", "\n", opening + body[body.index(">") + 1 :])


def to_page(drawn):
    """The text colour of the page in place of the colour that stood for it."""
    return drawn.replace(INK, "currentColor")


def escaped(label):
    """Text inside a quoted attribute."""
    return label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def set_axis(axes, side, about, ticks):
    """Title, kind, range, direction and at most so many `ticks` of an axis."""
    getattr(axes, f"set_{side}label")(words(about.get("title")))
    log = about.get("type") == "log"
    if log:
        getattr(axes, f"set_{side}scale")("log", nonpositive="mask")
        getattr(axes, f"{side}axis").set_major_formatter("{x:g}")
        getattr(axes, f"{side}axis").set_minor_formatter("")
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


def draw_scatter(axes, trace):
    """Lines, markers or both."""
    y = numbers(trace.get("y"))
    x = positions(trace.get("x"), len(y))
    count = min(len(x), len(y))
    x, y = x[:count], y[:count]
    line, marker = mapping(trace.get("line")), mapping(trace.get("marker"))
    mode = str(trace.get("mode") or ("lines+markers" if count < 20 else "lines"))
    own, alpha = trace["own_colour"], size(trace.get("opacity"), 1, 1)
    if "lines" in mode:
        shape = "steps-post" if line.get("shape") == "hv" else "default"
        axes.plot(
            x, y, color=colour(line.get("color"), own), linewidth=size(line.get("width"), 2), alpha=None,
            linestyle=choice(DASHES, line.get("dash"), "-"), drawstyle=shape,
        )  # fmt: skip
    if "markers" in mode:
        step = -(-count // MARKED_POINTS) or 1
        values = marker.get("color")
        face = colour(values, line.get("color") if isinstance(line.get("color"), str) else own)
        if isinstance(values, (list, dict)) and len(numbers(values)) == count:
            face = numbers(values)[::step]
        sizes = size(marker.get("size"), 6)
        axes.scatter(
            x[::step], y[::step], c=face if isinstance(face, np.ndarray) else [face], s=sizes**2,
            marker=choice(MARKERS, marker.get("symbol"), "o"), linewidths=0, alpha=alpha, zorder=2.5,
        )  # fmt: skip


def draw_bar(axes, trace):
    """Bars, upright or lying."""
    lying = trace.get("orientation") == "h"
    length = numbers(trace.get("x" if lying else "y"))
    place = positions(trace.get("y" if lying else "x"), len(length))
    count = min(len(length), len(place), MARKED_POINTS)
    draw = axes.barh if lying else axes.bar
    paint = colour(mapping(trace.get("marker")).get("color"), trace["own_colour"])
    draw(place[:count], length[:count], color=paint)


def draw_histogram(axes, trace):
    """Counts of a column of numbers."""
    values = numbers(trace.get("x") or trace.get("y"))
    axes.hist(
        values[np.isfinite(values)],
        bins="auto" if len(values) < 1000 else 50,
        color=colour(mapping(trace.get("marker")).get("color"), trace["own_colour"]),
        orientation="vertical" if trace.get("x") else "horizontal",
    )


def cells(trace):
    """x, y, z of a map of colours, thinned out where there are too many."""
    z = grid(trace.get("z"))
    down, across = (-(-length // COLOURED_CELLS) for length in z.shape)
    x, y = (positions(trace.get(side), length) for side, length in zip("xy", z.shape[::-1], strict=True))
    return x[::across], y[::down], z[::down, ::across]


def draw_heatmap(axes, trace):
    """A map of colours with its scale beside it."""
    x, y, z = cells(trace)
    norm = Normalize(trace.get("zmin"), trace.get("zmax"))
    drawn = axes.pcolormesh(x, y, z, cmap=colour_map(trace.get("colorscale")), norm=norm, rasterized=True)
    axes.grid(False)
    axes.figure.colorbar(drawn, ax=axes)


def draw_contour(axes, trace):
    """Bands between levels."""
    x, y, z = cells(trace)
    levels = int(size(trace.get("ncontours"), 12, 24))
    drawn = axes.contourf(x, y, z, levels=levels, cmap=colour_map(trace.get("colorscale")))
    axes.grid(False)
    if trace.get("showscale") is not False:
        axes.figure.colorbar(drawn, ax=axes)


def draw_shape(axes, shape):
    """A straight line; across the whole panel where plotly says "domain" or "paper"."""
    if shape.get("type") != "line":
        return
    line = mapping(shape.get("line"))
    style = {
        "color": colour(line.get("color")),
        "linestyle": choice(DASHES, line.get("dash"), "-"),
        "linewidth": size(line.get("width"), 1.5),
    }
    across = [str(shape.get(f"{side}ref", side)).endswith("domain") for side in "xy"]
    if across[0]:
        axes.axhline(float(shape["y0"]), **style)
    elif across[1]:
        axes.axvline(float(shape["x0"]), **style)
    else:
        axes.plot([shape["x0"], shape["x1"]], [shape["y0"], shape["y1"]], **style)


TRACES = {
    "scatter": draw_scatter,
    "scattergl": draw_scatter,
    "bar": draw_bar,
    "histogram": draw_histogram,
    "heatmap": draw_heatmap,
    "contour": draw_contour,
}

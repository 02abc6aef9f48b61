"""What all pictures share: colours, axes, traces, and how a picture is shown.

A figure is plotly's JSON as a plain dict: plotly's own objects check every property, which is slow.
"""

import functools
import math
import os
import sys
from pathlib import Path

import plotly.io
import torch

from ..calls import told
from ..messages import text
from ..outcome import CheckFailed, Stop
from ..patience import Patience
from ..report import wrap
from .ink import inked
from .words import in_words

HOSTS = ("COLAB_NOTEBOOK_ID", "AZURE_NOTEBOOKS_HOST", "COCALC_PROJECT_ID", "DATABRICKS_RUNTIME_VERSION")
DIGITS = 3  # outputs are compared when the notebooks run again
BLUE, ORANGE, GREY, RED = "#1f77b4", "#ff7f0e", "#7f7f7f", "#d62728"
LIGHT, CLEAR = "rgba(127,127,127,0.3)", "rgba(0,0,0,0)"
ABOVE = {"orientation": "h", "y": 1.02, "x": 1, "xanchor": "right", "yanchor": "bottom"}
TOP = {"y": 1, "yanchor": "top", "yref": "container", "pad": {"t": 14}}  # above a legend of two rows
BELOW = {"orientation": "h", "y": -0.22, "x": 1, "xanchor": "right", "yanchor": "top"}


def picture(draw):
    """Show the figure that `draw` returns; while the learner's code does not work yet, say so instead."""

    @functools.wraps(draw)
    def shown(*subjects, **options):
        try:
            with Patience().limit():
                fig = draw(*subjects, **options)
        except Stop as stop:
            reason = stop.message
        except Exception as error:  # the learner's object is so odd that it cannot be drawn
            reason = told(error).message
        else:
            return show(fig)
        sentence = text("picture.undone", reason=reason)
        raise CheckFailed(wrap(sentence), sentence.key) from None

    return shown


def show(fig):
    """The figure for the viewers that draw it, and in words for those that show only text."""
    display(in_words(fig), inked(fig))


def display(words, fig):
    """Plotly's JSON of a figure for the notebook, and its words; in a terminal the words alone."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        # plotly.io.show has no room for words beside the figure
        as_json = plotly.io.base_renderers.PlotlyRenderer().to_mimebundle
        bundle = as_json(fig) if takes_json() else plotly.io.renderers._build_mime_bundle(fig)
        sys.modules["IPython"].display.display({"text/plain": words} | bundle, raw=True)
    else:
        print(words)


def takes_json():
    """Whether plotly would choose its JSON, as in Jupyter. To ask it takes a second: it imports nbformat."""
    if "plotly.io._renderers" in sys.modules:  # it is there already, and may have been told what to choose
        return False
    told = os.environ.get("PLOTLY_RENDERER")
    elsewhere = any(name in os.environ for name in HOSTS) or Path("/kaggle/input").exists()
    kernel = type(sys.modules["IPython"].get_ipython()).__module__.startswith("ipykernel.")
    return told == "plotly_mimetype" if told else kernel and not elsewhere


def figure(title, traces, **layout):
    """A figure in colours that suit a light and a dark notebook."""
    common = {
        "title": {"text": text(f"picture.{title}"), **TOP},
        "height": 440,
        "margin": {"t": 95, "b": 100, "l": 60, "r": 30},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": GREY},
        "legend": ABOVE,
        "modebar": {"bgcolor": CLEAR, "color": GREY, "activecolor": ORANGE},
    }
    return {"data": traces, "layout": common | layout}


def axis(title, **options):
    """An axis with a quiet grid."""
    grid = {"gridcolor": LIGHT, "zerolinecolor": "rgba(127,127,127,0.5)"}
    return {"title": {"text": title}, **grid, **options}


def hidden_axis(first, last):
    """An axis that only says where things are; `first` may be larger than `last`."""
    return {"visible": False, "range": [first, last], "fixedrange": True}


def columns(gap, *columns):
    """Traces and layout of subplots in one row; a column is a title, traces, an x axis and a y axis."""
    width = (1 + gap) / len(columns) - gap
    traces, layout = [], {"annotations": []}
    for column, (title, own, x_axis, y_axis) in enumerate(columns):
        left, number = column * (width + gap), column + 1 if column else ""
        x, y = f"x{number}", f"y{number}"
        traces += [{**trace, "xaxis": x, "yaxis": y} for trace in own]
        layout[f"xaxis{number}"] = {**x_axis, "anchor": y, "domain": [left, left + width]}
        layout[f"yaxis{number}"] = {**y_axis, "anchor": x}
        layout["annotations"].append(
            {
                "text": title, "font": {"size": 16}, "showarrow": False, "xref": "paper", "yref": "paper",
                "x": left + width / 2, "y": 1, "xanchor": "center", "yanchor": "bottom",
            }
        )  # fmt: skip
    return traces, layout


def numbers(tensor, significant=False):
    """The entries as rounded numbers, None for what is no finite number.

    With `significant` their first digits are kept: a logarithmic axis has no place for 0.000.
    """
    return [_rounded(value, significant) for value in tensor.detach().to(torch.float64).flatten().tolist()]


def _rounded(value, significant):
    if not math.isfinite(value):
        return None
    return float(f"{value:.{DIGITS}g}") if significant else round(value, DIGITS)


def scatter(x, y, name, mode, **style):
    """A trace of points from two tensors."""
    return {"type": "scatter", "x": numbers(x), "y": numbers(y), "name": name, "mode": mode, **style}


def lines(x, y, name, showlegend=True, **style):
    """A trace of a line."""
    return scatter(x, y, name, "lines", showlegend=showlegend, line={"simplify": False, **style})


def strokes(paths, name="", **line):
    """Several open paths of (x, y) as one trace with gaps; with a name it stands in the legend."""
    places = [place for path in paths for place in (*path, (None, None))] or [(None, None)]
    x, y = ([_short(place[side]) for place in places] for side in (0, 1))
    shown = {"showlegend": bool(name), "hoverinfo": "skip", "line": line}
    return {"type": "scatter", "x": x, "y": y, "name": name, "mode": "lines", **shown}


def labels(places, **style):
    """Words at places: (x, y, text) each."""
    x, y, said = zip(*places, strict=True) if places else ((None,), (None,), ("",))
    quiet = {"showlegend": False, "hoverinfo": "skip", "cliponaxis": False, **style}
    x, y = ([_short(place) for place in side] for side in (x, y))
    return {"type": "scatter", "x": x, "y": y, "text": list(said), "mode": "text", **quiet}


def caption(x, y, said, **style):
    """The words of a step; they are what `in_words` tells of it."""
    said = "<br>".join(said)
    return labels([(x, y, said)], meta="caption", textfont={"size": 15}, **style)


def _short(number):
    return None if number is None else round(number, DIGITS)


def rectangle(left, right, low, high):
    """A closed path."""
    return [(left, low), (right, low), (right, high), (left, high), (left, low)]

"""Numbers, colours and words from plotly's JSON, which a learner wrote: any value may have any type."""

import base64
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from matplotlib import colors

INK = "#010203"  # stands for the page's text colour
MOST = 20_000  # numbers of one trace
TEXT = 2000  # characters of one text that are read
STOPS = 64  # of a colour scale
LARGEST = 1e100  # number that is drawn
Chosen = TypeVar("Chosen")
Rgba: TypeAlias = tuple[float, float, float, float]
PLOTLY_COLOURS = [
    "#636efa", "#ef553b", "#00cc96", "#ab63fa", "#ffa15a", "#19d3f3", "#ff6692", "#b6e880", "#ff97ff",
    "#fecb52",
]  # fmt: skip
RGB = re.compile(r"rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*(?:,\s*([\d.]+)\s*)?\)")
TAG, BREAK = re.compile(r"</?(?:b|i|s|u|em|sub|sup|span|a)\b[^<>]*>"), re.compile(r"<br\s*/?>")
TYPES = {"f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"}


def mapping(value: object) -> dict:
    """The value where it is a dict, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def words(value: object) -> str:
    """Text of a title or a name in one line, without plotly's few HTML tags."""
    return " ".join(written(value))[:200]


def written(value: object) -> list[str]:
    """The lines of a text, without plotly's few HTML tags."""
    if isinstance(value, dict):
        value = value.get("text")
    if not isinstance(value, str):
        return [""]
    return [html.unescape(TAG.sub("", line)) for line in BREAK.split(value[:TEXT])]


def array(value: object) -> list | np.ndarray:
    """The first MOST items of a list, or of plotly's {"dtype", "bdata", "shape"} as a numpy array."""
    if isinstance(value, dict) and value.get("dtype") in TYPES and isinstance(value.get("bdata"), str):
        numbers = np.frombuffer(base64.b64decode(value["bdata"]), dtype=np.dtype(value["dtype"]))
        shape = [int(size) for size in str(value.get("shape") or numbers.size).split(",")]
        return numbers.reshape(shape)[:MOST]
    return sequence(value)[:MOST]


def numbers(value: object) -> np.ndarray:
    """A one-dimensional float array, NaN for what is no number."""
    return np.array([_number(item) for item in array(value)], dtype=float)


def grid(value: object, most: int) -> tuple[np.ndarray, int, int]:
    """(a two-dimensional float array, its steps down and across): every n-th row and column, at most `most`.

    Raises ValueError when the rows differ in length.
    """
    rows = [row[:MOST] for row in array(value)]
    if len({len(row) for row in rows}) > 1:
        raise ValueError("rows of different lengths")
    down, across = (-(-length // most) or 1 for length in (len(rows), len(rows[0]) if rows else 0))
    thin = [[_number(item) for item in row[::across]] for row in rows[::down]]
    return np.array(thin, dtype=float), down, across


def _number(item: Any) -> float:
    if isinstance(item, bool) or not isinstance(item, (int, float, np.number)):
        return float("nan")
    return float(item) if abs(item) < LARGEST else float("nan")


def positions(value: object, count: int) -> list[str] | np.ndarray:
    """The coordinates of points on an axis: numbers, words as categories, or by default 0, 1, 2, …"""
    found = array(value)
    if len(found) and all(isinstance(item, str) for item in found):
        return [words(item) for item in found]
    return numbers(value) if len(found) else np.arange(min(count, MOST), dtype=float)


def choice(table: Mapping[str, Chosen], value: object, usual: Chosen) -> Chosen:
    """The table's entry for a word; `usual` for anything else, such as a list of words."""
    return table.get(value, usual) if isinstance(value, str) else usual


def size(value: object, usual: float, most: float = 30) -> float:
    """A width or size in pixels."""
    return min(max(_number(value), 0.5), most) if np.isfinite(_number(value)) else usual


def colour(value: object, usual: str = INK) -> Rgba:
    """A colour as (r, g, b, alpha), 0…1; black and white, possible backgrounds of a page, become INK."""
    name = value[:TEXT].strip() if isinstance(value, str) else ""
    if found := RGB.fullmatch(name):
        r, g, b = (min(float(part) / 255, 1) for part in found.groups()[:3])
        rgba = (r, g, b, min(float(found[4]), 1) if found[4] else 1)
    elif name and colors.is_color_like(name):
        rgba = colors.to_rgba(name)
    else:
        rgba = colors.to_rgba(usual)
    if max(rgba[:3]) < 0.2 or min(rgba[:3]) > 0.9:
        r, g, b, _ = colors.to_rgba(INK)
        rgba = (r, g, b, rgba[3])
    return rgba


def colour_map(scale: object) -> str | colors.Colormap:
    """A colour map of plotly's list of [place, colour], or of a name that matplotlib knows too."""
    if isinstance(scale, str):
        return scale if scale in ("Blues", "RdBu", "Greys", "Reds", "Greens") else scale.lower()
    stops = [
        (_number(stop[0]), colour_of_map(stop[1]))
        for stop in sequence(scale)[:STOPS]
        if isinstance(stop, list)
    ]
    return colors.LinearSegmentedColormap.from_list("scale", stops) if len(stops) > 1 else "viridis"


def colour_of_map(value: Any) -> Sequence[float]:
    """A colour of a scale, where white stays white."""
    found = RGB.fullmatch(value[:TEXT]) if isinstance(value, str) else None
    return tuple(min(float(part) / 255, 1) for part in found.groups()[:3]) if found else colors.to_rgba(value)

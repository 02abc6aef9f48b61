"""Numbers, colours and words out of plotly's JSON, which a learner wrote: anything may stand anywhere."""

import base64
import html
import re

import numpy as np
from matplotlib import colors

INK = "#010203"  # stands for the page's text colour
MOST = 20_000  # numbers of one trace
LARGEST = 1e100  # number that is drawn
PLOTLY_COLOURS = [
    "#636efa", "#ef553b", "#00cc96", "#ab63fa", "#ffa15a", "#19d3f3", "#ff6692", "#b6e880", "#ff97ff",
    "#fecb52",
]  # fmt: skip
RGB = re.compile(r"rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*(?:,\s*([\d.]+)\s*)?\)")
TYPES = {"f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"}


def mapping(value):
    """The value where it is a dict, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value):
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def words(value):
    """Text of a title or a name, without plotly's few HTML tags."""
    if isinstance(value, dict):
        value = value.get("text")
    if not isinstance(value, str):
        return ""
    return html.unescape(re.sub(r"<br\s*/?>", " ", value).replace("<b>", "").replace("</b>", ""))[:200]


def array(value):
    """A list, or plotly's {"dtype", "bdata", "shape"}, as a one- or two-dimensional numpy array or a list."""
    if isinstance(value, dict) and value.get("dtype") in TYPES and isinstance(value.get("bdata"), str):
        numbers = np.frombuffer(base64.b64decode(value["bdata"]), dtype=np.dtype(value["dtype"]))
        shape = [int(size) for size in str(value.get("shape") or numbers.size).split(",")]
        return numbers.reshape(shape)
    return sequence(value)


def numbers(value):
    """A one-dimensional float array, NaN for what is no number."""
    return np.array([_number(item) for item in list(array(value))[:MOST]], dtype=float)


def grid(value):
    """A two-dimensional float array. Raises ValueError when the rows differ in length."""
    rows = [list(row)[:MOST] for row in list(array(value))[:MOST]]
    return np.array([[_number(item) for item in row] for row in rows], dtype=float)


def _number(item):
    if isinstance(item, bool) or not isinstance(item, (int, float, np.number)):
        return float("nan")
    return float(item) if abs(item) < LARGEST else float("nan")


def positions(value, count):
    """Where the points of an axis lie: numbers, words as categories, or 0, 1, 2, … when nothing is said."""
    found = array(value)
    if len(found) and all(isinstance(item, str) for item in found):
        return [words(item) for item in found[:MOST]]
    return numbers(value) if len(found) else np.arange(min(count, MOST), dtype=float)


def choice(table, value, usual):
    """What a table has for a word; `usual` for anything else, a list with one word a point among them."""
    return table.get(value, usual) if isinstance(value, str) else usual


def size(value, usual, most=30):
    """A width or size in pixels."""
    return min(max(_number(value), 0.5), most) if np.isfinite(_number(value)) else usual


def colour(value, usual=INK):
    """A colour as (r, g, b, alpha), 0…1; black and white, which a page may have for paper, become ink."""
    if isinstance(value, str) and (found := RGB.fullmatch(value.strip())):
        r, g, b = (min(float(part) / 255, 1) for part in found.groups()[:3])
        rgba = (r, g, b, min(float(found[4]), 1) if found[4] else 1)
    elif isinstance(value, str) and colors.is_color_like(value.strip()):
        rgba = colors.to_rgba(value.strip())
    else:
        rgba = colors.to_rgba(usual)
    if max(rgba[:3]) < 0.2 or min(rgba[:3]) > 0.9:
        rgba = (*colors.to_rgba(INK)[:3], rgba[3])
    return rgba


def colour_map(scale):
    """A colour map of plotly's list of [place, colour], or of a name that matplotlib knows too."""
    if isinstance(scale, str):
        return scale if scale in ("Blues", "RdBu", "Greys", "Reds", "Greens") else scale.lower()
    stops = [(_number(stop[0]), colour_of_map(stop[1])) for stop in sequence(scale) if isinstance(stop, list)]
    return colors.LinearSegmentedColormap.from_list("scale", stops) if len(stops) > 1 else "viridis"


def colour_of_map(value):
    """A colour of a scale, where white stays white."""
    found = RGB.fullmatch(value) if isinstance(value, str) else None
    return tuple(min(float(part) / 255, 1) for part in found.groups()[:3]) if found else colors.to_rgba(value)

"""A picture in words: for viewers that show only text, and for those who do not see it."""

import re

import numpy as np

from ..messages import text


def in_words(fig):
    """Title, what stands still, and a paragraph for each step of an animation."""
    title = fig["layout"]["title"]["text"]
    frames = fig.get("frames", [])
    moving = set(frames[0]["traces"]) if frames else set()
    still = [_trace(trace) for number, trace in enumerate(fig["data"]) if number not in moving]
    prefix = fig["layout"]["sliders"][0]["currentvalue"]["prefix"] if frames else ""
    return "\n".join(filter(None, [title, *still, *(_step(prefix, frame) for frame in frames)]))


def ranges(fig):
    """Title and named traces of any plotly Figure."""
    said = [fig.layout.title.text or "", *(_range(trace.name, _numbers(trace)) for trace in fig.data)]
    return "\n".join(_plain(line) for line in said if line) or type(fig).__name__


def _numbers(trace):
    """The heights of a trace, as far as they are finite numbers."""
    try:
        heights = np.asarray(getattr(trace, "y", None), dtype=float).ravel()
    except (AttributeError, TypeError, ValueError):  # a trace over words, or without heights
        return []
    return heights[np.isfinite(heights)].tolist()


def _step(prefix, frame):
    captions = [trace for trace in frame["data"] if trace.get("meta") == "caption"]
    said = [" ".join(map(_plain, trace["text"])) for trace in captions] or map(_trace, frame["data"])
    return f"{prefix}{frame['name']}: {'; '.join(filter(None, said))}"


def _plain(words):
    return re.sub(r"<[^>]*>", "", words.replace("<br>", "; "))


def _trace(trace):
    """A named trace: how many points, from where to where."""
    rows = trace["z"] if "z" in trace else [trace["y"]]
    values = [value for row in rows for value in row if value is not None]
    return "" if trace.get("hoverinfo") == "skip" else _range(trace.get("name"), values)


def _range(name, values):
    if not name or not values:
        return ""
    low, high = (f"{value:g}".replace("-", "−") for value in (min(values), max(values)))
    return text("picture.range", name=name, count=len(values), low=low, high=high)

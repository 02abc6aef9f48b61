"""A figure with a slider and a button that plays it."""

from ..messages import text
from .figure import CLEAR, GREY, LIGHT, ORANGE, figure

AT_ONCE = {"duration": 0, "redraw": True}
SMOOTH = {"duration": 500, "redraw": False}
STEPWISE = {"duration": 1500, "redraw": True}
BUTTON = 125  # pixels, with a gap: what the slider leaves to it


def animated(title, still, frames, prefix, smooth=True, **layout):
    """A figure: its `still` traces, and one after another the traces of each frame of dict `frames`.

    `prefix` stands before the frame's name; `smooth` moves from one to the next, else they follow in steps.
    Slider and button have margins of their own.
    """
    first = next(iter(frames.values()))
    places = list(range(len(still), len(still) + len(first)))
    steps = [{"name": name, "data": traces, "traces": places} for name, traces in frames.items()]
    pad = 50 if layout["xaxis"].get("visible", True) else 20  # an axis has its words there
    controls = {"sliders": [_slider(frames, prefix, smooth, pad)], "updatemenus": [_button(smooth, pad)]}
    fig = figure(title, [*still, *first], **{"height": 500, **layout, **controls})
    return {**fig, "frames": steps}


def _slider(frames, prefix, smooth, pad):
    frame = {**AT_ONCE, "redraw": not smooth}
    at_once = {"mode": "immediate", "frame": frame, "transition": {"duration": 0}}
    return {
        "steps": [{"label": name, "method": "animate", "args": [[name], at_once]} for name in frames],
        "currentvalue": {"prefix": prefix},
        "pad": {"t": pad, "l": BUTTON, "r": 25},
        "bgcolor": LIGHT,
        "bordercolor": GREY,
        "tickcolor": GREY,
        "activebgcolor": ORANGE,
    }


def _button(smooth, pad):
    moving = {
        "frame": SMOOTH if smooth else STEPWISE,
        "transition": {"duration": 400 if smooth else 0},
        "fromcurrent": True,
        "mode": "immediate",
    }
    return {
        "type": "buttons",
        "buttons": [{"label": text("picture.play"), "method": "animate", "args": [None, moving]}],
        "x": 0,
        "y": 0,
        "xanchor": "left",
        "yanchor": "top",
        "pad": {"t": pad + 5},
        "bgcolor": CLEAR,
        "bordercolor": GREY,
        "showactive": False,
    }

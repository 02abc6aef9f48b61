"""A whole gradient beside torch's, as maps of colours."""

import plotly.colors
import torch

from .. import reference
from ..calls import call, read, subject
from ..messages import text
from ..values import shape_text
from .attempts import fitting
from .figure import DIGITS, axis, columns, figure, numbers, picture


@picture
def gradient_maps(layer_class):
    """dw (6, 4) of the learner and of torch, and their difference, as heat maps on one scale."""
    generator = torch.Generator().manual_seed(5)
    shapes = {"inputs": (9, 6), "weights": (6, 4), "bias": (4,), "dldy": (9, 4)}
    values = {
        name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()
    }
    layer = call(subject(layer_class, "DenseLayer"), values["weights"].clone(), values["bias"].clone())
    call(layer.backward, values["inputs"], values["dldy"])
    expected = reference.layer_gradients(**values)["dw"]
    yours = fitting(read(layer, "dw"), "dw")
    maps = {text("picture.yours"): yours, text("picture.torch"): expected}
    if yours.shape == expected.shape:
        maps[text("picture.difference")] = yours - expected
    else:
        maps[text("picture.no_difference", yours=shape_text(yours), right=shape_text(expected))] = None
    x_axis, first = axis(text("picture.output")), axis(text("picture.input"), autorange="reversed")
    other = axis("", autorange="reversed", showticklabels=False)
    if yours.shape == expected.shape:
        other["matches"] = "y"
    shown = [
        (title, [_heat_map(title, values)], x_axis, other if number else first)
        for number, (title, values) in enumerate(maps.items())
    ]
    traces, layout = columns(1 / 15, *shown)
    colours = {"colorscale": plotly.colors.get_colorscale("RdBu"), "cmid": 0}
    return figure("maps_title", traces, coloraxis=colours, **layout)


def _heat_map(title, values):
    """A map of a matrix; another shape is laid out in rows as well as it goes, None is an empty map."""
    if values is None:
        rows = [[None]]
    else:
        last = values.shape[-1] if values.dim() and values.numel() else 1
        rows = [numbers(row + 0.0) for row in values.round(decimals=DIGITS).reshape(-1, last)[:60, :60]]
    style = {"coloraxis": "coloraxis", "xgap": 1, "ygap": 1}
    return {"type": "heatmap", "z": rows or [[None]], "name": title, **style}

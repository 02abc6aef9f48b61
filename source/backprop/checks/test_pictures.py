"""Every picture is a figure that plotly takes: the notebooks show plain dicts, unchecked."""

import plotly.graph_objects as go
import plotly.io
import pytest
import torch

from checks import data, pictures, standins
from checks.outcome import CheckFailed

COEF = torch.tensor([2.0, -1.0])
INPUTS = torch.eye(2)
TARGETS = INPUTS @ COEF[:, None] + 0.5


def update(layer, loss):
    prediction = layer.forward(INPUTS)
    layer.backward(INPUTS, loss.backward(prediction, TARGETS))
    layer.step(0.1)
    return [loss.forward(prediction, TARGETS)]


def network(layer1, layer2):
    return standins.Network(layer1, layer2, standins.ReLU())


X, Y = data.parabola()
CALLS = {
    "tangent": (standins.Layer, standins.Loss),
    "contours": (standins.Layer, standins.Loss),
    "gradient_maps": (standins.Layer,),
    "descent": (update, standins.WatchedLayer(torch.zeros(2, 1), torch.zeros(1)), COEF, 3),
    "animation": (X, Y, {0: 0 * Y, 10: Y}),
    "memorising": (),
    "kinks": (network,),
}


@pytest.mark.parametrize("name", CALLS)
def test_plotly_finds_nothing_wrong(name, monkeypatch):
    shown = []
    monkeypatch.setattr(plotly.io, "show", lambda fig, validate: shown.append(fig))
    getattr(pictures, name)(*CALLS[name])
    assert all(go.Figure(fig).data for fig in shown)
    assert len(shown) == 1


def test_a_stub_gives_a_sentence_in_place_of_a_picture():
    with pytest.raises(CheckFailed, match="Картинка появится"):
        pictures.kinks(None)

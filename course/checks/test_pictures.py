"""Every picture is a figure that plotly takes, and it says in words what it shows."""

import sys
import time

import plotly.express as px
import plotly.graph_objects as go
import pytest
import torch
from checks import data, pictures, standins
from checks.outcome import CheckFailed
from checks.pictures import figure, ink, words

COEF = torch.tensor([2.0, -1.0])
INPUTS = torch.eye(2)
TARGETS = INPUTS @ COEF[:, None] + 0.5
X, Y = data.parabola()


def update(layer, loss):
    prediction = layer.forward(INPUTS)
    layer.backward(INPUTS, loss.backward(prediction, TARGETS))
    layer.step(0.1)
    return [loss.forward(prediction, TARGETS)]


def network(layer1, layer2):
    return standins.Network(layer1, layer2, standins.ReLU())


def wired(relu):
    """A right NeuralNetwork, written as a learner writes it."""

    class Network(standins.Network):
        def __init__(self, layer1, layer2):
            super().__init__(layer1, layer2, standins.ReLU() if relu else None)
            if not relu:
                del self.relu

        def forward(self, inputs):
            hidden = self.layer1.forward(inputs)
            return self.layer2.forward(self.relu.forward(hidden) if relu else hidden)

        def backward(self, inputs, dldy):
            z = self.layer1.forward(inputs)
            if not relu:
                return self.layer1.backward(inputs, self.layer2.backward(z, dldy))
            dhidden = self.layer2.backward(self.relu.forward(z), dldy)
            return self.layer1.backward(inputs, self.relu.backward(z, dhidden))

    return Network


def trained():
    hidden = standins.Layer(torch.ones(1, 10), torch.linspace(-1, 1, 10))
    return network(hidden, standins.Layer(torch.ones(10, 1), torch.zeros(1)))


CALLS = {
    "tangent": lambda: pictures.tangent(standins.Layer, standins.Loss),
    "contours": lambda: pictures.contours(standins.Layer, standins.Loss),
    "gradient_maps": lambda: pictures.gradient_maps(standins.Layer),
    "descent": lambda: pictures.descent(
        update, standins.WatchedLayer(torch.zeros(2, 1), torch.zeros(1)), COEF, 3
    ),
    "animation": lambda: pictures.animation(X, Y, {0: 0 * Y, 10: Y}),
    "memorising": lambda: pictures.memorising(),
    "kinks": lambda: pictures.kinks(network),
    "graph": lambda: pictures.graph(standins.Layer, standins.Loss),
    "dw": lambda: pictures.element(standins.Layer),
    "dx": lambda: pictures.element(standins.Layer, "dx"),
    "column": lambda: pictures.element(standins.Layer, outputs=1),
    "network": lambda: pictures.network(wired(relu=False)),
    "relu": lambda: pictures.network(wired(relu=True)),
    "hidden_units": lambda: pictures.hidden_units(trained(), X, Y),
}


def strings(value, place=""):
    """(key, string) of everything written in a figure."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from strings(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, place)
    elif isinstance(value, str):
        yield place, value


@pytest.mark.parametrize("name", CALLS)
def test_plotly_finds_nothing_wrong(name, shown):
    CALLS[name]()
    (fig,) = shown
    assert go.Figure(ink.inked(fig)).data
    assert "✗" not in "".join(part for key, part in strings(fig) if key == "text"), (
        "the right answer is broken"
    )


@pytest.mark.parametrize("name", CALLS)
def test_every_word_has_the_colour_of_the_notebooks_text(name, shown):
    CALLS[name]()
    for key, said in strings(ink.inked(shown[0])):
        if key in ("text", "label", "prefix") and said:
            assert said.startswith(ink.OPEN), said


@pytest.mark.parametrize("name", CALLS)
def test_a_picture_takes_no_time(name, shown):
    CALLS[name]()
    start = time.process_time()
    CALLS[name]()
    assert time.process_time() - start < 0.3


@pytest.mark.parametrize("name", CALLS)
def test_a_picture_says_in_words_what_it_shows(name, shown):
    CALLS[name]()
    said = words.in_words(shown[0]).split("\n")
    assert said[0] == shown[0]["layout"]["title"]["text"]
    assert len(said) > len(shown[0].get("frames", [])) >= 0
    assert all(len(line.partition(": ")[2]) > 3 for line in said[1:])
    assert "<" not in "".join(said).replace(" < 0", "")


def test_a_terminal_gets_the_words(capsys):
    pictures.memorising()
    assert "точек 100" in capsys.readouterr().out


def test_a_notebook_gets_the_figure_and_the_words(monkeypatch):
    IPython = pytest.importorskip("IPython")
    bundles = []
    monkeypatch.setattr(IPython, "get_ipython", lambda: True)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw: bundles.append(bundle))
    monkeypatch.setattr("plotly.io.renderers.default", "plotly_mimetype")
    pictures.memorising()
    assert bundles[0].keys() == {"text/plain", "application/vnd.plotly.v1+json"}


@pytest.fixture
def kernel(monkeypatch):
    """Jupyter's kernel, before plotly was asked how it shows figures."""
    IPython = pytest.importorskip("IPython")
    shell = type("ZMQInteractiveShell", (), {"__module__": "ipykernel.zmqshell"})()
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    monkeypatch.delitem(sys.modules, "plotly.io._renderers", raising=False)
    monkeypatch.delenv("PLOTLY_RENDERER", raising=False)


@pytest.mark.parametrize("chosen", [None, "plotly_mimetype"])
def test_jupyter_shows_a_picture_without_asking_plotly_how(kernel, chosen, monkeypatch):
    if chosen:
        monkeypatch.setenv("PLOTLY_RENDERER", chosen)
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))
    pictures.memorising()
    assert bundles[0].keys() == {"text/plain", "application/vnd.plotly.v1+json"}
    assert "plotly.io._renderers" not in sys.modules  # it imports nbformat, which takes a second


@pytest.mark.parametrize("variable", ["PLOTLY_RENDERER", *figure.HOSTS])
def test_plotly_is_asked_where_it_may_choose_something_else(kernel, variable, monkeypatch):
    monkeypatch.setenv(variable, "notebook")
    assert not figure.takes_json()


def test_a_stub_gives_a_sentence_in_place_of_a_picture():
    with pytest.raises(CheckFailed, match="Картинка появится"):
        pictures.kinks(None)


def broken(fig):
    """The steps that say ✗ in their own words."""
    said = {
        frame["name"]: trace["text"][0]
        for frame in fig["frames"]
        for trace in frame["data"]
        if trace.get("meta") == "caption"
    }
    return [name for name, caption in said.items() if "✗" in caption]


class Doubled(standins.Layer):
    """dw is twice what it should be."""

    def backward(self, inputs, dldy):
        dx = super().backward(inputs, dldy)
        self.dw = 2 * self.dw
        return dx


class HalfLoss(standins.Loss):
    """The forgotten two."""

    def backward(self, y_pred, y_true):
        return super().backward(y_pred, y_true) / 2


def test_a_mistake_breaks_one_edge_alone(shown):
    pictures.graph(Doubled, standins.Loss)
    pictures.graph(standins.Layer, HalfLoss)
    assert [broken(fig) for fig in shown] == [["4"], ["3"]]


def test_the_element_that_is_wrong_is_marked(shown):
    class OneWrong(standins.Layer):
        def backward(self, inputs, dldy):
            super().backward(inputs, dldy)
            self.dw[1, 0] += 1

    pictures.element(OneWrong)
    assert broken(shown[0]) == ["dw[1, 0]"]


def test_the_network_picture_names_what_was_given_in_place_of_what(shown):
    class InputTwice(wired(relu=True)):
        def backward(self, inputs, dldy):
            z = self.layer1.forward(inputs)
            dz = self.relu.backward(z, self.layer2.backward(inputs, dldy))
            return self.layer1.backward(inputs, dz)

    pictures.network(InputTwice)
    captions = "".join(part for key, part in strings(shown[0]["frames"]) if key == "text")
    assert "inputs = X (4, 2) ✗, а нужен H (4, 3)" in captions
    assert broken(shown[0]) == ["4"]


def captions(fig):
    """Every step's own words."""
    return [trace["text"][0] for frame in fig["frames"] for trace in frame["data"] if "meta" in trace]


def test_what_is_missing_or_has_stopped_is_said_so(shown):
    class Local(standins.Layer):
        def backward(self, inputs, dldy):
            super().backward(inputs, dldy)
            del self.db

    class Stops(wired(relu=True)):
        def backward(self, inputs, dldy):
            return self.layer2.backward(self.forward(inputs) @ dldy, dldy)

    pictures.graph(Local, standins.Loss)
    pictures.network(Stops)
    graph, network = map(captions, shown)
    assert "в self нет db, у torch 3 ✗" in graph[-1]
    assert "backward сети остановился с ошибкой ✗" in network[-1]


def test_the_tangent_says_what_the_learners_own_slope_would_mean(shown):
    class Opposite(standins.Layer):
        def backward(self, inputs, dldy):
            super().backward(inputs, dldy)
            self.dw = -self.dw

    pictures.tangent(Opposite, standins.Loss)
    assert captions(shown[0])[0] == "по вашему dw = 3.3 > 0: увеличим w — потеря вырастет"


def test_a_small_loss_stays_on_the_logarithmic_axis(shown):
    losses = iter([1.0, 3e-4, 0.0])
    layer = standins.WatchedLayer(torch.zeros(2, 1), torch.zeros(1))
    pictures.descent(lambda layer, loss: [update(layer, loss), next(losses)][1:], layer, COEF, 3)
    assert shown[0]["data"][0]["y"] == [1.0, 3e-4, 1e-9]


def test_the_axis_holds_the_first_frame_and_not_an_explosion(shown):
    pictures.animation(X, Y, {0: 12 * torch.ones(100, 1), 1: 1e30 * torch.ones(100, 1), 2: Y})
    low, high = shown[0]["layout"]["yaxis"]["range"]
    assert low < 0
    assert 12 <= high < 14


def test_no_number_falls_off_a_logarithmic_axis():
    values = torch.tensor([0.0, 1e-9, 1.234567e-5, 9.99e-4, 0.00123456, 12345.6, torch.inf, torch.nan])
    kept = figure.numbers(values.clamp(min=1e-9), significant=True)
    assert kept == [1e-9, 1e-9, 1.23e-5, 9.99e-4, 1.23e-3, 1.23e4, None, None]


def test_a_figure_of_the_learners_own_is_shown_and_told_in_words(monkeypatch):
    told = []
    module = sys.modules[pictures.own.__module__]
    monkeypatch.setattr(module, "display", lambda words, fig: told.append((words, fig)))
    frame = {"x": [0, 1], "y": [2.5, -1]}
    for fig in (px.scatter(frame, x="x", y="y", title="Мой <b>график</b>"), go.Figure(), go.Figure(go.Pie())):
        pictures.own(fig)
        pictures.own(fig.add_scatter(x=["a"], y=["b"], name="слова"))
    pictures.own(None)
    pictures.own("рисунок")
    assert told[0][0] == "Мой график"
    assert len(told) == 6
    pictures.own(go.Figure(go.Scatter(y=[2.5, -1], name="спуск")))
    assert told[-1][0] == "спуск: точек 2, от −1 до 2.5"

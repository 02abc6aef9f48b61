"""A picture ends in a figure or in a sentence, whatever the learner has written."""

import json

import pytest
import torch
from checks import data, pictures, standins
from checks.outcome import CheckFailed
from checks.pictures import figure, ink, words
from checks.test_pictures import COEF, trained, wired
from hypothesis import given, settings
from hypothesis import strategies as st

X, Y = data.parabola()


class Nasty:
    """Raises on anything."""

    def __getattribute__(self, name):
        raise RuntimeError(f"no {name} here")

    def __repr__(self):
        raise RuntimeError("not even this")

    __str__ = __len__ = __iter__ = __float__ = __array__ = __bool__ = __mul__ = __rmul__ = __eq__ = __repr__
    __hash__ = None


ODD = {
    "None": None,
    "a number": 3,
    "a word": "dw",
    "a list": [1.0, 2.0],
    "a dict": {"dw": 1},
    "a class": Nasty,
    "a function": len,
    "a generator": (number for number in range(3)),
    "an object that raises": Nasty(),
    "NaN": torch.tensor(float("nan")),
    "infinite": torch.full((2, 2), float("inf")),
    "huge": torch.full((4, 3), 1e300, dtype=torch.float64),
    "empty": torch.zeros(0),
    "empty rows": torch.zeros(3, 0),
    "many dimensions": torch.ones(2, 3, 4, 5),
    "a row": torch.ones(1, 7),
    "a column": torch.ones(100, 1),
    "too long": torch.ones(1000),
    "whole": torch.arange(4),
    "truth": torch.tensor([True, False]),
    "complex": torch.tensor([1j, 2.0]),
    "sparse": torch.eye(3).to_sparse(),
    "watched": torch.ones(2, requires_grad=True),
    "an array": torch.ones(3).numpy(),
}
RAISES = object()


def odd_class(base, places):
    """A class whose methods and attributes give odd objects at the `places`: name → odd object."""

    def method(name):
        def run(self, *arguments):
            if places.get(name) is RAISES:
                raise ValueError("your own mistake")
            result = getattr(base, name)(self, *arguments)
            for attribute in set(places) & {"dw", "db", "dx", "weights", "bias", "dypred"}:
                setattr(self, attribute, places[attribute])
            return places.get(name, result)

        return run

    return type(
        "Odd",
        (base,),
        {name: method(name) for name in ("forward", "backward", "step") if hasattr(base, name)},
    )


def draw_all(shown, places):
    """Every picture of classes with these places ends in a figure or in a sentence."""
    layer, loss = odd_class(standins.Layer, places), odd_class(standins.Loss, places)
    net, relu_net = odd_class(wired(relu=False), places), odd_class(wired(relu=True), places)
    unit = trained()
    for name in set(places) & {"weights", "bias"}:
        setattr(unit.layer1, name, places[name])
    attempts = [
        lambda: pictures.tangent(layer, loss),
        lambda: pictures.graph(layer, loss),
        lambda: pictures.contours(layer, loss),
        lambda: pictures.gradient_maps(layer),
        lambda: pictures.element(layer),
        lambda: pictures.element(layer, "dx"),
        lambda: pictures.network(net),
        lambda: pictures.network(relu_net),
        *([lambda: pictures.kinks(relu_net)] if places.keys() & {"forward", "backward", "step"} else []),
        lambda: pictures.hidden_units(unit, X, Y),
    ]
    for attempt in attempts:
        before = len(shown)
        sentence = ending(attempt)
        assert len(shown) == before + (not sentence)
        if not sentence:
            fig = json.loads(json.dumps(ink.inked(shown[-1]), allow_nan=False))
            assert words.in_words(fig)


def ending(attempt):
    """The sentence in place of a picture, or nothing. Raises what is no sentence."""
    try:
        attempt()
    except CheckFailed as failed:
        if not str(failed).startswith("Картинка появится"):
            raise
        return str(failed)
    return ""


PLACES = ("forward", "backward", "step", "dw", "db", "dx", "weights", "bias", "dypred")


@pytest.mark.parametrize(
    ("place", "odd"),
    [  # by day each place meets a third of the objects, the next place another one
        pytest.param(place, odd, marks=[] if (turn + number) % 3 == 0 else pytest.mark.nightly)
        for turn, place in enumerate(PLACES)
        for number, odd in enumerate(ODD)
    ],
)
def test_any_object_in_any_place_ends_in_a_figure_or_a_sentence(place, odd, shown):
    draw_all(shown, {place: ODD[odd]})


@given(st.dictionaries(st.sampled_from(PLACES), st.sampled_from([*ODD, "raises"]), min_size=2))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_several_odd_objects_at_once(places):
    with pytest.MonkeyPatch.context() as patch:
        figures = []
        patch.setattr(figure, "show", figures.append)
        draw_all(figures, {place: ODD.get(odd, RAISES) for place, odd in places.items()})


@pytest.mark.parametrize("odd", ODD)
def test_any_object_in_place_of_a_class_or_of_snapshots(odd, shown):
    value = ODD[odd]
    attempts = [
        lambda: pictures.graph(value, standins.Loss),
        lambda: pictures.graph(standins.Layer, value),
        lambda: pictures.tangent(value, value),
        lambda: pictures.element(value),
        lambda: pictures.network(value),
        lambda: pictures.hidden_units(value, X, Y),
        lambda: pictures.animation(X, Y, value),
        lambda: pictures.animation(X, Y, {0: value, 1: Y}),
        lambda: pictures.animation(X, Y, {"0": Y, 1: Y}),
        lambda: pictures.descent(lambda layer, loss: value, standins.WatchedLayer(COEF, COEF[0]), COEF, 2),
    ]
    sentences = [ending(attempt) for attempt in attempts]
    assert len(shown) + len(list(filter(None, sentences))) == len(attempts)
    for fig in shown:
        json.dumps(fig, allow_nan=False)

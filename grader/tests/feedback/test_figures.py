"""plotly's JSON becomes pictures that say what the figure says; what is no figure becomes a sentence."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from nbgrader_apart.feedback.figures import figure_reader
from nbgrader_apart.feedback.figures.show import show as show_json
from nbgrader_apart.messages import speaking

POINTS = {"x": [1, 2, 3], "y": [4, None, 6]}


def show(figure, name):
    return show_json(json.dumps(figure), name)


def as_json(figure):
    return json.loads(figure.to_json())


def drawn(figure):
    return show(as_json(figure), "f1")


@pytest.mark.parametrize(
    "trace",
    [
        go.Scatter(**POINTS, mode="lines+markers", name="кривая"),
        go.Scatter(x=["а", "б", "в"], y=[1, 2, 3], name="слова"),
        go.Scatter(y=[1, 2, 3], mode="markers", marker={"color": [1, 2, 3], "symbol": "x"}),
        go.Scatter(x=np.linspace(0, 1, 50), y=np.linspace(0, 1, 50) ** 2),
        go.Scatter(y=[1, 2], mode="markers", marker={"symbol": ["x", "square"], "size": [4, 9]}),
        go.Bar(x=["а", "б"], y=[1, 2]),
        go.Bar(y=["а", "б"], x=[1, 2], orientation="h"),
        go.Histogram(x=[1, 1, 2, 3]),
        go.Heatmap(z=[[1, 2], [3, 4]]),
        go.Contour(z=[[1, 2, 3], [3, 4, 5], [0, 1, 2]], colorscale="Blues"),
    ],
    ids=lambda trace: trace.type,
)
def test_every_usual_kind_is_drawn(trace):
    picture = drawn(go.Figure(trace))
    assert len(picture.panels) == 1
    assert picture.panels[0][1].startswith("<svg")
    assert not picture.note


def test_a_figure_that_was_drawn_in_one_language_is_drawn_anew_in_another():
    figure = as_json(go.Figure(go.Scatter(y=[1, 2], name="f")))
    for language, words in (("ru", "точек 2"), ("en", "2 points")):
        with speaking(language):
            assert words in show(figure, "f1").panels[0][1]


def test_arrays_in_plotlys_binary_form_are_read():
    figure = as_json(go.Figure(go.Scatter(y=np.array([1.5, 2.5]))))
    assert figure["data"][0]["y"]["bdata"]
    assert "от 1,5 до 2,5" in show(figure, "f1").panels[0][1]


def test_a_picture_says_in_words_what_it_shows():
    figure = go.Figure(go.Scatter(**POINTS, name="потеря"))
    figure.update_layout(title="Обучение", xaxis_title="эпоха", yaxis_title="потеря")
    picture = drawn(figure)
    assert picture.title == "Обучение"
    assert [name for name, _ in picture.legend] == ["потеря"]
    label = picture.panels[0][1].partition("aria-label=")[2].partition(">")[0]
    assert (
        "График «Обучение». По горизонтали эпоха, по вертикали потеря. потеря: точек 2, от 4 до 6." in label
    )


def test_subplots_are_panels_under_their_own_titles():
    figure = make_subplots(rows=1, cols=2, subplot_titles=["слева", "справа"])
    for column in (1, 2):
        figure.add_trace(go.Scatter(**POINTS), row=1, col=column)
    figure.add_hline(y=5, line={"dash": "dot", "color": "#112233"}, row=1, col=2)
    figure.update_yaxes(type="log", row=1, col=1)
    (left, first), (right, second) = drawn(figure).panels
    assert (left, right) == ("слева", "справа")
    assert second.count("stroke-dasharray") == first.count("stroke-dasharray") + 1


def test_an_animation_is_a_picture_for_each_step_over_the_same_axes():
    names = [str(epoch) for epoch in range(20)]
    figure = go.Figure(data=[go.Scatter(**POINTS), go.Scatter(y=[0, 0, 0])])
    figure.frames = [go.Frame(name=name, data=[go.Scatter(y=[int(name)] * 3)], traces=[1]) for name in names]
    figure.update_layout(sliders=[{"currentvalue": {"prefix": "эпоха "}}])
    picture = figure_reader.read(as_json(figure))
    assert [panel.title for panel in picture.panels] == [f"эпоха {n}" for n in (0, 4, 8, 11, 15, 19)]
    assert len({tuple(panel.y["range"]) for panel in picture.panels}) == 1
    assert [panel.traces[1]["y"][0] for panel in picture.panels] == [0, 4, 8, 11, 15, 19]
    assert all(panel.traces[0]["y"] == [4, None, 6] for panel in picture.panels)


def test_heat_maps_on_one_scale_keep_it():
    figure = make_subplots(rows=1, cols=2)
    for column, high in ((1, 4), (2, 0)):
        figure.add_trace(go.Heatmap(z=[[0, high]], coloraxis="coloraxis"), row=1, col=column)
    figure.update_layout(coloraxis={"cmid": 0})
    panels = figure_reader.read(as_json(figure)).panels
    assert [(p.traces[0]["zmin"], p.traces[0]["zmax"]) for p in panels] == [(-4, 4), (-4, 4)]


def test_black_and_white_are_drawn_in_the_colour_of_the_text():
    figure = go.Figure(go.Scatter(**POINTS, line_color="black", name="чёрная"))
    picture = drawn(figure)
    assert "#000000" not in picture.panels[0][1]
    assert 'stroke="currentColor"' in picture.legend[0][1]


def test_words_in_a_picture_are_drawn_and_told_large_enough_to_read():
    said = go.Scatter(
        x=[0, 1], y=[0, 1], text=['<span style="color:red">a < b</span><br><b>две</b>', ""], mode="text"
    )
    path = go.Scatter(x=[0, 1, 1, None, 2, 3, 3], y=[0, 0, 1, None, 0, 0, 1], fill="toself", hoverinfo="skip")
    picture = drawn(go.Figure([said, path], {"xaxis": {"visible": False}, "yaxis": {"visible": False}}))
    ((_, panel),) = picture.panels
    assert picture.wordy
    assert 'aria-label="График «без названия». a &lt; b; две."' in panel
    assert ">a &lt; b" in panel
    assert ">две" in panel


def test_kinds_that_are_not_drawn_are_named():
    picture = drawn(go.Figure([go.Scatter(**POINTS), go.Pie(values=[1, 2])]))
    assert "pie" in picture.note
    assert len(picture.panels) == 1


def test_ids_of_two_figures_differ():
    figure = as_json(go.Figure(go.Scatter(**POINTS, mode="markers")))
    ids = [set(show(figure, name).panels[0][1].split('id="')[1:]) for name in ("f1", "f2")]
    assert ids[0]
    assert not {each.split('"')[0] for each in ids[0]} & {each.split('"')[0] for each in ids[1]}


def test_a_figure_that_comes_again_is_not_drawn_again():
    first, again, other = (as_json(go.Figure(go.Scatter(y=y))) for y in ([1, 2], [1, 2], [1, 3]))
    assert show(again, "f1") is show(first, "f1")
    assert show(other, "f1") is not show(first, "f1")


def test_a_very_large_figure_stays_small():
    many = list(range(100_000))
    figure = {
        "data": [
            {"x": many, "y": many, "mode": "lines+markers"},
            {"type": "heatmap", "z": [many[:3000]] * 900},
        ]
    }
    assert len(show(figure, "f1").panels[0][1]) < 300_000


SCRIPT = "</svg><script>alert(1)</script><img src=x onerror=alert(1)>$\\frac{"


@pytest.mark.parametrize(
    "figure",
    [
        {},
        {"data": "x"},
        {"data": [None, 1, "a"]},
        {"data": [{"y": {"dtype": "f8", "bdata": "!!"}}]},
        {"data": [{"y": {"dtype": "O", "bdata": "AAAA"}}]},
        {"data": [{"type": ["scatter"], "y": [1]}]},
        {"data": [{"type": "heatmap", "z": [[1], [1, 2]]}]},
        {
            "data": [{"y": [1e308, -1e308, float("inf")]}],
            "layout": {"yaxis": {"type": "log", "range": [-9e9, 9e9]}},
        },
        {"data": [{"y": [1, 2], "xaxis": "x9e9", "line": {"width": 1e9, "color": SCRIPT}, "mode": SCRIPT}]},
        {"data": [{"y": [1]}], "frames": [{"traces": ["a", {}], "data": [{"y": SCRIPT}]}]},
        {"data": [{"y": [1]}], "layout": {"shapes": [{"type": "line", "x0": SCRIPT}], "sliders": 3}},
        {"data": [{"y": [1, 2], "mode": "text", "text": [SCRIPT, [SCRIPT]], "textfont": {"size": SCRIPT}}]},
        {"data": [{"y": [1, 2], "x": ["a", "b"], "mode": "text", "text": SCRIPT, "fill": "toself"}]},
        {
            "data": [{"y": [1], "name": SCRIPT}],
            "layout": {"title": SCRIPT, "xaxis": {"title": {"text": SCRIPT}}},
        },
    ],
)
def test_a_hostile_figure_is_drawn_safely_or_not_at_all(figure):
    picture = show(figure, "f1")
    parts = [part for _, part in [*picture.panels, *picture.legend]] if picture else []
    for part in parts:
        assert "<script" not in part
        assert "<img" not in part
        assert part.count("<svg") == part.count("</svg>") == 1

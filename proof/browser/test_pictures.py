"""The notebooks' pictures drawn by plotly.js: every word can be read, in the light and in the dark."""

import plotly
import pytest

from course.build import source_notebooks, tasks
from course.build.paths import ROOT

pytestmark = pytest.mark.slow

PLOTLY = ROOT.joinpath(plotly.__path__[0], "package_data", "plotly.min.js")
MIME = "application/vnd.plotly.v1+json"
THEMES = {  # of JupyterLab: paper, --jp-ui-font-color1
    "light": ("#ffffff", "rgba(0, 0, 0, 0.87)"),
    "dark": ("#111111", "rgba(255, 255, 255, 0.87)"),
}
WIDTHS = (1000, 560)  # of a notebook's outputs in a narrow and in a usual window
DRAW = """async ([figure, width]) => {
    const place = document.getElementById("picture");
    await Plotly.newPlot(place, figure.data, {...figure.layout, width});
    return Array.from(place.querySelectorAll("svg.main-svg text, svg.main-svg tspan"), part => {
        const whole = part.closest(".updatemenu-button") ?? part;
        const {left, right, top, bottom} = whole.getBoundingClientRect();
        const style = getComputedStyle(part);
        return {said: part.textContent, left, right, top, bottom, fill: style.fill,
                size: parseFloat(style.fontSize), leaf: !part.children.length && right > left};
    }).filter(text => text.leaf && text.said.trim());
}"""


def states(figure):
    """The figure as it is at first, in the middle and at the end."""
    frames = figure.get("frames", [])
    for frame in (
        [frames[0], frames[len(frames) // 2], frames[-1]] if frames else [{"data": [], "traces": []}]
    ):
        data = list(figure["data"])
        for place, trace in zip(frame["traces"], frame["data"], strict=True):
            data[place] = trace
        yield {"data": data, "layout": figure["layout"]}


def pictures(notebook):
    """The stored figures of a notebook's own pictures."""
    for cell in source_notebooks.read(notebook).cells:
        if "checks.pictures." in cell.source:
            yield from (
                output.data[MIME] for output in cell.get("outputs", []) if MIME in output.get("data", {})
            )


def luminance(colour, paper):
    """Relative luminance, as WCAG defines it, of "rgb(…)" or "rgba(…)" on an opaque paper."""
    *rgb, alpha = [*map(float, colour[colour.index("(") + 1 : -1].split(",")), 1][:4]
    behind = [int(paper[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [(alpha * c + (1 - alpha) * b) / 255 for c, b in zip(rgb, behind, strict=True)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mixed]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour, paper):
    """WCAG's contrast of words on a paper."""
    ink, sheet = (
        luminance(colour, paper),
        luminance(f"rgb({', '.join(str(int(paper[i : i + 2], 16)) for i in (1, 3, 5))})", paper),
    )
    return (max(ink, sheet) + 0.05) / (min(ink, sheet) + 0.05)


def overlap(one, other):
    """How many pixels two words share, the smaller way."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return min(across, down)


@pytest.mark.parametrize(
    ("notebook", "theme"),
    [
        pytest.param(name, theme, marks=[] if number % len(THEMES) == turn else pytest.mark.nightly)
        for number, name in enumerate(tasks.names())
        for turn, theme in enumerate(THEMES)
    ],
)
def test_every_word_of_a_picture_can_be_read(notebook, theme, page, shoot):
    paper, ink = THEMES[theme]
    page.set_content(
        f'<body style="margin:0;background:{paper};--jp-ui-font-color1:{ink}"><div id="picture">'
    )
    page.add_script_tag(path=PLOTLY)
    for number, figure in enumerate(pictures(notebook)):
        sheet = paper if "paper_bgcolor" in figure["layout"] else "#ffffff"  # as plotly has it
        for state in states(figure):
            for width in WIDTHS:
                found = page.evaluate(DRAW, [state, width])
                assert found
                for text in found:
                    assert contrast(text["fill"], sheet) >= 4.5, text
                    assert text["size"] >= 12, text
                    assert text["left"] >= 0, text
                    assert text["right"] <= width, text
                pairs = [
                    (a["said"], b["said"])
                    for i, a in enumerate(found)
                    for b in found[:i]
                    if overlap(a, b) > 1
                ]
                assert not pairs, (notebook, number, width, pairs)
        shoot(page, f"{number}")

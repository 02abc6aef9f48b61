"""A page takes time in proportion to the notebook that it shows, whatever that notebook holds."""

import json
from pathlib import Path

import pytest

from nbgrader_apart.feedback import cell_blocks, notebook_for_page
from nbgrader_apart.feedback.cell_blocks import LONGEST, MARKDOWN, ROOM, Page, coloured, lexer, printed
from nbgrader_apart.feedback.figures.show import show
from nbgrader_apart.feedback.markdown import to_html
from nbgrader_apart.feedback.mathml import LONGEST as FORMULA
from nbgrader_apart.feedback.mathml import mathml
from nbgrader_apart.feedback.page_summary import unwrapped

pytestmark = pytest.mark.slow

PYTHON = lexer("python")
MARKS = [
    *("\\\\[", "\\\\(", "\\begin{a}", "$", "$$", "$x$ ", "$$a$$\n", "[", "![", "[a](", "*a**", "`", "``a`"),
    *("<!--", "<a b='", "&", "> ", "- ", "a\n-\n", "|a|b|\n", "  - ", "<b>", "~~~\n", "\\", "a@b."),
]


def filled(part, size):
    return (part * (size // len(part) + 1))[:size]


@pytest.mark.parametrize("part", MARKS)
def test_markdown(assert_linear, part):
    assert_linear(to_html, lambda n: filled(part, n), MARKDOWN // 4)


def test_markdown_with_a_row_of_blanks(assert_linear):
    assert_linear(to_html, lambda n: "a" + " " * n + "b", MARKDOWN // 4)


@pytest.mark.parametrize(
    "part", ["{a\\over ", "\\frac{a}{", "x_{a}^{", "\\left(", "\\begin{matrix}", "^", "{"]
)
def test_formulas(assert_linear, part):
    """One costs no more than FORMULA characters can, so many of them are in proportion."""
    formula = f"${filled(part, 400)}$ "
    assert_linear(to_html, lambda n: formula * (n // 400), MARKDOWN // 4)
    assert mathml(filled(part, FORMULA + 1)).startswith("<code>")


@pytest.mark.parametrize(
    "part", ["match", "'\\N{", "(", "'''", "f'{", "\\\n", " " * 20 + "\n", "match\n", "\n"]
)
def test_code(assert_linear, part):
    assert_linear(lambda source: coloured(source, PYTHON), lambda n: filled(part, n), LONGEST // 4)


def test_code_of_long_lines_is_shown_whole_without_colours():
    assert coloured("x = 1", PYTHON) != "x = 1"
    assert coloured("y" * 1000 + "\nx = 1", PYTHON) == "y" * 1000 + "\nx = 1"


@pytest.mark.parametrize("part", ["\x1b[", "\x1b[1", "\n", "x" * 250 + "\r", "<"])
def test_printed_text(assert_linear, part):
    assert_linear(printed, lambda n: filled(part, n), 500_000)


@pytest.mark.parametrize("part", [" ", "a\n", "a \n", "    a\n", "\n"])
def test_sentences_of_checks(assert_linear, part):
    assert_linear(unwrapped, lambda n: filled(part, n) + "x", 50_000)


LINE = {"type": "line", "x0": 0, "x1": 1, "y0": 0, "y1": 1}
NOTE = {"x": 0, "y": 1, "text": "a"}
FIGURES_OF = {
    "points": lambda n: {"data": [{"y": list(range(n)), "mode": "lines+markers"}]},
    "words": lambda n: {"data": [{"x": [f"c{i}" for i in range(n)], "y": list(range(n))}]},
    "words of lying bars": lambda n: {
        "data": [{"type": "bar", "orientation": "h", "y": [f"c{i}" for i in range(n)], "x": list(range(n))}]
    },
    "words of a heat map": lambda n: {
        "data": [{"type": "heatmap", "z": [list(range(n))], "x": [f"c{i}" for i in range(n)]}]
    },
    "traces": lambda n: {"data": [{"y": [1, 2]}] * n},
    "rows on one scale": lambda n: {
        "data": [{"type": "heatmap", "z": [[1]] * n, "coloraxis": "coloraxis"}] * 9
    },
    "noise": lambda n: {
        "data": [{"type": "contour", "z": [[(i * j) % 7 for i in range(n)] for j in range(99)]}]
    },
    "one far value": lambda n: {"data": [{"type": "histogram", "x": [i / n for i in range(n)] + [1e9]}]},
    "colours": lambda n: {
        "data": [
            {"type": "heatmap", "z": [[1, 2]], "colorscale": [[i / n, "rgb(1,2,3)"] for i in range(n + 1)]}
        ]
    },
    "shapes": lambda n: {"data": [{"y": [1]}], "layout": {"shapes": [LINE] * n}},
    "lines of one shape": lambda n: {
        "data": [{"y": [1]}],
        "layout": {"shapes": [LINE | {side: [0] * n for side in ("x0", "x1", "y0", "y1")}]},
    },
    "notes": lambda n: {"data": [{"y": [1]}], "layout": {"annotations": [NOTE] * n}},
    "steps": lambda n: {"data": [{"y": [1]}], "frames": [{"data": [{"y": [i]}]} for i in range(n)]},
    "changes in a step": lambda n: {
        "data": [{"y": [1]}],
        "frames": [{"data": [{f"k{i}": 0} for i in range(20 * n)], "traces": [0] * 20 * n}],
    },
    "title": lambda n: {"data": [{"y": [1]}], "layout": {"title": "<br" * n}},
    "digits of a colour": lambda n: {"data": [{"y": [1], "line": {"color": "rgb(" + "9" * n}}]},
}


@pytest.mark.parametrize("name", FIGURES_OF)
def test_figures(assert_linear, name):
    number = iter(range(99))  # a figure that comes again under its name is not drawn again
    sources = {}

    def source(n):
        sources[n] = json.dumps(FIGURES_OF[name](n))
        return sources[n]

    show(source(10), "warm")
    assert_linear(lambda source: show(source, str(next(number))), source, 1000)


@pytest.mark.parametrize("name", ["shapes", "notes", "one far value", "words of lying bars"])
def test_no_more_is_drawn_than_can_be_seen(name):
    [(_, svg)] = show(json.dumps(FIGURES_OF[name](900)), f"all of {name}").panels
    assert 0 < svg.count("<path") + svg.count("<text") < 800


def test_words_under_an_axis_take_no_longer_than_numbers(assert_linear):
    """Four thousand of them took a hundred times as long."""
    words, numbers = ([kind(i) for i in range(4000)] for kind in (str, int))
    number = iter(range(99))
    assert_linear(
        lambda x: show(json.dumps({"data": [{"x": x, "y": numbers}]}), str(next(number))),
        lambda n: numbers if n == 1 else words,
        1,
    )


def test_a_few_of_the_words_stand_under_the_axis():
    drawn = show(json.dumps(FIGURES_OF["words"](4000)), "few")
    [(_, svg)] = drawn.panels
    assert 5 < svg.count(">c") < 20
    few = show(json.dumps({"data": [{"x": ["яблоко", "груша" * 20], "y": [1, 2]}]}), "two").panels[0][1]
    assert "яблоко" in few
    assert "груша" * 4 + "…" in few


@pytest.mark.parametrize(("bound", "fit"), [("FIGURES", 300), ("ROOM", 17_000)])
def test_figures_of_a_page_are_bounded_together(tmp_path, monkeypatch, bound, fit):
    monkeypatch.setattr(cell_blocks, bound, fit)
    drawn = []
    monkeypatch.setattr(cell_blocks, "show", lambda *of: drawn.append(of) or show(*of))
    figures = [display(notebook_for_page.PLOTLY, {"data": [{"y": list(range(20))}]})] * 9
    found = Page(notebook(tmp_path, [code("x", figures)]), set(), set()).cells()
    kinds = [output.kind for output in found[0].outputs]
    shown = kinds.count("figure")
    assert kinds == ["figure"] * shown + ["note"] * (len(kinds) - shown)
    assert 0 < shown <= len(drawn) <= shown + 1 < 9


def code(source, outputs=()):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": list(outputs)}


def display(kind, shown):
    return {"output_type": "display_data", "data": {kind: shown}}


def notebook(folder, cells):
    path = Path(folder) / "a.ipynb"
    path.write_text(json.dumps({"metadata": {}, "cells": cells}))
    return notebook_for_page.read(path)


@pytest.mark.parametrize(
    "content",
    [
        lambda n: [code("x")] * n,
        pytest.param(lambda n: [code("x", [display("text/plain", "")] * n * 10)], marks=pytest.mark.nightly),
        lambda n: [code("x", [display("text/html", "<div>" * 400)] * (n // 50))],
        lambda n: [code("x", [display("text/markdown", filled("\\\\[", 900))] * (n // 50))],
        lambda n: [code("x", [{"output_type": "stream", "text": "\r\n" + "x" * n * 500}])],
        lambda n: [{"cell_type": "markdown", "metadata": {}, "source": "*a* $b$ " * 40}] * (n // 20),
    ],
)
def test_pages(assert_linear, tmp_path, content):
    def make(n):
        path = tmp_path / f"{n}.ipynb"
        path.write_text(json.dumps({"metadata": {}, "cells": content(n)}))
        return path

    assert_linear(lambda path: Page(notebook_for_page.read(path), set(), set()).cells(), make, 500)


def test_what_becomes_nothing_takes_room_too(tmp_path):
    """A page is full after ROOM characters of comments, of which none is seen."""
    comment = display("text/html", "<!--" + "x" * 50_000 + "-->")
    found = Page(notebook(tmp_path, [code("x", [comment] * 100)]), set(), set()).cells()
    cleaned = sum(output.body == "" for output in found[0].outputs)
    assert cleaned == ROOM // 50_000 - 1

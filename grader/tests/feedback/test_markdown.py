"""Markdown is shown with formulas, and nothing in it runs or asks for anything."""

import pytest

from nbgrader_apart.feedback.markdown import to_html
from nbgrader_apart.feedback.mathml import block, mathml

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>"


def test_formulas_become_mathml():
    shown = to_html("Пусть $x < y$.\n\n$$L = \\frac{1}{k}\\sum_{i=1}^k x_i$$")
    assert "<mi>x</mi><mo>&lt;</mo><mi>y</mi>" in shown
    assert '<math display="block"><mrow><mi>L</mi>' in shown
    assert "$" not in shown


def test_bold_symbols_stay_bold():
    assert "𝐱" in mathml(r"\boldsymbol{x}")


def test_aligned_lines_are_a_table():
    assert mathml(r"\begin{aligned}a&=b\\c&=d\end{aligned}").count("<mtr>") == 2


def test_a_long_formula_can_break_where_its_author_left_room():
    assert block(r"a = b, \qquad c = \frac{d}{e}").count("<math") == 2
    assert block(r"\left( a \qquad b \right)").count("<math") == 1
    assert block(r"\frac{a \qquad b}{c}").count("<math") == 1


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:url(//x)}{x}",
    ],
)
def test_a_formula_carries_nothing_active(latex):
    shown = mathml(latex)
    assert "<script" not in shown
    assert "href" not in shown
    assert "style=" not in shown


@pytest.mark.parametrize("latex", [r"\frac{", "{" * 3000, "x" * 10_000, r"\begin{matrix}"])
def test_broken_latex_is_shown_as_it_is_written(latex):
    assert mathml(latex).startswith("<code>")


def test_nothing_active_is_left():
    shown = to_html(f"{HOSTILE}\n\n{HOSTILE} ![x](https://e.org/p.png) [x](javascript:alert(1)) `{HOSTILE}`")
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<svg" not in shown
    assert "href" not in shown


def test_links_lead_to_pages_and_files_that_are_there():
    source = "[a](task.ipynb) [b](other.ipynb) [c](notes.md) [d](https://e.org/?a=1&b=2) [e](task.ipynb#x)"
    shown = to_html(source, beside={"task.ipynb", "notes.md"})
    assert '<a href="task.html">a</a> <a>b</a> <a href="notes.md">c</a>' in shown
    assert '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer">d</a>' in shown
    assert '<a href="task.html#x">e</a>' in shown


def test_headings_go_below_those_of_the_page():
    assert to_html("# а\n## б\n##### в") == "<h3>а</h3>\n<h4>б</h4>\n<h6>в</h6>\n"


def test_boxes_are_seen_ticked_or_not():
    shown = to_html("- [x] да\n- [ ] нет")
    assert "☑ да" in shown
    assert "☐ нет" in shown


def test_folded_hints_stay_folded():
    shown = to_html("<details><summary><b>Подсказка</b></summary>\n\nПусть $x$.\n\n</details>")
    assert shown.startswith("<details><summary><b>Подсказка</b></summary>")
    assert "<math" in shown

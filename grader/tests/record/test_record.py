"""What is shown is safe, and what is suspicious is asked about."""

import html
import re
from types import SimpleNamespace

import pytest

from nbgrader_apart.judge import process
from nbgrader_apart.judge.process import score_of
from nbgrader_apart.model.syntax import bound_names, loaded_names
from nbgrader_apart.record import manual_review, safe_outputs

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
HOSTILE += "<svg onload=alert(1)></svg><a href='javascript:alert(1)'>x</a>"


@pytest.mark.parametrize("mime", ["text/html", "text/markdown", "text/latex"])
def test_no_active_content_is_left(mime):
    shown = safe_outputs.form(mime, HOSTILE)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<svg" not in shown
    assert "javascript:" not in shown


@pytest.mark.parametrize("mime", ["image/svg+xml", "application/javascript", "application/x-unknown"])
def test_forms_that_are_never_shown(mime):
    assert safe_outputs.form(mime, HOSTILE) is None


@pytest.mark.parametrize(
    "tangled",
    [
        "<p><b><p>x</p></b></p>",
        "<b title='</b>'><p>x</p>",
        "<svg/onload=alert(1)>",
        "<b title=a'>'>",
        "<p\u2003title=x>",
        "<!--> --> <i> <!-- x > -->" + "<!doctype html>",
        "<div>" * 100,
    ],
)
def test_tangled_html_is_shown_as_text(tangled):
    assert safe_outputs.html(tangled) == html.escape(tangled)
    data = {"text/html": tangled, "text/plain": "x"}
    assert safe_outputs.one({"output_type": "display_data", "data": data})["data"] == {"text/plain": "x"}


@pytest.mark.parametrize(
    "orderly",
    [
        "<p>x < 1 &amp; y<br>z</p>\n<p>",
        '<table border="1"><tbody><tr><td title="a > b" colspan=2><b>1</b></td></tr></tbody></table>',
        "<!-- a < b --><ul><li><code>x</code> <a href=https://e.org/a/>y</a></li></ul>",
    ],
)
def test_orderly_html_is_shown(orderly):
    shown = safe_outputs.form("text/html", orderly)
    assert re.findall(r"<\w+", shown) == re.findall(r"<\w+", orderly)


def test_a_table_keeps_its_looks():
    table = '<table style="border-collapse: collapse"><tr><th scope="col">x</th></tr></table>'
    assert "border-collapse" in safe_outputs.form("text/html", table)
    assert "border-collapse" in safe_outputs.form("text/html", table * 10_000)


def nested(depth):
    value = 1
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    return {"data": value}


def test_the_json_of_a_figure_is_json_and_shallow():
    mime = safe_outputs.KEPT_JSON[0]
    assert safe_outputs.form(mime, {"data": [{"x": [1, None, "a"]}], 1: 2.5}) == {
        "data": [{"x": [1, None, "a"]}],
        "1": 2.5,
    }
    for value in (b"x", {1}, 10**5000, {(1, 2): 1}):
        assert safe_outputs.form(mime, {"data": value}) is None
    assert safe_outputs.form(mime, nested(15)) == nested(15)
    for depth in (25, 900, 5000):
        assert safe_outputs.form(mime, nested(depth)) is None


def test_dynamic_code_is_asked_about_and_ordinary_code_is_not():
    assert manual_review.dynamic_names("getattr(x, name)\nexec('1')") == ["exec", "getattr"]
    assert manual_review.dynamic_names("import torch\nx = getattr(layer, 'dw')\nprint(x.sum(0))") == []
    loop = "for name in names:\n            setattr(self, name, getattr(self, name) * 2)"
    assert manual_review.dynamic_names(f"class A:\n    def f(self):\n        {loop}") == []
    for elsewhere in (
        "def f(self):",
        "class A:\n    f = lambda self:",
        "class A:\n    @staticmethod\n    def f(self):",
    ):
        assert manual_review.dynamic_names(f"{elsewhere} getattr(self, name)") == ["getattr"]


def test_a_test_that_rests_on_dynamic_code_is_looked_at():
    cells = [("a", "def f(): eval('1')"), ("b", "def h(): return f()")]
    flagged, comments = manual_review.questions(cells, {"t1": "f()", "t2": "g()", "t3": "h()"})
    assert flagged == {"t1", "t3"}
    assert list(comments) == ["a"]
    assert manual_review.questions([("a", "exec('f = g')")], {"t1": "f()", "t2": "g()"})[0] == {"t1"}


@pytest.mark.parametrize(
    "source", ["a" + ".b" * 5000, "-" * 5000 + "1", "(" * 150 + ")" * 150, "x = 1\n" * 5000]
)
def test_code_that_cannot_be_read_is_looked_at(source):
    flagged, comments = manual_review.questions([("a", source), ("b", "f = 1")], {"t1": "f()", "t2": "g()"})
    is_python = "(" not in source
    assert flagged == ({"t1"} if is_python else set())
    assert list(comments) == (["a"] if is_python else [])


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "%%time", "!pip install x", "files = !ls", "f?", "if 1:\n  %cd x"]
)
def test_lines_of_ipythons_hide_nothing_and_are_nothing_to_ask_about(line):
    cell = f"{line}\ndef f():\n    return"
    assert bound_names(cell) == {"f"}
    assert manual_review.questions([("a", f"{cell} 1")], {"t": "f()"}) == (set(), {})
    assert manual_review.questions([("a", f"{cell} exec")], {"t": "f()"})[0] == {"t"}


@pytest.mark.parametrize(
    ("cell", "looked_at"),
    [
        ("%cd x\ny = (7\n    % 3)\ndef f():\n    return exec", True),
        ("%%bash\necho 'f = trick' > g.py", True),
        ("%%html\n<b>x</b>", False),
        ("!ls", False),
        ("def f(:", False),
    ],
)
def test_what_ipythons_lines_make_unreadable_is_looked_at(cell, looked_at):
    assert bool(manual_review.questions([("a", cell)], {"t": "f()"})[0]) is looked_at


def test_getattr_with_a_number_is_no_name():
    assert manual_review.dynamic_names(f"getattr(x, 0x{'f' * 5000})") == []


def test_names_are_found_without_running():
    source = "import os\nclass A:\n    inner = 1\nfor i in range(3):\n    b = i\ndef f():\n    local = 2\n"
    assert bound_names(source) == {"A", "i", "b", "f"}
    assert loaded_names("check.dw(DenseLayer)") == {"check", "DenseLayer"}


@pytest.mark.parametrize(
    ("result", "kind"), [(1.5, "execute_result"), (-1, "error"), (float("nan"), "error")]
)
def test_partial_credit_is_a_number_of_points(result, kind):
    assert score_of(result)[0]["output_type"] == kind


@pytest.mark.parametrize("result", [None, True, "1", [1]])
def test_nothing_else_is_partial_credit(result):
    assert score_of(result) == []


def test_a_last_expression_with_a_semicolon_is_run_too():
    client = SimpleNamespace(values=lambda names: {}, unfit=None, kept=[])
    namespace = process.TestNamespace(client, {}, [])
    [error], _ = namespace.test("1 / 0;", "test", [])
    assert error["ename"] == "ZeroDivisionError"
    assert namespace.test("0.5;", "test", []) == ([], None)

"""What is shown is safe, and what is suspicious is asked about."""

import pytest

from grading.judge.cells import score_of
from grading.judge.names import bound_names, imports_of, loaded_names
from grading.record import clean, manual

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
HOSTILE += "<svg/onload=alert(1)><a href='javascript:alert(1)'>x</a>"


@pytest.mark.parametrize("mime", ["text/html", "text/markdown", "text/latex"])
def test_no_active_content_is_left(mime):
    shown = clean.form(mime, HOSTILE)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<svg" not in shown
    assert "javascript:" not in shown


@pytest.mark.parametrize("mime", ["image/svg+xml", "application/javascript", "application/x-unknown"])
def test_forms_that_are_never_shown(mime):
    assert clean.form(mime, HOSTILE) is None


def test_a_table_keeps_its_looks():
    table = '<table style="border-collapse: collapse"><tr><th scope="col">x</th></tr></table>'
    assert "border-collapse" in clean.form("text/html", table)


def test_dynamic_code_is_asked_about_and_ordinary_code_is_not():
    assert manual.dynamic_names("getattr(x, name)\nexec('1')") == ["exec", "getattr"]
    assert manual.dynamic_names("import torch\nx = getattr(layer, 'dw')\nprint(x.sum(0))") == []
    assert manual.dynamic_names("for name in names:\n    setattr(self, name, getattr(self, name) * 2)") == []


def test_a_test_that_rests_on_dynamic_code_is_looked_at():
    cells = [("a", "def f(): eval('1')"), ("b", "def h(): return f()")]
    flagged, comments = manual.questions(cells, {"t1": "f()", "t2": "g()", "t3": "h()"})
    assert flagged == {"t1", "t3"}
    assert list(comments) == ["a"]
    assert manual.questions([("a", "exec('f = g')")], {"t1": "f()", "t2": "g()"})[0] == {"t1"}


@pytest.mark.parametrize(
    "source",
    [
        "y = a.b.trick(1)",
        "from pack.trick import f",
        "import pack.trick as p",
        "y = (a + b).trick",
        "getattr(f(), 'trick')",
        "def f():\n    return trick",
    ],
)
def test_a_suspicious_name_is_found_wherever_it_is_written(source):
    assert manual.suspicious_names(source, ["trick", "other"]) == ["trick"]


def test_a_dotted_name_is_found_as_it_is_written_and_a_part_of_a_word_is_not():
    assert manual.suspicious_names("import torch\ntorch.func.grad(f)", ["torch.func"]) == ["torch.func"]
    assert manual.suspicious_names("func = tricky_trick\nself.func(torch)", ["torch.func", "trick"]) == []
    assert manual.suspicious_names("x = 1 + 2j", ["complex"]) == ["complex"]


def test_suspicious_code_is_asked_about_where_a_test_rests_on_it():
    cells = [("a", "class A:\n    f = helper"), ("b", "from x import trick as helper"), ("c", "trick()")]
    assert manual.questions(cells, {"t1": "A()", "t2": "B()"}, ["trick"])[0] == {"t1"}
    patched = [("a", "class A: pass"), ("b", "A.f = trick")]
    flagged, comments = manual.questions(patched, {"t1": "A()"}, ["trick"])
    assert flagged == {"t1"}
    assert "trick" in comments["b"]
    assert manual.questions(patched, {"t1": "A()"}, ["trick"], ["b"]) == (set(), {})


def test_names_are_found_without_running():
    source = "import os\nclass A:\n    inner = 1\nfor i in range(3):\n    b = i\ndef f():\n    local = 2\n"
    assert bound_names(source) == {"A", "i", "b", "f"}
    assert loaded_names("check.dw(DenseLayer)") == {"check", "DenseLayer"}
    assert imports_of(source) == "import os"


@pytest.mark.parametrize(
    ("result", "kind"), [(1.5, "execute_result"), (-1, "error"), (float("nan"), "error")]
)
def test_partial_credit_is_a_number_of_points(result, kind):
    assert score_of(result)[0]["output_type"] == kind


@pytest.mark.parametrize("result", [None, True, "1", [1]])
def test_nothing_else_is_partial_credit(result):
    assert score_of(result) == []

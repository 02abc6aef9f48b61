"""What is not on a course's list is named, and nothing else."""

import pytest

from nbgrader_apart.record.allow_list import AllowList
from support.small_list import asked


def test_what_stands_there_with_its_line_is_said_once():
    said = asked("class A:\n    def f(self):\n        return eval('1+1')")[1]
    assert "в нём есть eval (строка 3)." in said


HONEST = [
    "return lib.f(x).sum() ** 2",
    "return lib.sub.g(self.mine) + self.helper()",
    "self.data = pow(x, -1) + [y for y in (x, x)][0]",
    "for name in ('mine', 'data'):\n            setattr(self, name, getattr(self, name))",
    "for name, one in (('mine', x), ('data', 1)):\n            setattr(self, name, one)",
    "other = A()\n        other.data = ar.make(ar.pi)",
    "return type(self)(), getattr(self, 'mine')",
    "table = course.table(A)",
    "match x:\n            case A(mine=found):\n                return found",
    "for n, by in zip(('mine', 'data'), (x, 1)):\n            setattr(self, n, getattr(self, n) * by)",
    "for n, by in {'mine': x, 'data': 1}.items():\n            setattr(self, n, by)",
    "for n, name in enumerate(['mine', 'data']):\n            setattr(self, name, n)",
    "return ar.add.reduce(x) + ar.add(x, ar.pi)",
    "return ar.make(x, ar.real), ar.make(x, dtype=ar.whole), x.sum().astype(ar.real), x == ar.whole",
    "return isinstance(x, ar.real), isinstance(x, (A, ar.whole))",
    "def within(y: ar.real | None) -> A[ar.whole]:\n            z: ar.whole = y",
    "return numbers.root(x), root(x), round(x), map(A, x), map(lib.f, x), type(x)",
    "return '{:.2f} {} {name}'.format(x, 1, name='sys.path.txt'), '__main__', 'course.table', 'code'",
    "code = x\n        return code.eval()",
    "__name__ = x",
]
LAYER = """class A(lib.Base):
    @property
    def helper(self):
        return self.mine

    def __init__(self):
        self.mine = None

    def backward(self):
        {}
"""


@pytest.mark.parametrize("line", HONEST)
def test_what_is_on_the_list_is_not_named(line):
    assert asked(LAYER.format(line)) == (set(), "")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("return lib.g(x)", "lib.g"),
        ("return lib.sub.f(x)", "lib.sub.f"),
        ("return lib.other.f(x)", "lib.other"),
        ("t = lib", "lib"),
        ("return print(lib.sub)", "lib.sub"),
        ("import other", "other"),
        ("from lib import g", "lib.g"),
        ("from lib import *", "lib.*"),
        ("from arrays import make", "arrays.make"),
        ("return ar.make", "arrays.make"),
        ("return x.grad", ".grad"),
        ("return self.sum().grad.sum()", ".grad"),
        ("return x.__dict__", ".__dict__"),
        ("self.imag = x\n        return x.imag", ".imag"),
        ("return getattr(x, 'grad')", ".grad"),
        ("return getattr(x, name)", "getattr"),
        ("return getattr(self, 'gr' + 'ad')", "getattr"),
        (
            "name = 'gr' + 'ad'\n        for name in ('mine',): pass\n        return getattr(self, name)",
            "getattr",
        ),
        ("return [getattr(x, name) for name in ('mine', 'data')]", "getattr"),
        ("setattr(x, 'mine', 1)", "setattr"),
        ("take = getattr", "getattr"),
        ("eval = 1\n        return eval", "eval"),
        ("return open('x')", "open"),
        ("return nowhere", "nowhere"),
        ("return x ** 0.5", "**"),
        ("return x ** x", "**"),
        ("return pow(x, x)", "pow"),
        ("return 1j", "1j"),
        ("x.sum = 1", ".sum ="),
        ("lib.f = 1", "lib ="),
        ("lib.table[0] = 1", "lib ="),
        ("x.backward = 1", ".backward ="),
        ("del x.__class__", ".__class__ ="),
        ("def __add__(self): pass", "__add__"),
        ("class B(int): pass", "B(int)"),
        ("class B(metaclass=A): pass", "B(metaclass=…)"),
        ("@lib.f\n        def g(): pass", "@lib.f"),
        ("async def g(): pass", "async"),
        ("match x:\n            case A(grad=found):\n                return found", ".grad"),
        ("return A.__init__(x)", ".__init__"),
        ("return course.inner.table", "course.inner"),
        ("return f'{x.grad}'", ".grad"),
        ("return [lambda: x.grad]", ".grad"),
        ("self.f_globals = x\n        return x.f_globals", ".f_globals"),
        ("return course.pictures.table", "course.pictures.table"),
        ("return ar.real(x)", "arrays.real"),
        ("kind = ar.real", "arrays.real"),
        ("kind: A = ar.real", "arrays.real"),
        ("def within(y: (kind := ar.real)): return kind", "arrays.real"),
        ("return map(ar.real, x)", "arrays.real"),
        ("return self.helper(ar.real)", "arrays.real"),
        ("return ar.real.sum(x, x)", "arrays.real"),
        ("return ar.add.outer(x, x)", "arrays.add.outer"),
        ("return ar.make.outer(x, x)", "arrays.make.outer"),
        ("return ar.add", "arrays.add"),
        ("return map(numbers.root, x)", "numbers.root"),
        ("return map(root, x)", "root"),
        ("return map(round, x)", "round"),
        ("again = round", "round"),
        ("return type('B', (), {})", "type"),
        ("return type(*x)", "type"),
        ("return map(type, x)", "type"),
        ("return {'__add__': x}", "'__add__'"),
        ("return '{0.imag}'.format(x)", "'{0.imag}'.format"),
        ("return '{x.y:3}'.format(x=x)", "'{x.y:3}'.format"),
        ("return '{0[0]}'.format(x)", "'{0[0]}'.format"),
        ("return ('{0' + '.imag}').format(x)", ".format"),
        ("return map(str.format, x)", ".format"),
        ("global __name__\n        __name__ = 'other'", "__name__ ="),
        ("return (lambda self: getattr(self, x))(1)", "getattr"),
        ("self = x\n        for name in ('mine', 'data'):\n            getattr(self, name)", "getattr"),
        ("for name, one in zip(x, ('mine', 'data')):\n            getattr(self, name)", "getattr"),
        ("from feeds import Feed", "feeds.Feed"),
    ],
)
def test_what_is_not_on_the_list_is_named_with_its_line(line, named):
    flagged, said = asked(LAYER.format(line))
    assert flagged & {"a-slope", "b-slope"} == {"a-slope"}
    assert f"{named} (строка " in said


def test_arrays_are_made_in_functions_only():
    assert "arrays.make (строка 1)" in asked("B = ar.make(1)")[1]
    assert asked("class B:\n    def f(self):\n        return ar.make(1)") == (set(), "")


def test_code_is_read_with_what_it_rests_on():
    helper = "def helper(x):\n    return inner(x)\n", "def inner(x):\n    return x.grad\n"
    flagged, said = asked(*helper, "class B:\n    def f(self, x):\n        return helper(x)\n")
    assert (flagged, said.count(".grad")) == ({"b-slope"}, 1)
    assert asked(*helper, "class B:\n    def f(self, helper):\n        return helper(1)\n") == (set(), "")


def test_what_stands_beside_it_may_use_anything():
    beside = "y = x.grad\nprint(open)\nprint(map(len, x.grad))\nclass Other(int): pass\n"
    assert asked(f"class A:\n    size = len\n{beside}", "import pandas as pd\npd.options.rows = 1") == (
        set(),
        "",
    )


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("TOOLS.append(x.grad)", ".grad"),
        ("def add(tools): tools.append(x.grad)\nadd(TOOLS)", ".grad"),
        ("TOOLS[0] = x.grad", ".grad"),
        ("def add():\n    global TOOLS\n    TOOLS = x.grad", ".grad"),
    ],
)
def test_what_changes_an_object_that_it_uses_is_read_too(cell, named):
    flagged, said = asked("TOOLS = []\nclass A:\n    def f(self):\n        return TOOLS[0]\n", cell)
    assert flagged == {"a-slope"}
    assert named in said


LOOP = "{}\ndef c():\n    return [{} for _ in x]\n"


@pytest.mark.parametrize(
    ("above", "line"),
    [
        ("from feeds import Feed", "Feed(x)"),
        ("from arrays import make\nstart = ar.make(1)", "make(start)"),
        ("kind = ar.real", "kind(map(round, x)) ** 0.5"),
        ("from numbers import root", "map(root, x)"),
    ],
)
def test_where_nobody_looks_on_things_may_be_used_in_any_way(above, line):
    assert asked(LOOP.format(above, line)) == (set(), "")


@pytest.mark.parametrize("line", ["x.grad", "lib.g(x)", "open('x')", "type('B', (), {})"])
def test_there_too_all_has_to_be_on_the_list(line):
    assert asked(LOOP.format("", line))[0] == {"c-loop"}


def test_what_both_rest_on_is_read_for_each():
    flagged, _ = asked("kind = ar.real\nclass A:\n    def f(self): return kind\ndef c(): return kind\n")
    assert flagged == {"a-slope"}


def test_a_part_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="names"):
        AllowList.of({"names": []})

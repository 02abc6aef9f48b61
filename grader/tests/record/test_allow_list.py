"""What is not on a course's list is named, and nothing else."""

import pytest

from nbgrader_apart.record import manual_review
from nbgrader_apart.record.allow_list import AllowList

ALLOWED = AllowList.of(
    {
        "tests": ["*-slope"],
        "builtins": ["len", "print", "getattr", "setattr", "pow", "property", "type"],
        "attributes": ["sum", "append", "setter"],
        "settable": ["data"],
        "reserved": ["imag"],
        "dunders": ["__init__", "__repr__"],
        "decorators": ["property", "lib.fast"],
        "bases": ["lib.Base"],
        "machinery": ["sys", "vars", "_inner"],
        "course": ["course"],
        "modules": {
            "lib": ["f", "Base", "fast"],
            "lib.sub": ["g"],
            "arrays": ["make", "pi"],
            "course": ["table"],
        },
        "watched": {"arrays": ["pi"]},
    }
)
TESTS = {"a-slope": "A()", "a-other": "A()", "b-slope": "B()"}
GIVEN = ["import lib\nimport course\nimport arrays as ar\nx = 1\n"]


def asked(*cells):
    """(flagged tests, what is named) of learner's cells."""
    named = [(f"cell{number}", source) for number, source in enumerate(cells)]
    flagged, comments = manual_review.questions(named, TESTS, ALLOWED, GIVEN)
    return flagged, "; ".join(comments.values())


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
    beside = "y = x.grad\nprint(open)\nclass Other(int): pass\n"
    assert asked(f"class A: pass\n{beside}", "import pandas as pd\npd.options.rows = 1") == (set(), "")


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


@pytest.mark.parametrize(
    "cell",
    [
        "lib.f = len", "import sys", "course.inner.only = None", "from course import inner",
        "lib._inner.off()", "setattr(lib, 'f', len)", "t = lib", "x.sum = len", "x.__dict__.clear()",
        "vars(x)", "from lib import Base\nBase.f = 1",
    ],
)  # fmt: skip
def test_what_reaches_beyond_itself_is_shown_for_every_derivation(cell):
    assert asked("class A: pass", cell)[0] == {"a-slope", "b-slope"}


@pytest.mark.parametrize("magic", ["%matplotlib inline", "%config x = 1", "?x", "%time y = 1"])
def test_a_cell_with_magics_is_read(magic):
    assert asked(f"{magic}\nclass A: pass\n") == (set(), "")
    assert asked(f"{magic}\nclass A:\n    def f(self, x): return x.grad\n")[0] == {"a-slope"}
    assert "(строка 3)" in asked(f"{magic}\nclass A:\n    def f(self, x): return x.grad\n")[1]


def test_under_a_cell_magic_too():
    assert asked("%%time\nclass A:\n    def f(self, x): return x.grad\n")[0] == {"a-slope"}


@pytest.mark.parametrize(
    "cell", ["%run x.py", "y = !ls", "!ls", "%%bash\nls", " class A: pass\nclass B: pass", ">>> A = 1"]
)
def test_what_ipython_alone_understands_is_shown(cell):
    assert asked("class A: pass", cell)[0] >= {"a-slope", "b-slope"}


def test_a_slip_of_the_pen_runs_nothing_and_is_not_shown():
    assert asked("class A: pass", "def f(:\n  x.grad") == (set(), "")


@pytest.mark.parametrize("source", ["-" * 19000 + "1", "x = 1\n" * 5000, "\0", "%time\n" + "-" * 19000 + "1"])
def test_what_cannot_be_read_is_shown(source):
    flagged, said = asked("class A: pass", source)
    assert flagged >= ({"a-slope", "b-slope"} if source != "\0" else set())
    assert bool(said) == (source != "\0")


def test_a_part_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="names"):
        AllowList.of({"names": []})

"""What stands beside a derivation is named when it reaches beyond itself or cannot be read, and else not."""

import pytest

from support.small_list import asked


@pytest.mark.parametrize(
    "cell",
    [
        "lib.f = len", "import sys", "course.inner.only = None", "from course import inner",
        "lib._inner.off()", "setattr(lib, 'f', len)", "t = lib", "x.sum = len", "x.__dict__.clear()",
        "vars(x)", "from lib import Base\nBase.f = 1", "log.inner.sys.modules", "t = log.os\nt.sys.path",
        "from log import _sys", "import code", "log._sys", "x.f_globals", "find('course.inner')",
        "find('course:inner')",
        "run('import course; y = course')", "find(b'course.inner')", "find('course')", "find('os.sys')",
        "find('sys')",
        "run('x.f_globals')", "feed(run_code=True)", "def look(self, name):\n    return getattr(self, name)",
        "match x:\n    case A(sys=found): pass",
        "class B:\n    def look(self, name): return getattr(self, name)\nB.look(x, 's' + 'ys')",
        "class B:\n    def look(self, name): return getattr(self, name)\nself = x\nB.look(self, 's' + 'ys')",
        "__name__ = 'layer'", "import os as __name__", "def __name__(): pass", "for __name__ in 'ab': pass",
        "try: x\nexcept NameError as __name__: pass", "def f():\n    global __name__\n    __name__ = 'layer'",
    ],
)  # fmt: skip
def test_what_reaches_beyond_itself_is_shown_for_every_derivation(cell):
    assert asked("class A: pass", cell)[0] >= {"a-slope", "b-slope", "c-loop"}


@pytest.mark.parametrize(
    "cell",
    [
        "class Look:\n    __name__ = 'look'\n    def look(self, name):\n        return getattr(self, name)",
        "if __name__ == '__main__': print('course.table', 'course.pictures.draw', 'the course')",
        "code = {'sys': 1}\ncode['eval'] = x.eval()\nx.save('code.png', 'net.eval')",
        "print('{0.imag}'.format(x), type('B', (), {}), ar.real(1), map(round, x))",
    ],
)
def test_what_reaches_nothing_is_not_shown(cell):
    assert asked("class A: pass", cell) == (set(), "")


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

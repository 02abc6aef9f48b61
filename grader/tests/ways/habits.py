"""One-test courses, each with a habit of real nbgrader courses: cells, a wrong answer, how apart takes it.

The reference answer gets its points by nbgrader and `inside`; the wrong one gets none. Apart is "equal" to
that, or refuses with the message apart.… whose name stands here. Last come files beside the notebook.
"""

ANSWER = "def square(x):\n    return x * x"
WRONG = "def square(x):\n    return x + x + 1"
POINT = (
    "class P:\n    def __init__(self, x): self.x = x\n    def area(self): return self.x * 2\n"
    "    def __add__(self, o): return P(self.x + o.x)\n    def __eq__(self, o): return self.x == o.x\n"
    "    def __repr__(self): return f'P({self.x})'\n    def __len__(self): return self.x\n"
    "    def __lt__(self, o): return self.x < o.x"
)
PLAIN = "class P:\n    def __init__(self, x): self.x = x\n    def area(self): return self.x * 2"
BAD_PLAIN = PLAIN.replace("self.x * 2", "self.x * 3")
BAD = POINT.replace("self.x + o.x", "self.x - o.x").replace("== o.x", "!= o.x").replace("< o.x", "> o.x")
ERROR = "class Odd(ValueError): pass\ndef check(x):\n    if x % 2: raise Odd(x)"
FILE = "def save(x):\n    with open('out.txt', 'w') as f: f.write(str(x))"
NUMPY, PANDAS = ("plain", "import numpy as np"), ("plain", "import pandas as pd")
FRAME = "d = pd.DataFrame({'x': [1, 2]})"


def one(test, answer=ANSWER, wrong=WRONG, apart="equal", before=(), files=None):
    """A habit: cells before, an answer, a test."""
    return [*before, ("answer", answer), ("test", test)], wrong, apart, files or {}


HABITS = {
    # plain values
    "number": one("assert square(3) == 9"),
    "text": one("assert name == 'Ada'", "name = 'Ada'", "name = 'Bob'"),
    "list": one("assert found == [1, [2]]", "found = [1, [2]]", "found = [1]"),
    "tuple": one("assert isinstance(found, tuple) and found == (1, 2)", "found = (1, 2)", "found = [1, 2]"),
    "dict": one("assert found['a'] == 1 and len(found) == 1", "found = {'a': 1}", "found = {}"),
    "set": one("assert found == {1, 2}", "found = {1, 2}", "found = {1}"),
    "frozenset": one("assert isinstance(found, frozenset)", "found = frozenset([1])", "found = {1}"),
    "bytes": one("assert found == b'x'", "found = b'x'", "found = b'y'"),
    "none": one("assert found is None", "found = None", "found = 0"),
    "type of a number": one("assert type(square(2)) == int", wrong="def square(x):\n    return x * 1.5"),
    "type by name": one("assert type(square(2)).__name__ == 'int'", wrong="def square(x):\n    return 1.5"),
    "a built-in class": one("assert kind is int", "kind = int", "kind = str"),
    "counter equal": one(
        "assert c == {'a': 2}", "from collections import Counter\nc = Counter('aa')", "c = {'a': 1}"
    ),
    "counter's method": one(
        "assert c.most_common(1)[0][0] == 'a'",
        "from collections import Counter\nc = Counter('aab')",
        "from collections import Counter\nc = Counter('b')",
        "plain",
    ),
    "counter's class": one(
        "from collections import Counter\nassert isinstance(c, Counter)",
        "from collections import Counter\nc = Counter('aa')",
        "c = {'a': 1}",
        "type",
    ),
    "namedtuple's field": one(
        "assert p.x == 1",
        "from collections import namedtuple\np = namedtuple('P', 'x')(1)",
        "from collections import namedtuple\np = namedtuple('P', 'x')(2)",
        "plain",
    ),
    "decimal": one(
        "from decimal import Decimal\nassert d == Decimal('0.1')",
        "from decimal import Decimal\nd = Decimal('0.1')",
        "from decimal import Decimal\nd = Decimal('0.2')",
        "operator",
    ),
    "date": one(
        "from datetime import date\nassert d == date(2020, 1, 1)",
        "from datetime import date\nd = date(2020, 1, 1)",
        "from datetime import date\nd = date(2020, 1, 2)",
        "operator",
    ),
    # numpy, pandas
    "array": one(
        "assert np.allclose(a, [1, 2])", "a = np.array([1.0, 2.0])", "a = np.zeros(2)", before=[NUMPY]
    ),
    "array's test": one(
        "np.testing.assert_array_equal(a, [1, 2])", "a = np.array([1, 2])", "a = np.zeros(2)", before=[NUMPY]
    ),
    "array in place": one(
        "a = np.zeros(2)\nfill(a)\nassert a.sum() == 2",
        "def fill(a): a[:] = 1",
        "def fill(a): pass",
        before=[NUMPY],
    ),
    "import in the answer": one(
        "assert np.allclose(a, 1)", "import numpy as np\na = np.ones(2)", "import numpy as np\na = 2"
    ),
    "frame's class": one("assert isinstance(d, pd.DataFrame)", FRAME, "d = 1", before=[PANDAS]),
    "frame's shape": one("assert d.shape == (2, 1)", FRAME, "d = pd.DataFrame()", before=[PANDAS]),
    "frame's column": one(
        "assert list(d['x']) == [1, 2]", FRAME, "d = pd.DataFrame({'x': [1]})", before=[PANDAS]
    ),
    "frame's filter": one(
        "assert len(d[d['x'] == 1]) == 1", FRAME, "d = pd.DataFrame({'x': [3]})", "operator", before=[PANDAS]
    ),
    "frame's test": one(
        "pd.testing.assert_frame_equal(d, pd.DataFrame({'x': [1, 2]}))",
        FRAME,
        "d = pd.DataFrame({'x': [1, 3]})",
        "operator",
        before=[PANDAS],
    ),
    # functions
    "default arguments": one(
        "assert f() == 2 and f(y=1) == 2", "def f(x=1, y=1): return x + y", "def f(x=1, y=1): return 1"
    ),
    "higher order": one(
        "assert adder(2)(3) == 5", "def adder(a): return lambda b: a + b", "def adder(a): return lambda b: b"
    ),
    "key of sorted": one(
        "assert sorted(['bb', 'a'], key=size) == ['a', 'bb']",
        "def size(t): return len(t)",
        "def size(t): return -len(t)",
    ),
    "recursion": one(
        "assert fact(5) == 120", "def fact(n): return n * fact(n - 1) if n else 1", "def fact(n): return n"
    ),
    "generator": one(
        "assert list(gen(3)) == [0, 1, 2]", "def gen(n): yield from range(n)", "def gen(n): yield n"
    ),
    "endless generator": one(
        "g = count()\nassert [next(g), next(g)] == [0, 1]",
        "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1",
        "def count():\n    yield 1\n    yield 1",
    ),
    "callable": one("assert callable(square)", wrong="square = 1"),
    "doc": one("assert f.__doc__ == 'Says.'", "def f():\n    'Says.'", "def f(): pass"),
    "function as argument": one(
        "assert twice(lambda v: v + 1, 1) == 3",
        "def twice(f, x): return f(f(x))",
        "def twice(f, x): return f(x)",
        "argument",
    ),
    "built-in as argument": one(
        "assert use(len, 'ab') == 2", "def use(f, x): return f(x)", "def use(f, x): return 0", "argument"
    ),
    "decorator": one(
        "@twice\ndef one(): return 1\nassert one() == 2",
        "def twice(f): return lambda: 2 * f()",
        "def twice(f): return f",
        "argument",
    ),
    "source": one("import inspect\nassert 'x * x' in inspect.getsource(square)", apart="inspect"),
    "signature": one(
        "import inspect\nassert len(inspect.signature(square).parameters) == 1",
        wrong="def square(x, y=0): return 0",
        apart="inspect",
    ),
    "code": one(
        "assert square.__code__.co_argcount == 1", wrong="def square(x, y=0): return 0", apart="inspect"
    ),
    "coroutine": one(
        "assert await f() == 1",
        "async def f(): return 1",
        "async def f(): return 2",
        "await",
    ),
    "async comprehension": one(
        "assert [x async for x in count()] == [1]",
        "async def count(): yield 1",
        "async def count(): yield 2",
        "await",
    ),
    # in place
    "list in place": one("a = []\npush(a)\nassert a == [1]", "def push(a): a.append(1)", "def push(a): pass"),
    "nested list in place": one(
        "a = [[0], (0, [0])]\nrow = a[0]\nf(a)\nassert row == [1] and a[1][1] == [2]",
        "def f(a):\n    a[0][0] = 1\n    a[1][1][0] = 2",
        "def f(a): a[0] = [1]",
    ),
    "dict in place": one(
        "d = {'a': 1}\nf(d)\nassert d == {'b': 2}",
        "def f(d):\n    d.clear()\n    d['b'] = 2",
        "def f(d): pass",
    ),
    "set in place": one("s = {1}\nf(s)\nassert s == {1, 2}", "def f(s): s.add(2)", "def f(s): pass"),
    "not changed": one(
        "a = [2, 1]\nf(a)\nassert a == [2, 1]", "def f(a): return sorted(a)", "def f(a): a.sort()"
    ),
    "the same list": one("a = [1]\nassert f(a) is a", "def f(a): return a", "def f(a): return list(a)"),
    "a kept list": one(
        "a = []\nb = Box(a)\nb.put(1)\nassert a == [1]",
        "class Box:\n    def __init__(self, a): self.a = a\n    def put(self, x): self.a.append(x)",
        "class Box:\n    def __init__(self, a): self.a = list(a)\n    def put(self, x): self.a.append(x)",
        "kept",
    ),
    # classes
    "attribute": one("p = P(2)\np.x = 3\nassert p.area() == 6", PLAIN, BAD_PLAIN),
    "isinstance": one(
        "assert isinstance(make(), P)", PLAIN + "\ndef make(): return P(1)", PLAIN + "\ndef make(): return 1"
    ),
    "class compared": one(
        "assert type(make()) is P",
        PLAIN + "\ndef make(): return P(1)",
        PLAIN + "\ndef make(): return 1",
        "type",
    ),
    "identity": one(
        "assert make() is make()", "it = object()\ndef make(): return it", "def make(): return object()"
    ),
    "plain ==": one(
        "a = P(1)\nassert a == a and a != P(1)",
        PLAIN,
        PLAIN + "\n    def __ne__(self, o): return False",
        "equal or operator",
    ),
    "own +": one("assert (P(1) + P(2)).x == 3", POINT, BAD, "operator"),
    "own ==": one("assert P(1) == P(1)", POINT, BAD, "operator"),
    "own <": one("assert sorted([P(2), P(1)])[0].x == 1", POINT, BAD, "operator"),
    "own len": one("assert len(P(2)) == 2", POINT, PLAIN),
    "own repr": one("assert repr(P(2)) == 'P(2)'", POINT, PLAIN),
    "own str": one(
        "assert str(p) == 's' and f'{p}' == 's'",
        "class S:\n    def __str__(self): return 's'\n    def __repr__(self): return 'r'\np = S()",
        "p = 'r'",
    ),
    "own iteration": one(
        "assert list(b) == [1]",
        "class B:\n    def __iter__(self): return iter([1])\nb = B()",
        "class B:\n    def __iter__(self): return iter([])\nb = B()",
    ),
    "own with": one(
        "with B() as v:\n    assert v == 1",
        "class B:\n    def __enter__(self): return 1\n    def __exit__(self, *a): pass",
        "class B:\n    def __enter__(self): return 2\n    def __exit__(self, *a): pass",
        "operator",
    ),
    "dataclass": one(
        "assert D(1) == D(1)",
        "from dataclasses import dataclass\n@dataclass\nclass D:\n    x: int",
        "class D:\n    def __init__(self, x): pass",
        "operator or equal",
    ),
    "vars": one("assert vars(P(1)) == {'x': 1}", PLAIN, PLAIN.replace("self.x = x", "self.y = x")),
    "subclass": one("assert issubclass(Q, P)", PLAIN + "\nclass Q(P): pass", PLAIN + "\nclass Q: pass"),
    "derived in the test": one("class Q(P): pass\nassert Q(1).area() == 2", PLAIN, BAD_PLAIN, "subclass"),
    "deep copy": one("import copy\nassert copy.deepcopy(P(1)).area() == 2", PLAIN, BAD_PLAIN, "copy"),
    "enum": one(
        "assert C.RED is C.RED and C.RED.value == 1",
        "import enum\nclass C(enum.Enum): RED = 1",
        "import enum\nclass C(enum.Enum): RED = 2",
    ),
    # exceptions
    "built-in exception": one(
        "try:\n    f()\n    assert False\nexcept ValueError:\n    pass",
        "def f(): raise ValueError('x')",
        "def f(): pass",
    ),
    "pytest.raises": one(
        "import pytest\nwith pytest.raises(ZeroDivisionError):\n    f(0)",
        "def f(x): return 1 / x",
        "def f(x): return 0",
    ),
    "own exception": one(
        "try:\n    check(1)\n    assert False\nexcept Odd:\n    pass",
        ERROR,
        ERROR.replace("raise Odd(x)", "pass"),
        "exception",
    ),
    "own exception by base": one(
        "try:\n    check(1)\n    assert False\nexcept ValueError:\n    pass",
        ERROR,
        ERROR.replace("raise Odd(x)", "pass"),
    ),
    "unittest": one(
        "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(square(3), 9)\n"
        "T('test').debug()"
    ),
    # around the code
    "printed": one(
        "import io, contextlib\nout = io.StringIO()\n"
        "with contextlib.redirect_stdout(out):\n    say()\nassert out.getvalue() == 'hi\\n'",
        "def say(): print('hi')",
        "def say(): pass",
        "output",
    ),
    "input patched": one(
        "from unittest.mock import patch\n"
        "with patch('builtins.input', return_value='3'):\n    assert ask() == 3",
        "def ask(): return int(input())",
        "def ask(): return 0",
        "patch",
    ),
    "seed": one(
        "import random\nrandom.seed(1)\na = roll()\nrandom.seed(1)\nassert roll() == a",
        "import random\ndef roll(): return random.random()",
        "import secrets\ndef roll(): return secrets.token_hex()",
        "seed",
    ),
    "written file": one(
        "save(3)\nassert open('out.txt').read() == '3'", FILE, FILE.replace("str(x)", "'0'"), "file"
    ),
    "given file": one(
        "assert total() == sum(map(int, open('data.csv')))",
        "def total(): return 3",
        "def total(): return 4",
        files={"data.csv": "1\n2\n"},
    ),
    "pool of processes": one(
        "import multiprocessing as mp\nwith mp.Pool(1) as pool:\n    assert pool.map(square, [3]) == [9]",
        apart="process",
    ),
    "globals()": one("assert 'x' in globals()", "x = 1", "y = 1", "namespace"),
    "global set by the test": one(
        "N = 3\nassert f() == 3", "N = 2\ndef f(): return N", "N = 2\ndef f(): return 2", "global"
    ),
    "warning": one(
        "import warnings\nwith warnings.catch_warnings(record=True) as w:\n"
        "    warnings.simplefilter('always')\n    f()\nassert len(w) == 1",
        "import warnings\ndef f(): warnings.warn('old')",
        "def f(): pass",
        "output",
    ),
    "current figure": one(
        "assert len(plt.gca().lines) == 1",
        "plt.plot([1, 2]);",
        "pass",
        "figure",
        before=[("plain", "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt")],
    ),
    "magic in the test": one("%precision 3\nassert square(3) == 9", apart="magic"),
    "partial credit": one("1.5 if square(3) == 9 else 0"),
    # other cells
    "old-nbformat": one("assert square(3) == 9", before=[("plain", "K = 1")]),
    "magic in a plain cell": one(
        "assert np.isclose(x, 1)",
        "x = 1",
        "x = 2",
        before=[("plain", "import numpy as np\n%matplotlib inline")],
    ),
    "magic in a locked cell": one(
        "assert abs(area(1) - math.pi) < 1e-3",
        "def area(r): return math.pi * r * r",
        "def area(r): return r",
        before=[("locked", "%matplotlib inline\nimport math")],
    ),
    "helper in a plain cell": one(
        "assert x == helper(K)",
        "x = helper(K)",
        "x = 0",
        before=[("plain", "K = 7\ndef helper(v): return v + 1")],
    ),
    "helper in a locked cell": one(
        "assert close(square(3), 9)", before=[("locked", "def close(a, b): return abs(a - b) < 1e-9")]
    ),
    "helper that calls the answer": one(
        "assert works()", before=[("locked", "def works(): return square(3) == 9")]
    ),
}
# in which something stands after the answer
HABITS["locked cell uses the answer"] = (
    [("answer", ANSWER), ("locked", "y = square(3)\nprint(y)"), ("test", "assert y == 9")],
    WRONG,
    "equal",
    {},
)
HABITS["stub in the source"] = (
    [("answer", "raise NotImplementedError"), ("test", "assert x == 1")],
    "x = 2",
    "equal",
    {},
)
HABITS["helper of an earlier test"] = (
    [
        ("answer", ANSWER),
        ("test", "def is9(v): return v == 9\nassert is9(square(3))"),
        ("test", "assert is9(square(-3))"),
    ],
    WRONG,
    "equal",
    {},
)
HABITS["a test imports for the cells after it"] = (
    [
        ("answer", ANSWER),
        ("test", "import math\nassert square(3) == 9"),
        ("answer", "def area(r): return math.pi * r * r"),
        ("test", "assert area(1) > 3"),
    ],
    WRONG,
    "later",
    {},
)
HABITS["a number that two tests count"] = (
    [
        ("plain", "count = 0"),
        ("answer", "count += 1"),
        ("test", "count += 10\nassert count == 11"),
        ("test", "assert count == 11"),
    ],
    "count += 2",
    "equal or earlier",
    {},
)
HABITS["a list that two tests fill"] = (
    [
        ("answer", "found = []"),
        ("test", "found.append(1)\nassert found == [1]"),
        ("test", "assert len(found) == 1"),
    ],
    "found = [0]",
    "equal or earlier",
    {},
)
HABITS["a name of a refused test"] = (
    [
        ("answer", ANSWER),
        ("test", "import random\nrandom.seed(1)\nseen = square(3)\nassert seen == 9"),
        ("test", "assert seen == 9"),
    ],
    WRONG,
    "seed or needs",
    {},
)
HABITS["a test that is skipped"] = (
    [("answer", ANSWER), ("test", "assert square(3) == 9"), ("test skip-execution", "assert False")],
    WRONG,
    "equal",
    {},
)
OWN = {"stub in the source": ["x = 1"]}  # right answers where the source has none

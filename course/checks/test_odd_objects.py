"""Whatever the learner's objects are, a check ends in a verdict: odd objects in every place of a value."""

import decimal
import fractions
import types

import checks
import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from checks import report
from checks.outcome import Row
from checks.topic import Topic


class Hostile:
    """Raises whatever is asked of it."""

    def _raise(self, *args, **kwargs):
        raise RuntimeError("hostile")

    __getattr__ = __setattr__ = __eq__ = __len__ = __iter__ = __call__ = __bool__ = __str__ = __repr__ = (
        _raise
    )
    __getitem__ = __contains__ = __int__ = __float__ = __array__ = __hash__ = __add__ = __sub__ = _raise


class Silent(Exception):
    """Has no text."""

    def __str__(self):
        raise ValueError


class Kin(torch.Tensor):
    """A tensor of the learner's own kind, on which nothing works."""

    @classmethod
    def __torch_function__(cls, function, kinds, args=(), kwargs=None):
        raise Silent


def raising(error):
    """A function that raises, whatever it is given."""

    def function(*args, **kwargs):
        raise error

    return function


def objects():
    """Odd objects by name, made anew."""
    numbers = [True, 3, -1.5, float("nan"), 1j, 10**400, fractions.Fraction(1, 3), decimal.Decimal("1.5")]
    plain = [
        None,
        "text",
        "",
        b"bytes",
        [],
        [1, 2],
        [None],
        ["a"],
        (),
        (1, 2),
        {},
        {"dw": None},
        {1: "a"},
        set(),
        ...,
    ]
    shapes = [torch.ones(shape) for shape in [(), (1,), (0,), (3,), (2, 3), (1, 1), (100, 1), (2, 2, 2)]]
    kinds = [
        torch.ones(2, dtype=dtype) for dtype in (torch.int64, torch.bool, torch.complex64, torch.float16)
    ]
    tensors = [torch.ones(2, requires_grad=True), torch.eye(2).to_sparse(), torch.full((2,), torch.nan)]
    tensors += [
        torch.nn.Parameter(torch.ones(2)),
        torch.ones(2).as_subclass(Kin),
        torch.ones(2, device="meta"),
    ]
    arrays = [np.ones(2), np.array(["a"]), np.array([None]), np.array(1.0), np.zeros((0, 2)), np.float32(1)]
    functions = [
        lambda *given: given,
        lambda: 1,
        len,
        raising(Silent()),
        raising(SystemExit(1)),
        raising(StopIteration()),
    ]
    others = [
        iter([1]),
        range(3),
        (n for n in [1, 2]),
        object(),
        object,
        type,
        int,
        torch,
        torch.nn.Linear(2, 2),
    ]
    others += [
        Hostile(),
        Hostile,
        types.SimpleNamespace(),
        torch.max(torch.ones(2, 2), 0),
        go.Figure(),
        go.Scatter(),
    ]
    return [*numbers, *plain, *shapes, *kinds, *tensors, *arrays, *functions, *others]


def classes(value):
    """Classes and functions that are right in nothing and have `value` in one place."""

    class Returns:
        def __init__(self, *args):
            self.weights = self.bias = self.layer1 = self.layer2 = value

        def forward(self, *args):
            return value

        def backward(self, *args):
            self.dw = self.db = self.dx = self.dypred = value
            return value

        def step(self, lr):
            self.weights = self.bias = value

    class Keeps(Returns):
        """The parameters are what they should be; so is what the methods use."""

        def __init__(self, *args):
            self.weights, self.bias = args if len(args) == 2 else (None, None)
            self.layer1, self.layer2 = self.weights, self.bias

    class Broken(Returns):
        def __setattr__(self, name, one):
            raise AttributeError(name)

    return [Returns, Keeps, Broken, Returns(), Keeps(), lambda *args: value]


def inside(value):
    """Containers with `value` in one place."""
    snapshots = {epoch: torch.rand(100, 1) for epoch in range(6)}
    figure = types.SimpleNamespace(data=[value], layout=value)
    entries = dict.fromkeys(["dypred", "dw", "db", "dx", "y_pred", "loss"], value)
    return [
        lambda *args: value,
        [value] * 20,
        (value, 1.0, 0.5),
        snapshots | {3: value},
        entries,
        figure,
        *keyed(snapshots, value),
    ]


def keyed(snapshots, value):
    """Snapshots under an odd key, if it can be one."""
    try:
        return [snapshots | {value: torch.rand(100, 1)}]
    except Exception:
        return []


TOPICS = {name: topic for name in checks.__all__ if isinstance(topic := getattr(checks, name), Topic)}
# By day every second topic meets a third of the objects, the next one another third.
THIRDS = [
    pytest.param(name, third, marks=[] if number % 6 == 2 * third else pytest.mark.nightly)
    for number, name in enumerate(TOPICS)
    for third in range(3)
]
OTHERS = {"snapshots": ([1.0, 0.5],), "figure": ({0: torch.ones(100, 1)},)}
CLASSES = {
    name for name in TOPICS if name.endswith(("loss", "layer", "neuron", "network", "relu", "training"))
}
COEF = ("sample_training", "batch_training", "layer_training")


@pytest.fixture(autouse=True)
def torch_as_it_was():
    """Checks put stand-ins in place of a network's parts, and torch itself is among the networks here."""
    before = dict(vars(torch))
    yield
    vars(torch).update(before)


def verdict(check, subjects, trials=0):
    """The check's Row, shown as a learner would see it."""
    row = check.row(*subjects, trials=trials)
    assert isinstance(row, Row)
    report.Table("", [row]).bundle()
    if not row.ok:
        assert str(report.failure(row)).strip()
    return row


@pytest.mark.parametrize(("name", "third"), THIRDS)
def test_odd_subjects_get_a_verdict(name, third, capsys):
    others = OTHERS.get(name, (np.ones(4),) if name in COEF else ())
    asked = refused = 0
    for value in objects()[third::3]:
        for subject in [value, *(classes(value) if name in CLASSES else inside(value))]:
            for check in TOPICS[name]._checks.values():
                asked += 1
                refused += not verdict(check, (subject, *others)).ok
    assert refused > 0.9 * asked > 200 / 3


@pytest.mark.parametrize("name", OTHERS)
def test_odd_second_subjects_get_a_verdict(name, capsys):
    first = {"snapshots": {epoch: torch.rand(100, 1) for epoch in range(6)}, "figure": go.Figure()}[name]
    for value in objects():
        for second in [value, *inside(value)]:
            for check in TOPICS[name]._checks.values():
                verdict(check, (first, second))

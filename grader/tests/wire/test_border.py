"""What crosses the border arrives whole; what is malformed does not."""

import functools
import os
import socket
import struct
import threading
from unittest.mock import Mock

import msgpack
import numpy as np
import plotly.express as px
import plotly.graph_objects as go
import pytest
import torch

from nbgrader_apart.inside.bridge import Bridge
from nbgrader_apart.judge.proxies import Remote
from nbgrader_apart.judge.sandbox_client import JudgeObjects, SandboxClient, SandboxError
from nbgrader_apart.wire.arrays import NotPlain
from nbgrader_apart.wire.connection import Closed, Late, TooLong, Wire
from nbgrader_apart.wire.values import ValueReader, ValueWriter, array_as_it_is, tagged


def there_and_back(value):
    return ValueReader().read(ValueWriter(array_as_it_is).write(value))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        2**64 - 1,
        -(10**40),
        1.5,
        float("inf"),
        "текст",
        [1, [2]],
        (1, 2),
        {1: "a", "b": [None], (1, (2,)): {}},
        {1, 2},
        b"x",
        2j,
    ],
)
def test_plain_values(value):
    got = there_and_back(value)
    assert got == value
    assert type(got) is type(value)


def test_half_a_letter():
    assert there_and_back("\ud800") == "?"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool, torch.complex64])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (4, 3)])
def test_tensors(dtype, shape):
    tensor = torch.randint(0, 2, shape).to(dtype)
    got = there_and_back(tensor)
    assert got.dtype == dtype
    assert torch.equal(got, tensor)


def test_a_tensor_with_a_gradient():
    tensor = torch.ones(2, requires_grad=True)
    tensor.grad = torch.tensor([3.0, 4.0])
    got = there_and_back(tensor)
    assert got.requires_grad
    assert torch.equal(got.grad, tensor.grad)
    assert there_and_back(2 * tensor).requires_grad


def test_arrays_and_scalars():
    assert np.array_equal(there_and_back(np.eye(2)), np.eye(2))
    assert np.array_equal(there_and_back(np.arange(3, dtype=">i4")), [0, 1, 2])
    assert type(there_and_back(np.float64(2))) is np.float64


def head(kind=0, dtype=11, flags=0, *shape):
    return struct.pack(f"<4B4x{len(shape)}Q", kind, dtype, flags, len(shape), *shape)


@pytest.mark.parametrize(
    "message",
    [
        msgpack.ExtType(1, head(0, 11, 0, 3)),
        msgpack.ExtType(1, head(0, 99)),
        msgpack.ExtType(1, head(9)),
        msgpack.ExtType(1, head(0, 11, 0, 2**64 - 1)),
        msgpack.ExtType(1, head(1, 11, 0, 2**39, 2**39)),
        msgpack.ExtType(1, head(1, 11, 0, 0, 2**39, 2**39)),
        msgpack.ExtType(1, head(1, 11, 0, *[1] * 17) + bytes(8)),
        msgpack.ExtType(1, head(0, 4, 1) + bytes(4)),
        msgpack.ExtType(1, head(0, 11, 2) + bytes(8)),
        msgpack.ExtType(1, (head(0, 11, 2) + bytes(8)) * 3),
        msgpack.ExtType(1, b"\0"),
        msgpack.ExtType(3, b"x"),
        msgpack.ExtType(99, b""),
        {msgpack.ExtType(4, b"tuple"): 1},
        {msgpack.ExtType(4, b"set"): [[]]},
        {msgpack.ExtType(4, b"unknown"): 1},
        {msgpack.ExtType(4, b"\xff"): 1},
        {(1,): 1},
        [[]] * 150_000,
    ],
)
def test_malformed_messages(message):
    with pytest.raises(NotPlain):
        ValueReader().read(msgpack.packb(message))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x91" * 100_000, b"\xdd\xff\xff\xff\xff", b"\0\0", None])
def test_noise(data):
    with pytest.raises(NotPlain):
        ValueReader().read(data)


def test_deep_and_large_values():
    deep = []
    deep.append(deep)
    for value in (deep, 1 << (1 << 25)):
        with pytest.raises(NotPlain):
            ValueWriter(array_as_it_is).write(value)
    with pytest.raises(NotPlain):
        there_and_back([0] * 300_000)


def test_wire_limits():
    left, right = socket.socketpair()
    ours, theirs = Wire(left, 100), Wire(right, 100)
    with pytest.raises(TooLong):
        ours.send("x" * 200)
    with pytest.raises(Late):
        theirs.receive(0.01)
    ours.send({"a": [1]})
    assert theirs.receive(1) == {"a": [1]}
    right.sendall(struct.pack("<I", 150))
    with pytest.raises(TooLong):
        ours.receive(1)
    left.close()
    with pytest.raises(Closed):
        theirs.receive(1)


class Layer:
    """A learner's class."""

    def __init__(self, weights):
        self.weights = weights

    def scale(self, inputs, factor=2):
        inputs *= factor
        self.last = inputs
        return inputs + self.weights

    def broken(self):
        raise NotImplementedError("ещё нет")

    def leave(self):
        raise SystemExit(0)


@pytest.fixture
def border(monkeypatch):
    """A border to a bridge in a thread: no sandbox, the same messages."""
    monkeypatch.setattr("nbgrader_apart.inside.bridge.Alarm", lambda _: Mock())  # threads have none
    left, right = socket.socketpair()
    figure = go.Figure([go.Scatter(x=np.arange(3.0), y=[1, 2, 3]), go.Heatmap(z=np.eye(2))])
    table = {"x": np.linspace(-1, 1, 5).astype("float32"), "y": np.arange(5) ** 2, "name": list("ababa")}
    express = px.line(table, x="x", y="y", color="name", markers=True)
    names = {"Layer": Layer, "number": 5, "double": lambda x: 2 * x, "figure": figure, "express": express}
    bridge = Bridge(Wire(right, 1 << 20), names, ["checks"])

    def serve():
        try:
            while True:
                if bridge.wire.waiting(5):
                    bridge.ready()
        except (SystemExit, OSError, ValueError):
            return

    thread = threading.Thread(target=serve)
    thread.start()
    yield SandboxClient(Wire(left, 1 << 20), ["checks"], 5, os.getpid())
    left.close()
    thread.join()
    right.close()


def learners(border, name):
    return border.values([name])[name]


def test_a_figure_has_its_arrays(border):
    scatter, heatmap = learners(border, "figure").data
    assert np.array_equal(scatter.x, [0, 1, 2])
    assert scatter.y == (1, 2, 3)
    assert np.array_equal(heatmap.z, np.eye(2))


@pytest.mark.parametrize(
    "packed", [{"dtype": "O", "bdata": ""}, {"dtype": "f8", "bdata": "AA=="}, {"bdata": 1}]
)
def test_a_figure_with_a_malformed_array_is_none(packed):
    figure = tagged(b"figure", {"data": [{"x": {"dtype": "f8"} | packed}]})
    with pytest.raises(NotPlain):
        JudgeObjects(["checks"], None).unpack({}, msgpack.packb(figure))


def test_a_figure_may_not_be_deep():
    deep = functools.reduce(lambda inner, _: {"a": inner}, range(500), 1)
    with pytest.raises(NotPlain):
        JudgeObjects(["checks"], None).unpack({}, msgpack.packb(tagged(b"figure", deep)))


def test_a_name_that_is_not_defined(border):
    assert border.values(["nothing", "number"]) == {"number": 5}


def test_an_argument_changed_in_place_is_seen(border):
    layer = learners(border, "Layer")(torch.ones(2))
    inputs = torch.tensor([1.0, 2.0])
    assert torch.equal(layer.scale(inputs, factor=3), torch.tensor([4.0, 7.0]))
    assert torch.equal(inputs, torch.tensor([3.0, 6.0]))
    assert layer.last is inputs
    layer.weights = torch.zeros(2)
    assert torch.equal(layer.weights, torch.zeros(2))


def test_proxies_look_like_the_thing(border):
    import inspect

    layer_class = learners(border, "Layer")
    layer = layer_class(1)
    assert inspect.isclass(layer_class)
    assert layer_class.__name__ == "Layer"
    assert isinstance(layer, layer_class)
    assert type(layer).__name__ == "Layer"
    assert inspect.isfunction(learners(border, "double"))
    assert not hasattr(layer, "dw")
    assert isinstance(layer, Remote)


def test_exceptions_keep_their_type(border):
    layer = learners(border, "Layer")(1)
    with pytest.raises(NotImplementedError, match="ещё нет"):
        layer.broken()
    with pytest.raises(SandboxError):
        layer.leave()
    with pytest.raises(TypeError):
        layer.scale()


def test_a_dead_sandbox_stays_dead(border):
    border.wire.sock.shutdown(socket.SHUT_RDWR)
    for _ in range(2):
        with pytest.raises(SandboxError):
            learners(border, "number")


def test_a_figure_of_plotly_express_keeps_its_points(border):
    express = border.values(["express"])["express"]
    assert isinstance(express, go.Figure)
    first, second = express.data
    assert (first.name, second.name) == ("a", "b")
    assert np.asarray(first.x).tolist() == [-1, 0, 1]
    assert np.asarray(first.y).tolist() == [0, 4, 16]
    assert np.asarray(second.y).tolist() == [1, 9]

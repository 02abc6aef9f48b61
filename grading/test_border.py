"""What crosses the border arrives whole; what is malformed does not."""

import socket
import threading

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from grading.border.plain import Codec, NotPlain, encode_array
from grading.border.wire import Closed, Late, TooLong, Wire
from grading.judge.proxies import Border, JudgeObjects, Remote, SandboxError
from grading.run.inside.bridge import Bridge


def nothing_special(codec, value, depth):
    return encode_array(value)


def refuse(codec, message, depth):
    raise NotPlain("unknown")


def there_and_back(value):
    return Codec(nothing_special, refuse).decode(Codec(nothing_special, refuse).encode(value))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(10**40),
        1.5,
        float("inf"),
        "текст",
        [1, [2]],
        (1, 2),
        {1: "a", "b": [None]},
        {1, 2},
        b"x",
        2j,
    ],
)
def test_plain_values(value):
    got = there_and_back(value)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.bool, torch.complex64])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (4, 3)])
def test_tensors(dtype, shape):
    tensor = torch.randint(0, 2, shape).to(dtype)
    got = there_and_back(tensor)
    assert got.dtype == dtype
    assert torch.equal(got, tensor)


def test_arrays_and_scalars():
    assert np.array_equal(there_and_back(np.eye(2)), np.eye(2))
    assert type(there_and_back(np.float64(2))) is np.float64


@pytest.mark.parametrize(
    "message",
    [
        {"t": "tensor", "dtype": "float64", "shape": [3], "data": ""},
        {"t": "tensor", "dtype": "object", "shape": [], "data": ""},
        {"t": "tensor", "dtype": "float64", "shape": [-1], "data": ""},
        {"t": "array", "dtype": "float64", "shape": [2**39, 2**39], "data": ""},
        {"t": "tensor"},
        {"t": "dict", "v": [[[], 1]]},
        {"t": "int", "v": 5},
        {"t": "unknown"},
        {"x": 1},
        {"t": "bytes", "v": "?"},
    ],
)
def test_malformed_messages(message):
    with pytest.raises(NotPlain):
        Codec(nothing_special, refuse).decode(message)


def test_deep_and_large_values():
    deep = []
    deep.append(deep)
    for value in (deep, [0] * 300_000):
        with pytest.raises(NotPlain):
            Codec(nothing_special, refuse).encode(value)


def test_wire_limits():
    left, right = socket.socketpair()
    ours, theirs = Wire(left, 100), Wire(right, 100)
    with pytest.raises(TooLong):
        ours.send("x" * 200)
    with pytest.raises(Late):
        theirs.receive(0.01)
    right.sendall(b"x" * 150)
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
    monkeypatch.setattr(
        "grading.run.inside.bridge.time_limit", lambda seconds: __import__("contextlib").nullcontext()
    )
    left, right = socket.socketpair()
    figure = go.Figure([go.Scatter(x=np.arange(3.0), y=[1, 2, 3]), go.Heatmap(z=np.eye(2))])
    names = {"Layer": Layer, "number": 5, "double": lambda x: 2 * x, "figure": figure}
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
    yield Border(Wire(left, 1 << 20), ["checks"], 5)
    left.close()
    thread.join()
    right.close()


def test_a_figure_has_its_arrays(border):
    scatter, heatmap = border.value("figure").data
    assert np.array_equal(scatter.x, [0, 1, 2])
    assert scatter.y == (1, 2, 3)
    assert np.array_equal(heatmap.z, np.eye(2))


@pytest.mark.parametrize(
    "packed", [{"dtype": "O", "bdata": ""}, {"dtype": "f8", "bdata": "AA=="}, {"bdata": 1}]
)
def test_a_figure_with_a_malformed_array_is_none(packed):
    message = {
        "t": "figure",
        "v": Codec(nothing_special, refuse).encode({"data": [{"x": {"dtype": "f8"} | packed}]}),
    }
    with pytest.raises(NotPlain):
        JudgeObjects(["checks"], None).unpack({}, message)


def test_a_name_that_is_not_defined(border):
    with pytest.raises(KeyError):
        border.value("nothing")
    assert border.value("number") == 5


def test_an_argument_changed_in_place_is_seen(border):
    layer = border.value("Layer")(torch.ones(2))
    inputs = torch.tensor([1.0, 2.0])
    assert torch.equal(layer.scale(inputs, factor=3), torch.tensor([4.0, 7.0]))
    assert torch.equal(inputs, torch.tensor([3.0, 6.0]))
    assert layer.last is inputs
    layer.weights = torch.zeros(2)
    assert torch.equal(layer.weights, torch.zeros(2))


def test_proxies_look_like_the_thing(border):
    import inspect

    layer_class = border.value("Layer")
    layer = layer_class(1)
    assert inspect.isclass(layer_class)
    assert layer_class.__name__ == "Layer"
    assert isinstance(layer, layer_class)
    assert type(layer).__name__ == "Layer"
    assert inspect.isfunction(border.value("double"))
    assert not hasattr(layer, "dw")
    assert isinstance(layer, Remote)


def test_exceptions_keep_their_type(border):
    layer = border.value("Layer")(1)
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
            border.value("number")

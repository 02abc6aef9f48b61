"""Plain data: the only thing that crosses between the judge and the learner's process.

Python values become JSON and back. Arrays travel as dtype, shape and bytes. Nothing is pickled and nothing
is evaluated. Whatever is not plain is left to `special`, a function of the side that encodes or decodes.
Both sides import this file, and the sandboxed one may be hostile: decoding believes nothing.
"""

import base64
import functools
import math
import sys

DEPTH = 40
ITEMS = 200_000
TEXT = 4_000_000
DIMENSIONS = 16
DTYPES = {
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
}  # fmt: skip


class NotPlain(Exception):
    """A value that cannot cross, or a message that is not one of ours."""


class Codec:
    """Encodes and decodes values; counts items so that one message stays small."""

    def __init__(self, encode_special, decode_special):
        self.encode_special = encode_special
        self.decode_special = decode_special
        self.items = 0

    def encode(self, value, depth=0):
        """`value` as something `json.dumps` accepts. Raises NotPlain."""
        self._count(depth)
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**63 else {"t": "int", "v": hex(value)[:TEXT]}
        if kind is float:
            return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
        if kind is str:
            return value[:TEXT].encode("utf-8", "replace").decode("utf-8")
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        special = self.encode_special(self, value, depth)
        if special is not None:
            return special
        if kind in (tuple, set, frozenset) or isinstance(value, tuple):
            name = "tuple" if isinstance(value, tuple) else "set"
            return {"t": name, "v": [self.encode(item, depth + 1) for item in value]}
        if isinstance(value, dict):
            pairs = [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in value.items()]
            return {"t": "dict", "v": pairs}
        if isinstance(value, float):  # a class of the course's own or of the learner's
            return self.encode(float(value), depth + 1)
        if kind is complex:
            return {"t": "complex", "v": [repr(value.real), repr(value.imag)]}
        if kind is bytes:
            return {"t": "bytes", "v": base64.b64encode(value).decode()}
        raise NotPlain(f"a value of type {kind.__name__}")

    def decode(self, message, depth=0):
        """The value that `message` stands for. Raises NotPlain when it is malformed."""
        self._count(depth)
        if message is None or isinstance(message, (bool, int, float, str)):
            return message
        if isinstance(message, list):
            return [self.decode(item, depth + 1) for item in message]
        if not isinstance(message, dict) or not isinstance(message.get("t"), str):
            raise NotPlain("an untagged value")
        try:
            return self._decode_tagged(message["t"], message, depth)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise NotPlain(f"a malformed {message['t'][:20]}") from error

    def _decode_tagged(self, tag, message, depth):
        if tag == "int":
            return int(message["v"], 16)
        if tag == "float":
            return float(message["v"])
        if tag == "complex":
            real, imaginary = message["v"]
            return complex(float(real), float(imaginary))
        if tag == "bytes":
            return base64.b64decode(message["v"], validate=True)
        if tag in ("tuple", "set"):
            items = [self.decode(item, depth + 1) for item in _list(message["v"])]
            return tuple(items) if tag == "tuple" else set(items)
        if tag == "dict":
            pairs = [(self.decode(k, depth + 1), self.decode(v, depth + 1)) for k, v in _list(message["v"])]
            return dict(pairs)
        if tag == "tensor":
            return _tensor_from(message)
        if tag in ("array", "scalar"):
            array = _array_from(message)
            return array if tag == "array" else array[()]
        return self.decode_special(self, message, depth)

    def _count(self, depth):
        self.items += 1
        if self.items > ITEMS or depth > DEPTH:
            raise NotPlain("too large or too deep a value")


def _list(value):
    if not isinstance(value, list):
        raise NotPlain("a list was expected")
    return value


@functools.cache
def array_kind(kind):
    """What a type is: "tensor" for torch's own, "subclass" of it, numpy's "array" or "scalar", or None."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and issubclass(kind, torch.Tensor):
        return "tensor" if kind is torch.Tensor else "subclass"
    if numpy and issubclass(kind, (numpy.ndarray, numpy.generic)):
        return "array" if issubclass(kind, numpy.ndarray) else "scalar"
    return None


def encode_array(value):
    """A tensor, array or array scalar as dtype, shape and bytes; None when `value` is none of these."""
    kind = array_kind(type(value))
    if kind in ("tensor", "subclass"):
        return _encode_tensor(sys.modules["torch"], value)
    return {"t": kind, **_encode_numpy(sys.modules["numpy"].asarray(value))} if kind else None


def is_simple(torch, value):
    """Whether numpy can see the tensor's memory as it is."""
    own = type(value) is torch.Tensor and value.device.type == "cpu" and value.layout is torch.strided
    return own and not (value.requires_grad or value.is_conj() or value.is_neg() or value.is_quantized)


def _encode_tensor(torch, value):
    if is_simple(torch, value):
        plain = value  # the usual case: no operation of torch is needed
    else:
        plain = value.detach().as_subclass(torch.Tensor).resolve_conj().resolve_neg().cpu()
    if plain.layout is not torch.strided or plain.is_quantized:
        raise NotPlain("a tensor that is not dense")
    if plain.dtype is torch.bfloat16:
        plain = plain.to(torch.float32)
    message = {"t": "tensor", **_encode_numpy(plain.numpy())}
    if value.requires_grad:
        message["requires_grad"] = True
    if value.is_leaf and value.grad is not None:
        message["grad"] = _encode_tensor(torch, value.grad.detach())
    return message


@functools.cache
def dtype_name(dtype):
    """`dtype.name`, which numpy puts together anew each time."""
    return dtype.name


def _encode_numpy(array):
    name = dtype_name(array.dtype)
    if name not in DTYPES:
        raise NotPlain(f"an array of {name}")
    return {
        "dtype": name,
        "shape": list(array.shape),
        "data": base64.b64encode(array.tobytes()).decode(),
    }


def _array_from(message):
    import numpy

    dtype, shape = message["dtype"], _list(message["shape"])
    if (
        dtype not in DTYPES
        or len(shape) > DIMENSIONS
        or not all(type(n) is int and 0 <= n < 2**40 for n in shape)
    ):
        raise NotPlain("an array of unknown dtype or shape")
    data = base64.b64decode(message["data"], validate=True)
    if math.prod(shape) * numpy.dtype(dtype).itemsize != len(data):
        raise NotPlain("an array whose bytes do not fit its shape")
    return numpy.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def _tensor_from(message):
    import torch

    array = _array_from(message)
    if message["dtype"] in ("uint16", "uint32", "uint64") and not hasattr(torch, message["dtype"]):
        raise NotPlain("a tensor of unknown dtype")
    tensor = torch.from_numpy(array)
    if message.get("requires_grad") is True:
        tensor.requires_grad_()
    if message.get("grad") is not None:
        tensor.grad = _tensor_from(message["grad"])
    return tensor

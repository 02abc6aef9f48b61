"""Tensors, arrays and array scalars as bytes: a head of kind, dtype and shape, then the numbers.

The tensor's gradient, where it has one, follows in the same form. Their types are Any here: a judge that
needs no torch must not import it.
"""

import functools
import math
import struct
import sys
from collections.abc import Callable
from typing import Any

DIMENSIONS = 16
DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip
KINDS = ("tensor", "array", "scalar")
REQUIRES_GRAD, HAS_GRAD = 1, 2
HEAD = struct.Struct("<4B4x")  # kind, dtype, flags, dimensions; of 8 bytes, as are the sizes that follow
# what Python, numpy and torch raise for bytes that are not what they should be
MALFORMED = (ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, MemoryError, struct.error)


class NotPlain(ValueError):
    """A value that cannot be sent over the wire, or a message in another format."""


def _array_kind(kind: type) -> str | None:
    """What a type is: "tensor" for torch's own, "subclass" of it, numpy's "array" or "scalar", or None."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and issubclass(kind, torch.Tensor):
        return "tensor" if kind is torch.Tensor else "subclass"
    if numpy and issubclass(kind, (numpy.ndarray, numpy.generic)):
        return "array" if issubclass(kind, numpy.ndarray) else "scalar"
    return None


# annotated, because mypy does not take a class for hashable
array_kind: Callable[[type], str | None] = functools.cache(_array_kind)


def payload(value: object) -> bytes | None:
    """The bytes of a tensor, array or array scalar; None when `value` is none of these. Raises NotPlain."""
    kind = array_kind(type(value))
    if kind == "tensor":
        return _tensor(value)
    if kind == "subclass":
        return _unusual(value)
    return _bytes(kind, sys.modules["numpy"].asarray(value)) if kind else None


def _tensor(value: Any) -> bytes:
    try:
        array = value.numpy()
    except (RuntimeError, TypeError):  # it requires a gradient, is sparse, is bfloat16 …
        return _unusual(value)
    return _bytes("tensor", array) if value.grad is None else _unusual(value)


def _bytes(kind: str, array: Any, flags: int = 0) -> bytes:
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return _head(kind, array.dtype, array.shape, flags) + array.tobytes()


@functools.lru_cache(1024)
def _head(kind: str, dtype: Any, shape: tuple[int, ...], flags: int) -> bytes:
    if dtype.name not in DTYPES:
        raise NotPlain(f"an array of {dtype.name}")
    fixed = HEAD.pack(KINDS.index(kind), DTYPES.index(dtype.name), flags, len(shape))
    return fixed + struct.pack(f"<{len(shape)}Q", *shape)


def _unusual(value: Any) -> bytes:
    torch = sys.modules["torch"]
    plain = value.detach().as_subclass(torch.Tensor).resolve_conj().resolve_neg().cpu()
    if plain.layout is not torch.strided or plain.is_quantized:
        raise NotPlain("a tensor that is not dense")
    if plain.dtype is torch.bfloat16:
        plain = plain.to(torch.float32)
    grad = value.grad if value.is_leaf else None
    flags = REQUIRES_GRAD * value.requires_grad + HAS_GRAD * (grad is not None)
    return _bytes("tensor", plain.numpy(), flags) + (b"" if grad is None else _unusual(grad.detach()))


def array_from(data: bytes) -> Any:
    """The tensor, array or array scalar of a payload. Raises NotPlain when it is malformed."""
    try:
        return _array_from(data)
    except NotPlain:
        raise
    except MALFORMED as error:
        raise NotPlain("a malformed array") from error


def _array_from(data: bytes) -> Any:
    import numpy

    *_, dimensions = HEAD.unpack_from(data)
    start = HEAD.size + 8 * dimensions
    kind, dtype, flags, shape, end = _layout(data[:start])
    if not (len(data) > end if flags & HAS_GRAD else len(data) == end):
        raise NotPlain("an array whose bytes do not fit its shape")
    array = numpy.ndarray(shape, dtype, bytearray(data), start)
    if kind != "tensor":
        return array if kind == "array" else array[()]
    import torch

    tensor = torch.from_numpy(array)
    if flags & REQUIRES_GRAD:
        tensor.requires_grad_()
    if flags & HAS_GRAD:
        tensor.grad = _gradient(data[end:])
    return tensor


def _gradient(data: bytes) -> Any:
    _, _, flags, _ = HEAD.unpack_from(data)
    if flags:
        raise NotPlain("a gradient with a gradient")
    return _array_from(data)


@functools.lru_cache(1024)
def _layout(head: bytes) -> tuple[str, Any, int, tuple[int, ...], int]:
    """Kind, dtype, flags, shape and where the numbers end, of an untrusted head."""
    import numpy

    kind, code, flags, dimensions = HEAD.unpack_from(head)
    shape = struct.unpack_from(f"<{dimensions}Q", head, HEAD.size)
    if dimensions > DIMENSIONS or any(size >= 2**40 for size in shape):
        raise NotPlain("an array of an impossible shape")
    dtype = numpy.dtype(DTYPES[code])
    return KINDS[kind], dtype, flags, shape, len(head) + math.prod(shape) * dtype.itemsize

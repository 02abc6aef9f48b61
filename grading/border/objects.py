"""What is not plain but may cross: stand-ins of the shipped packages and plotly figures.

A stand-in is an object of a class that the assignment ships beside its notebooks, such as
`checks.standins.Layer`. It crosses as the class's name and the plain values of `vars(object)`; the other side
makes its own object from its own copy of the package.
"""

import base64
import contextlib
import importlib
import sys

from .mirrors import Mirrors, write_tensor
from .plain import Codec, NotPlain, array_kind, encode_array

MIRRORED = ("tensor", "subclass", "array")
PACKED = {"i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"}  # plotly's dtypes


class Objects:
    """One side's table of mirrored objects, and the encoding that knows about it."""

    step = 1  # the judge numbers its objects 1, 2, 3 …, the sandbox −1, −2, −3 …

    def __init__(self, shipped):
        self.shipped = tuple(shipped)
        self.mirrors = Mirrors()
        self.last = 0

    def pack(self, *values, nothing_changed=False):
        """The values, encoded, and the contents of all mirrors that changed."""
        codec = Codec(self.encode_special, self.decode_special)
        packed = [codec.encode(value) for value in values]
        return packed, {} if nothing_changed else self.mirrors.changed(self._encode_state)

    def unpack(self, contents, *packed):
        """The values behind encoded values, after the mirrors have taken their new contents."""
        codec = Codec(self.encode_special, self.decode_special)
        fresh = self._take(contents, codec)
        values = [codec.decode(message) for message in packed]
        del fresh  # held until here: a new object is only weakly known
        return values

    def _take(self, contents, codec):
        if not isinstance(contents, dict):
            raise NotPlain("a malformed message")
        messages = {int(number): message for number, message in contents.items()}
        fresh, states = [], []
        for number, message in messages.items():
            if not isinstance(message, dict):
                raise NotPlain("a malformed object")
            known = self.mirrors.objects.get(number)
            value = known() if known else None
            if message.get("t") == "standin":
                if value is None:
                    value = self._new_standin(message)
                    self.enter(number, value)
                states.append((value, message))
            else:
                value = self._take_array(number, value, codec.decode(message))
            fresh.append(value)
            self.mirrors.note(number, message, value)
        for value, message in states:
            self._fill(value, message, codec)
        return fresh

    def _take_array(self, number, value, new):
        if encode_array(new) is None:
            raise NotPlain("a malformed array")
        if value is None:
            self.enter(number, new)
            return new
        write_tensor(value, new)
        return value

    def _new_standin(self, message):
        module, _, name = str(message.get("class")).partition(":")
        if module.split(".")[0] not in self.shipped:
            raise NotPlain("an object of an unknown class")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise NotPlain("an object of an unknown class") from error
        if not (isinstance(found, type) and found.__module__ == module and found.__new__ is object.__new__):
            raise NotPlain("an object of an unknown class")
        return object.__new__(found)

    def _fill(self, value, message, codec):
        state = message.get("state")
        if not isinstance(state, dict) or any(hasattr(type(value), name) for name in state):
            raise NotPlain("a malformed state")
        codec.decode_special = self._decode_mirror
        values = {name: codec.decode(item) for name, item in state.items()}
        codec.decode_special = self.decode_special
        vars(value).clear()
        vars(value).update(values)

    def _encode_state(self, value):
        return {
            "t": "standin",
            "class": f"{type(value).__module__}:{type(value).__qualname__}",
            "state": self.plain_attributes(vars(value)),
        }

    def plain_attributes(self, attributes):
        """Those of the attributes that are plain data or known to both sides; the others stay here."""
        codec = Codec(self._encode_plain_special, self._decode_mirror)
        state = {}
        for name, item in attributes.items():
            with contextlib.suppress(NotPlain):
                state[name] = codec.encode(item)
        return state

    def encode_special(self, codec, value, depth):
        """Arrays, stand-ins, figures and references; None for what plain.py can encode."""
        if type(value) in (tuple, set, frozenset, dict, complex, bytes):
            return None
        special = self._encode_plain_special(codec, value, depth, arrays=self.mirror_arrays)
        return special if special is not None else self.encode_other(codec, value, depth)

    def _encode_plain_special(self, codec, value, depth, arrays=False):
        number = self.mirrors.number_of(value)
        if number is None and (self._is_shipped(value) or (arrays and array_kind(type(value)) in MIRRORED)):
            self.last += self.step
            number = self.last
            self.enter(number, value)
        return encode_array(value) if number is None else {"t": "mirror", "n": number}

    def decode_special(self, codec, message, depth):
        """A mirror, a figure or a reference."""
        if message["t"] == "figure":
            from plotly.graph_objects import Figure

            return Figure(with_arrays(codec.decode(message["v"], depth + 1)), skip_invalid=True)
        if message["t"] == "ref":
            return self.decode_reference(message)
        return self._decode_mirror(codec, message, depth)

    def _decode_mirror(self, codec, message, depth):
        known = self.mirrors.objects.get(message.get("n")) if message["t"] == "mirror" else None
        value = known() if known else None
        if value is None:
            raise NotPlain(f"an unknown {message['t'][:20]}")
        return value

    def _is_shipped(self, value):
        kind = type(value)
        module = sys.modules.get(kind.__module__)
        own = kind.__module__.split(".")[0] in self.shipped and kind.__new__ is object.__new__
        return own and getattr(module, kind.__qualname__, None) is kind and hasattr(value, "__dict__")


def with_arrays(value):
    """The JSON of a figure with arrays in place of what plotly packs them into: `dtype`, `bdata`, `shape`.

    Raises ValueError when one is malformed.
    """
    if isinstance(value, list):
        return [with_arrays(item) for item in value]
    if not isinstance(value, dict):
        return value
    if not value.keys() >= {"dtype", "bdata"}:
        return {key: with_arrays(item) for key, item in value.items()}
    import numpy

    if value["dtype"] not in PACKED:
        raise ValueError("an array of unknown dtype")
    array = numpy.frombuffer(base64.b64decode(value["bdata"], validate=True), value["dtype"])
    return array.reshape([int(size) for size in str(value.get("shape", array.size)).split(",")])

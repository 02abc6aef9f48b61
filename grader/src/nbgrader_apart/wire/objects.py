"""What is not plain but may cross: stand-ins of the shipped packages and plotly figures.

A stand-in is an object of a class that the assignment ships beside its notebooks, such as
`checks.standins.Layer`. It crosses as the class's name and the plain values of `vars(object)`; the other side
makes its own object from its own copy of the package.
"""

import base64
import contextlib
import importlib
import sys
from collections.abc import Iterable
from typing import Any, ClassVar

from nbgrader_apart.wire.arrays import NotPlain, array_from, array_kind
from nbgrader_apart.wire.mirrors import Contents, Mirrors, write_array
from nbgrader_apart.wire.values import MIRROR, Special, ValueReader, ValueWriter, array_as_it_is, numbered

MIRRORED = ("tensor", "subclass", "array")
PACKED = {"i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"}  # plotly's dtypes


class Objects:
    """One side's table of mirrored objects, and how values are written and read with it."""

    mirror_arrays: ClassVar[bool]  # whether arrays become mirrors when they are first written
    step = 1  # the judge numbers its objects 1, 2, 3 …, the sandbox −1, −2, −3 …

    def __init__(self, shipped: Iterable[str]) -> None:
        self.shipped = tuple(shipped)
        self.mirrors = Mirrors()
        self.last = 0
        self.kinds: dict[type, bool] = {}  # class -> whether the shipped packages have it
        self.values = ValueWriter(self.write_special)
        self.attributes = ValueWriter(self._write_known)

    def enter(self, number: int, value: object) -> None:
        """Put a new object into the table."""
        raise NotImplementedError

    def write_other(self, value: Any) -> Special | None:
        """What stands for a value that only this side has; None leaves it to the writer."""
        raise NotImplementedError

    def read_reference(self, about: Any) -> object:
        """The object that a reference of the other side means."""
        raise NotImplementedError

    def pack(self, value: object) -> tuple[bytes, dict[int, Contents]]:
        """The value, written, and the contents of all mirrors that changed."""
        return self.values.write(value), self.mirrors.changed(self._write_state)

    def unpack(self, contents: dict[int, Contents], *written: bytes) -> list:
        """The values behind written values, after the mirrors have taken their new contents."""
        reader = ValueReader(self.read_special)
        fresh = self._take(contents, reader)
        values = [reader.read(data) for data in written]
        del fresh  # held until here: a new object is only weakly known
        return values

    def _take(self, contents: dict[int, Contents], reader: ValueReader) -> list:
        """Contents are an array's payload, or a stand-in's class and its attributes, written."""
        if not isinstance(contents, dict):
            raise NotPlain("a malformed message")
        fresh: list = []
        states: list[tuple[Any, bytes]] = []
        for number, one in contents.items():
            if type(number) is not int or abs(number) >= 2**40:
                raise NotPlain("a malformed number")
            value = self.mirrors.object(number)
            if isinstance(one, list):
                name, state = one
                if value is None:
                    value = self._new_standin(str(name))
                    self.enter(number, value)
                states.append((value, state))
            else:
                value = self._take_array(number, value, array_from(one))
            fresh.append(value)
            self.mirrors.known[number] = one
        reader.special = self._read_mirror  # the attributes of stand-ins hold nothing else
        for value, state in states:
            self._fill(value, reader.read(state))
        reader.special = self.read_special
        return fresh

    def _take_array(self, number: int, value: Any, new: Any) -> Any:
        if value is None:
            self.enter(number, new)
            return new
        write_array(value, new)
        return value

    def _new_standin(self, qualified: str) -> object:
        module, _, name = qualified.partition(":")
        if module.split(".")[0] not in self.shipped:
            raise NotPlain("an object of an unknown class")
        try:
            found = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError) as error:
            raise NotPlain("an object of an unknown class") from error
        if not (isinstance(found, type) and found.__module__ == module and found.__new__ is object.__new__):
            raise NotPlain("an object of an unknown class")
        return object.__new__(found)

    def _fill(self, value: object, state: dict[str, Any]) -> None:
        if not isinstance(state, dict) or any(hasattr(type(value), name) for name in state):
            raise NotPlain("a malformed state")
        vars(value).clear()
        vars(value).update(state)

    def _write_state(self, value: object) -> list:
        kind = type(value)
        return [f"{kind.__module__}:{kind.__qualname__}", self.plain_attributes(vars(value))]

    def plain_attributes(self, attributes: dict[str, Any]) -> bytes:
        """The attributes that are plain or known to both sides, written; the others are left out."""
        try:
            return self.attributes.write(attributes)
        except NotPlain:
            return self.attributes.write({name: it for name, it in attributes.items() if self._is_plain(it)})

    def _is_plain(self, value: object) -> bool:
        with contextlib.suppress(NotPlain):
            return bool(self.attributes.write(value))
        return False

    def write_special(self, value: object) -> Special | None:
        """Arrays, stand-ins, figures and references; None for what the writer can write itself."""
        special = self._write_known(value, arrays=self.mirror_arrays)
        return special if special is not None else self.write_other(value)

    def _write_known(self, value: object, arrays: bool = False) -> Special | None:
        number, kind = self.mirrors.number_of(value), array_kind(type(value))
        if number is None and ((arrays and kind in MIRRORED) or (not kind and self.is_shipped(value))):
            self.last += self.step
            number = self.last
            self.enter(number, value)
        if number is not None:
            return numbered(MIRROR, number)
        return array_as_it_is(value)

    def read_special(self, tag: str, content: Any) -> Any:
        """A mirror, a figure or a reference."""
        if tag == "figure":
            from plotly.graph_objects import Figure

            return Figure(with_arrays(content), skip_invalid=True)
        return self.read_reference(content) if tag == "reference" else self._read_mirror(tag, content)

    def _read_mirror(self, tag: str, number: int) -> Any:
        value = self.mirrors.object(number) if tag == "mirror" else None
        if value is None:
            raise NotPlain(f"an unknown {tag[:20]}")
        return value

    def is_shipped(self, value: object) -> bool:
        """Whether the value is an object of a class of the shipped packages."""
        kind = type(value)
        if kind not in self.kinds:
            module = sys.modules.get(kind.__module__)
            own = kind.__module__.split(".")[0] in self.shipped and kind.__new__ is object.__new__
            self.kinds[kind] = own and getattr(module, kind.__qualname__, None) is kind
        return self.kinds[kind] and hasattr(value, "__dict__")


def with_arrays(value: Any) -> Any:
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

"""Plain data: the only thing that crosses between the judge and the learner's process.

Python values become msgpack and back. Nothing is pickled and nothing is evaluated. Whatever is not plain is
left to `special`, a function of the side that writes or reads. Both sides import this file, and the sandboxed
one may be hostile: reading believes nothing.
"""

import struct

import msgpack

from .arrays import MALFORMED, NotPlain, array_from, array_kind, payload

ITEMS = 200_000
LARGEST_INT = 1 << 24  # bits of an integer
ARRAY, INT, COMPLEX, TAG, MIRROR, REFERENCE = range(1, 7)  # msgpack's types of our own
PAIR = struct.Struct("<2d")


class Tag(str):
    """The only key of a map that stands for something else than a dict."""


def tagged(name, content):
    """What the packer writes for a value that has no type of its own in msgpack."""
    return {msgpack.ExtType(TAG, name): content}


class Writer:
    """Values as bytes. `special(value)` gives what stands for a value that is not plain, or None."""

    def __init__(self, special):
        self._special = special
        self._packer = msgpack.Packer(default=self._other, strict_types=True, unicode_errors="replace")

    def write(self, value):
        """The bytes of `value`. Raises NotPlain, also for a list that contains itself."""
        try:
            return self._packer.pack(value)
        except (ValueError, TypeError, OverflowError, MemoryError) as error:
            raise error if isinstance(error, NotPlain) else NotPlain(f"{error}"[:200]) from error

    def _other(self, value):
        """Called for everything that is not a list, a dict, a number or a text of Python's own."""
        kind = type(value)
        if kind in BUILT_IN:
            return BUILT_IN[kind](value)
        special = self._special(value)
        if special is not None:
            return special
        for base, convert in ((tuple, BUILT_IN[tuple]), (dict, dict), (float, float)):
            if isinstance(value, base):  # a class of the course's own or of the learner's
                return convert(value)
        raise NotPlain(f"a value of type {kind.__name__}")


def _large_int(value):
    size = value.bit_length()
    if size > LARGEST_INT:
        raise NotPlain("too large an integer")
    return msgpack.ExtType(INT, value.to_bytes(size // 8 + 1, "little", signed=True))


BUILT_IN = {
    tuple: lambda value: tagged(b"tuple", list(value)),
    set: lambda value: tagged(b"set", list(value)),
    frozenset: lambda value: tagged(b"set", list(value)),
    int: _large_int,
    complex: lambda value: msgpack.ExtType(COMPLEX, PAIR.pack(value.real, value.imag)),
}


def array_as_it_is(value):
    """What the packer writes for a tensor, array or array scalar; None when `value` is none of these."""
    return msgpack.ExtType(ARRAY, payload(value)) if array_kind(type(value)) else None


def numbered(table, number):
    """What the packer writes for a MIRROR or a REFERENCE, an object that is known by its number."""
    return msgpack.ExtType(table, b"%d" % number)


class Reader:
    """Reads the parts of one message, and counts their items so that it stays small.

    `special(tag, content)` gives the values that are not plain.
    """

    def __init__(self, special=None, items=ITEMS):
        self.special = special or _refuse
        self._items = self._left = items

    def read(self, data):
        """The value that `data`, bytes, stands for. Raises NotPlain when it is malformed."""
        try:
            return msgpack.unpackb(
                data,
                ext_hook=self._extended,
                list_hook=self._counted,
                object_hook=self._map,
                strict_map_key=False,
                timestamp=1,  # as a float: nothing of msgpack's own comes out
                unicode_errors="replace",
                max_array_len=self._items,
                max_map_len=self._items,
            )
        except NotPlain:
            raise
        except MALFORMED as error:
            raise NotPlain("a malformed value") from error

    def _counted(self, items):
        self._left -= len(items) + 1
        if self._left < 0:
            raise NotPlain("too large a value")
        return items

    def _map(self, items):
        self._counted(items)
        if len(items) == 1:
            [(tag, content)] = items.items()
            if type(tag) is Tag:
                return self._tagged(tag, content)
        return items

    def _tagged(self, tag, content):
        if tag not in ("tuple", "set"):
            return self.special(tag, content)
        if not isinstance(content, list):
            raise NotPlain("a list was expected")
        return tuple(content) if tag == "tuple" else set(content)

    def _extended(self, code, data):
        if code == ARRAY:
            return array_from(data)
        if code in (MIRROR, REFERENCE):
            return self.special("mirror" if code == MIRROR else "reference", int(data))
        if code == TAG:
            return Tag(data, "ascii")
        if code == COMPLEX:
            return complex(*PAIR.unpack(data))
        if code == INT:
            return int.from_bytes(data, "little", signed=True)
        raise NotPlain("a value of an unknown type")


def _refuse(tag, content):
    raise NotPlain(f"an unknown {tag[:20]}")

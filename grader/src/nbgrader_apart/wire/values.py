"""Plain data: the only thing that crosses between the judge and the learner's process.

Python values become msgpack and back. Nothing is pickled and nothing is evaluated. Whatever is not plain is
left to `special`, a function of the side that writes or reads. Both sides import this file, and the sandboxed
one may be hostile: reading trusts no input.
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeAlias

import msgpack

from nbgrader_apart.wire.arrays import MALFORMED, NotPlain, array_from, array_kind, payload

ITEMS = 200_000
# dict and set compare all keys of one hash, and numbers of one hash can be chosen at will; strings cannot
KEYS = 20_000  # of a message that are not strings
SAME_HASH = 8  # of those of one dict or set
LARGEST_INT = 1 << 24  # bits of an integer
ARRAY, INT, COMPLEX, TAG, MIRROR, REFERENCE = range(1, 7)  # extension types of msgpack
PAIR = struct.Struct("<2d")
Special: TypeAlias = msgpack.ExtType | dict[msgpack.ExtType, Any]  # what stands for a value that is not plain


class Tag(str):
    """The only key of a map that stands for something else than a dict."""


def tagged(name: bytes, content: object) -> Special:
    """What the packer writes for a value that has no type of its own in msgpack."""
    return {msgpack.ExtType(TAG, name): content}


class ValueWriter:
    """Values as bytes. `special(value)` gives what stands for a value that is not plain, or None."""

    def __init__(self, special: Callable[[Any], Special | None]) -> None:
        self._special = special
        self._packer = msgpack.Packer(default=self._other, strict_types=True, unicode_errors="replace")

    def write(self, value: object) -> bytes:
        """The bytes of `value`. Raises NotPlain, also for a list that contains itself."""
        try:
            return self._packer.pack(value)
        except (ValueError, TypeError, OverflowError, MemoryError) as error:
            raise error if isinstance(error, NotPlain) else NotPlain(f"{error}"[:200]) from error

    def _other(self, value: Any) -> Any:
        """Called for everything that is not a list, a dict, a number or a string of a built-in class."""
        kind = type(value)
        if kind in BUILT_IN:
            return BUILT_IN[kind](value)
        special = self._special(value)
        if special is not None:
            return special
        for base, convert in ((tuple, BUILT_IN[tuple]), (dict, dict), (float, float)):
            if isinstance(value, base):  # a class of the course or of the learner
                return convert(value)
        raise NotPlain(f"a value of type {kind.__name__}")


def _large_int(value: int) -> msgpack.ExtType:
    size = value.bit_length()
    if size > LARGEST_INT:
        raise NotPlain("too large an integer")
    return msgpack.ExtType(INT, value.to_bytes(size // 8 + 1, "little", signed=True))


BUILT_IN = {
    tuple: lambda value: tagged(b"tuple", list(value)),
    set: lambda value: tagged(b"set", list(value)),
    frozenset: lambda value: tagged(b"frozenset", list(value)),
    int: _large_int,
    complex: lambda value: msgpack.ExtType(COMPLEX, PAIR.pack(value.real, value.imag)),
}


def array_as_it_is(value: object) -> Special | None:
    """What the packer writes for a tensor, array or array scalar; None when `value` is none of these."""
    return msgpack.ExtType(ARRAY, payload(value)) if array_kind(type(value)) else None


def numbered(table: int, number: int) -> Special:
    """What the packer writes for a MIRROR or a REFERENCE, an object that is known by its number."""
    return msgpack.ExtType(table, b"%d" % number)


class ValueReader:
    """Reads the parts of one message, and counts their items so that it stays small.

    `special(tag, content)` gives the values that are not plain.
    """

    def __init__(self, special: Callable[[str, Any], Any] | None = None, items: int = ITEMS) -> None:
        self.special = special or _refuse
        self._items = self._left = items
        self._keys_left = KEYS

    def read(self, data: bytes) -> Any:
        """The value that `data`, bytes, stands for. Raises NotPlain when it is malformed."""
        try:
            return msgpack.unpackb(
                data,
                ext_hook=self._extended,
                list_hook=self._counted,
                object_pairs_hook=self._map,
                strict_map_key=False,
                timestamp=1,  # as a float, not as a class of msgpack
                unicode_errors="replace",
                max_array_len=self._items,
                max_map_len=self._items,
            )
        except NotPlain:
            raise
        except MALFORMED as error:
            raise NotPlain("a malformed value") from error

    def _counted(self, items: list) -> list:
        self._left -= len(items) + 1
        if self._left < 0:
            raise NotPlain("too large a value")
        return items

    def _map(self, pairs: list[tuple]) -> Any:
        self._counted(pairs)
        if len(pairs) == 1 and type(pairs[0][0]) is Tag:
            return self._tagged(*pairs[0])
        self._check_keys(key for key, _ in pairs)
        return dict(pairs)

    def _check_keys(self, keys: Iterable) -> None:
        hashes = [hash(key) for key in keys if type(key) is not str]
        if not hashes:
            return
        self._keys_left -= len(hashes)
        if self._keys_left < 0 or max(Counter(hashes).values()) > SAME_HASH:
            raise NotPlain("too many keys that are not strings")

    def _tagged(self, tag: str, content: Any) -> Any:
        if tag not in ("tuple", "set", "frozenset"):
            return self.special(tag, content)
        if not isinstance(content, list):
            raise NotPlain("a list was expected")
        if tag == "tuple":
            return tuple(content)
        self._check_keys(content)
        return set(content) if tag == "set" else frozenset(content)

    def _extended(self, code: int, data: bytes) -> Any:
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


def _refuse(tag: str, content: object) -> NoReturn:
    raise NotPlain(f"an unknown {tag[:20]}")

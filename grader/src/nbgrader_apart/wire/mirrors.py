"""Objects that both sides hold: tensors, arrays and stand-ins that a test has passed to the learner's code.

Each message carries the contents of those that changed since the last one, so an argument changed in place
is seen as changed on the other side, and the same object passed twice is the same object there.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from nbgrader_apart.wire.arrays import NotPlain, payload

Contents: TypeAlias = bytes | list  # an array's payload; a stand-in's class and its attributes, written


def write_array(old: Any, new: Any) -> None:
    """Make the tensor or array `old` equal to `new`, in place."""
    try:
        if hasattr(old, "requires_grad_"):
            _write_tensor(old, new)
        else:
            old[...] = new.reshape(old.shape)
    except (RuntimeError, ValueError, TypeError) as error:
        raise NotPlain("an argument changed in a way that cannot be repeated") from error


def _write_tensor(old: Any, new: Any) -> None:
    if old.dtype != new.dtype:
        raise NotPlain("an argument changed its dtype")
    if old.requires_grad != new.requires_grad and old.is_leaf:
        old.requires_grad_(new.requires_grad)
    old.data = new.detach() if new.requires_grad else new
    if old.is_leaf:
        old.grad = new.grad


class Mirrors:
    """Numbered objects and the contents that the other side last received of each."""

    def __init__(self) -> None:
        self.objects: dict[int, Callable[[], object | None]] = {}  # the object, or None
        self.numbers: dict[int, int] = {}  # id(object) -> number
        self.ids: dict[int, int] = {}  # number -> id(object), for when the object is gone
        self.known: dict[int, Contents] = {}  # by number

    def add(self, number: int, value: object, reference: Callable[[], object | None]) -> None:
        """Enter `value`, reached through `reference()`, under `number`."""
        self.objects[number] = reference
        self.numbers[id(value)] = number
        self.ids[number] = id(value)

    def number_of(self, value: object) -> int | None:
        """The number of this very object, or None."""
        number = self.numbers.get(id(value))
        return number if number is not None and self.object(number) is value else None

    def object(self, number: int) -> Any:
        """The object, or None; the garbage collector may drop it at any moment."""
        reference = self.objects.get(number)
        return reference() if reference else None

    def drop(self, number: int) -> None:
        """Remove an object from the table."""
        self.objects.pop(number, None)
        self.known.pop(number, None)
        identity = self.ids.pop(number, None)
        if (
            identity is not None and self.numbers.get(identity) == number
        ):  # another object may have taken its place in memory
            del self.numbers[identity]

    def changed(self, write_state: Callable[[Any], list]) -> dict[int, Contents]:
        """{number: contents} of the objects that differ from what the other side knows."""
        changed: dict[int, Contents] = {}
        seen: set[int] = set()
        while fresh := [number for number in list(self.objects) if number not in seen]:
            seen.update(fresh)
            for number in fresh:
                value = self.object(number)
                if value is None:
                    continue
                contents: Contents | None = payload(value)
                if contents is None:  # a stand-in; its attributes may bring further stand-ins in
                    contents = write_state(value)
                if self.known.get(number) != contents:
                    self.known[number] = changed[number] = contents
        return changed

"""Objects that both sides hold: tensors, arrays and stand-ins that a test has passed to the learner's code.

Each message carries the contents of those that changed since the last one, so an argument changed in place
is seen as changed on the other side, and the same object passed twice is the same object there.
"""

import hashlib
import json
import sys

from .plain import NotPlain, encode_array, is_simple


def fingerprint(message):
    """A short mark by which contents are compared."""
    return hashlib.blake2b(json.dumps(message, sort_keys=True).encode(), digest_size=16).digest()


def quick_mark(value):
    """The same for an ordinary tensor or array without encoding it; None for everything else."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and isinstance(value, torch.Tensor):
        if not is_simple(torch, value) or value.dtype is torch.bfloat16 or value.grad is not None:
            return None
        value = value.numpy()
    if not (numpy and isinstance(value, numpy.ndarray)) or value.dtype.hasobject:
        return None
    return value.dtype.str, value.shape, value.tobytes()


def write_tensor(old, new):
    """Make the tensor or array `old` equal to `new`, in place."""
    try:
        if hasattr(old, "requires_grad_"):
            _write_torch(old, new)
        else:
            old[...] = new.reshape(old.shape)
    except (RuntimeError, ValueError, TypeError) as error:
        raise NotPlain("an argument changed in a way that cannot be repeated") from error


def _write_torch(old, new):
    if old.dtype != new.dtype:
        raise NotPlain("an argument changed its dtype")
    if old.requires_grad != new.requires_grad and old.is_leaf:
        old.requires_grad_(new.requires_grad)
    old.data = new.detach() if new.requires_grad else new
    if old.is_leaf:
        old.grad = new.grad


class Mirrors:
    """Numbered objects and what the other side last knew of each."""

    def __init__(self):
        self.objects = {}  # number -> function that gives the object or None
        self.numbers = {}  # id(object) -> number
        self.known = {}  # number -> fingerprint of the contents
        self.marks = {}  # number -> quick mark of the contents

    def add(self, number, value, reference):
        """Enter `value`, reached through `reference()`, under `number`."""
        self.objects[number] = reference
        self.numbers[id(value)] = number

    def number_of(self, value):
        """The number of this very object, or None."""
        number = self.numbers.get(id(value))
        return number if number is not None and self._object(number) is value else None

    def _object(self, number):
        """The object, or None; the garbage collector may drop it at any moment."""
        return self.objects.get(number, lambda: None)()

    def drop(self, number):
        """Forget an object."""
        self.objects.pop(number, None)
        self.known.pop(number, None)
        self.marks.pop(number, None)
        self.numbers = {key: value for key, value in self.numbers.items() if value != number}

    def changed(self, encode_state):
        """{number: contents} of the objects that differ from what the other side knows."""
        contents, seen = {}, set()
        while set(self.objects) - seen:  # contents of a stand-in may bring further stand-ins in
            for number in sorted(set(self.objects) - seen):
                seen.add(number)
                value = self._object(number)
                if value is None:
                    continue
                quick = quick_mark(value)
                if quick is not None and self.marks.get(number) == quick:
                    continue
                self.marks[number] = quick
                message = encode_array(value) or encode_state(value)
                mark = fingerprint(message)
                if self.known.get(number) != mark:
                    self.known[number] = mark
                    contents[number] = message
        return contents

    def note(self, number, message, value):
        """The other side has just told these contents, which `value` has taken."""
        self.known[number] = fingerprint(message)
        self.marks[number] = quick_mark(value)

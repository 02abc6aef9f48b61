"""Objects that both sides hold: tensors, arrays and stand-ins that a test has passed to the learner's code.

Each message carries the contents of those that changed since the last one, so an argument changed in place
is seen as changed on the other side, and the same object passed twice is the same object there.
"""

from .plain import NotPlain, array_kind, encode_array

SCALARS = (bool, int, float, str)


class Unmarked(Exception):
    """Contents that can be compared only when they are encoded."""


def mark(value):
    """By which contents are compared without encoding them. Raises Unmarked for what is not ordinary."""
    kind = type(value)
    if value is None or kind in SCALARS:
        return kind, value
    if kind in (list, tuple):
        return kind, [mark(item) for item in value]
    if array_kind(kind) == "tensor":
        if value.grad is not None:
            raise Unmarked
        try:
            value = value.numpy()
        except (RuntimeError, TypeError) as error:  # it requires a gradient, is sparse, is bfloat16 …
            raise Unmarked from error
    elif array_kind(kind) != "array" or value.dtype.hasobject:
        raise Unmarked
    return value.dtype, value.shape, value.tobytes()


def quick_mark(value, is_standin):
    """The mark of a mirrored object, of a stand-in that of its attributes; None for what is not ordinary."""
    try:
        return [(name, mark(item)) for name, item in vars(value).items()] if is_standin else mark(value)
    except Unmarked:
        return None


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
        self.ids = {}  # number -> id(object), for when the object is gone
        self.known = {}  # number -> the contents, encoded
        self.marks = {}  # number -> quick mark of the contents

    def add(self, number, value, reference):
        """Enter `value`, reached through `reference()`, under `number`."""
        self.objects[number] = reference
        self.numbers[id(value)] = number
        self.ids[number] = id(value)

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
        identity = self.ids.pop(number, None)
        if self.numbers.get(identity) == number:  # another object may have taken its place in memory
            del self.numbers[identity]

    def changed(self, encode_state):
        """{number: contents} of the objects that differ from what the other side knows."""
        contents, seen = {}, set()
        while set(self.objects) - seen:  # contents of a stand-in may bring further stand-ins in
            for number in sorted(set(self.objects) - seen):
                seen.add(number)
                value = self._object(number)
                if value is None:
                    continue
                is_standin = array_kind(type(value)) is None
                quick = quick_mark(value, is_standin)
                if quick is not None and self.marks.get(number) == quick:
                    continue
                self.marks[number] = quick
                message = encode_state(value) if is_standin else encode_array(value)
                if self.known.get(number) != message:
                    self.known[number] = contents[number] = message
        return contents

    def note(self, number, message, value):
        """The other side has just told these contents, which `value` has taken."""
        self.known[number] = message
        self.marks[number] = quick_mark(value, message.get("t") == "standin")

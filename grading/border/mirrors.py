"""Objects that both sides hold: tensors, arrays and stand-ins that a test has passed to the learner's code.

Each message carries the contents of those that changed since the last one, so an argument changed in place
is seen as changed on the other side, and the same object passed twice is the same object there.
"""

from .arrays import NotPlain, payload


def write_array(old, new):
    """Make the tensor or array `old` equal to `new`, in place."""
    try:
        if hasattr(old, "requires_grad_"):
            _write_tensor(old, new)
        else:
            old[...] = new.reshape(old.shape)
    except (RuntimeError, ValueError, TypeError) as error:
        raise NotPlain("an argument changed in a way that cannot be repeated") from error


def _write_tensor(old, new):
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
        self.known = {}  # number -> the contents, written

    def add(self, number, value, reference):
        """Enter `value`, reached through `reference()`, under `number`."""
        self.objects[number] = reference
        self.numbers[id(value)] = number
        self.ids[number] = id(value)

    def number_of(self, value):
        """The number of this very object, or None."""
        number = self.numbers.get(id(value))
        return number if number is not None and self.object(number) is value else None

    def object(self, number):
        """The object, or None; the garbage collector may drop it at any moment."""
        reference = self.objects.get(number)
        return reference() if reference else None

    def drop(self, number):
        """Forget an object."""
        self.objects.pop(number, None)
        self.known.pop(number, None)
        identity = self.ids.pop(number, None)
        if self.numbers.get(identity) == number:  # another object may have taken its place in memory
            del self.numbers[identity]

    def changed(self, write_state):
        """{number: contents} of the objects that differ from what the other side knows."""
        changed, seen = {}, set()
        while fresh := [number for number in list(self.objects) if number not in seen]:
            seen.update(fresh)
            for number in fresh:
                value = self.object(number)
                if value is None:
                    continue
                contents = payload(value)
                if contents is None:  # a stand-in; its attributes may bring further stand-ins in
                    contents = write_state(value)
                if self.known.get(number) != contents:
                    self.known[number] = changed[number] = contents
        return changed

"""The message catalogue: every sentence that a learner reads, a JSON file in the edition's language."""

import json
from functools import cache
from pathlib import Path


class Message(str):
    """A sentence of the catalogue that remembers its key."""

    __slots__ = ("key",)

    def followed_by(self, *lines):
        """The same sentence with more lines below it."""
        longer = Message("\n".join([self, *lines]))
        longer.key = self.key
        return longer


@cache
def _catalogue():
    (path,) = Path(__file__).parent.glob("*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def known(key):
    """The Message of this key, for what comes from another process as plain text; None for any other text."""
    sentence = _catalogue().get(key, "{")
    return None if "{" in sentence else text(key)  # its values have stayed behind


def text(key, /, **values):
    """The sentence `key` (for instance "verdict.ok") with `values` filled in.

    Raises KeyError for a key that the catalogue does not have.
    """
    message = Message(_catalogue()[key].format(**values))
    message.key = key
    return message

"""Warnings of torch and numpy that a learner's code draws, told in the course's words."""

import warnings
from contextlib import contextmanager

from .messages import text

# a part of the warning → the key of what is said; other warnings say nothing that a learner could use here
KINDS = {
    "not a leaf Tensor": "warned.leaf",
    "The use of `x.T` on tensors": "warned.transposed",
    "Using a target size": "warned.target_size",
    "invalid value encountered": "warned.invalid",
    "divide by zero": "warned.invalid",
    "overflow encountered": "warned.invalid",
}
_said = set()


@contextmanager
def told():
    """In the body, a warning that the course has words for is printed, once until `anew`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for warning in caught:
                said = str(warning.message)
                key = next((key for part, key in KINDS.items() if part in said), None)
                if key and key not in _said:
                    _said.add(key)
                    print(f"⚠ {text(key)}")


def anew():
    """A new table begins: what has been said may be said again."""
    _said.clear()

"""Lists, dicts and sets that a test passes to the learner's code: changes in place come back."""

from typing import Any

MUTABLE = (list, dict, set)
DEEPEST = 20


def containers_in(value: Any, depth: int = 0) -> list:
    """The mutable containers in a value, itself included, in a fixed order; no subclasses."""
    found = [value] if type(value) in MUTABLE else []
    if depth < DEEPEST and type(value) in (list, tuple, dict):
        inner = value.values() if isinstance(value, dict) else value
        for item in inner:
            found += containers_in(item, depth + 1)
    return found


def merge(old: Any, new: Any, depth: int = 0) -> Any:
    """`old`, changed in place to be as `new`; or `new`, where nothing can be changed in place."""
    if type(old) is not type(new) or type(old) not in (*MUTABLE, tuple) or depth > DEEPEST:
        return new
    if isinstance(old, set):
        old.clear()
        old.update(new)
    elif isinstance(old, dict):
        items = {key: merge(old[key], item, depth + 1) if key in old else item for key, item in new.items()}
        old.clear()
        old.update(items)
    else:
        merged = [merge(one, other, depth + 1) for one, other in zip(old, new, strict=False)] + list(
            new[len(old) :]
        )
        if isinstance(old, tuple):
            return (
                old
                if len(old) == len(merged) and all(a is b for a, b in zip(old, merged, strict=True))
                else new
            )
        old[:] = merged
    return old

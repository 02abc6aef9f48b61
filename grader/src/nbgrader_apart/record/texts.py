"""What texts in code lead to: the course's modules, Python's machinery, attributes of what is formatted."""

import ast
import re
from collections.abc import Iterator

from nbgrader_apart.record.allow_list import AllowList
from nbgrader_apart.record.names import is_dunder

WORD = re.compile(r"\w+")
PATH = re.compile(r"[\w.:]+")
FIELD = re.compile(r"\{\w*(?:\.[^\W\d]|\[)")  # of a format: "{0.real}", "{x[0]}"


def leading(value: str | bytes, allowed: AllowList, argument: bool, full: bool) -> Iterator[str]:
    """Names in a constant, perhaps the argument of a call, that code could turn into what they name."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    for module in allowed.course:
        for reached in re.finditer(rf"\b{re.escape(module)}[.:/](\w+)", text):
            if not allowed.has(module, reached[1]) and f"{module}.{reached[1]}" not in allowed.modules:
                yield f"'{reached[0]}'"
        if text.strip() == module or re.search(rf"\b(?:import|from)\s+{re.escape(module)}\b", text):
            yield f"'{module}'"
    words = WORD.findall(text)
    # what has no underscore is a word of a language too: it leads somewhere ending a path, or handed on
    odd = [word for word in words if "_" in word]
    if PATH.fullmatch(text) and words and (argument or len(words) > 1):
        odd.append(words[-1])
    odd = [word for word in dict.fromkeys(odd) if word not in allowed.attributes]
    yield from (f"'{word}'" for word in odd if allowed.is_machinery(word))
    if full and is_dunder(text) and text != "__main__" and text not in allowed.dunders:
        yield f"'{text}'"


def formatting(owner: ast.expr) -> Iterator[str]:
    """Why `owner.format` may read attributes: its text is not written there, or has fields with a path."""
    if not (isinstance(owner, ast.Constant) and isinstance(owner.value, str)):
        yield ".format"
    elif FIELD.search(owner.value):
        yield f"'{owner.value}'.format"

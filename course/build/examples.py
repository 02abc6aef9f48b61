"""The small examples of the page of typical mistakes: what the right cell gives, and what the wrong one does."""

import ast
from collections.abc import Mapping

import torch

from course.build import catalogue

DIGITS = 4  # significant ones


def compared(
    entry: catalogue.Entry, setup: str, run: str, sentences: Mapping[str, str]
) -> tuple[str, str]:
    """What the last expression of `run` is with the mistake of `entry`, and without it, said with `sentences`.

    Only classes and functions of the notebook are there, no scripts. Raises ValueError when both are the same.
    """
    right = catalogue.reference(entry.notebook)
    found = [_result({**right, **cells}, setup, run, sentences) for cells in (entry.cells, {})]
    if found[0] == found[1]:
        raise ValueError(f"{entry.notebook}/wrong.toml: «{run}» is {found[0]} with and without {entry.name}")
    return found[0], found[1]


def _result(cells: Mapping[str, str], setup: str, run: str, sentences: Mapping[str, str]) -> str:
    names: dict = {"torch": torch}
    for code in cells.values():
        tree = ast.parse(code)
        tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        exec(compile(tree, "<cell>", "exec"), names)  # the course's own catalogue
    exec(setup, names)
    *statements, last = ast.parse(run).body
    if not isinstance(last, ast.Expr):
        raise ValueError(f"«{run}» does not end on an expression")
    try:
        exec(compile(ast.Module(statements, []), "<run>", "exec"), names)
        return shown(eval(compile(ast.Expression(last.value), "<run>", "eval"), names), sentences)
    except Exception as error:  # a mistake may be one that stops: that is what the example shows
        return f"`{type(error).__name__}: {error}`"


def shown(value: object, sentences: Mapping[str, str]) -> str:
    """A value as Markdown: numbers without a needless point, a tensor with its shape."""
    if isinstance(value, torch.Size):
        return sentences["page.shape"].format(shape=tuple(value))
    if isinstance(value, torch.Tensor):
        return sentences["page.tensor"].format(value=_plain(value.tolist()), shape=tuple(value.shape))
    return f"`{_plain(value)}`"


def _plain(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_plain(item) for item in value)}]"
    return f"{value + 0.0:.{DIGITS}g}" if isinstance(value, float) else str(value)  # −0 is 0

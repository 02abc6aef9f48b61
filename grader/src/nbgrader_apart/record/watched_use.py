"""How code uses what has to be seen: called where it stands, not handed on, and types only named."""

import ast
from collections.abc import Sequence

from nbgrader_apart.record.allow_list import AllowList
from nbgrader_apart.record.names import Names, chain


def is_called(node: ast.AST, parent: ast.AST) -> bool:
    """Whether the call `parent` is one of `node` itself."""
    return isinstance(parent, ast.Call) and parent.func is node


def is_handed_on(node: ast.Name, parent: ast.AST, names: Names) -> bool:
    """Whether a function that nobody watches is given to something that calls it again and again."""
    module, _, name = names.values.get(node.id, f"builtins.{node.id}").rpartition(".")
    return name in names.allowed.called.get(module, ()) and not is_called(node, parent)


def is_named(node: ast.AST, parent: ast.AST, names: Names) -> bool:
    """Whether a type is only named: for an array's numbers, or in a comparison."""
    if isinstance(parent, ast.keyword):
        return parent.arg == "dtype"
    if not isinstance(parent, ast.Call) or parent.func is node:
        return isinstance(parent, ast.Compare)
    start, attributes = chain(parent.func)
    library = names.path(start, attributes).split(".")[0]
    return library in names.allowed.watched or attributes[-1:] == ["astype"]


def has_unseen_parts(module: str, name: str, allowed: AllowList) -> bool:
    """Whether what a function or type of the module has itself, as `add.outer`, is seen by nobody."""
    constants = allowed.watched.get(module, {name})
    return name not in constants or name in allowed.named.get(module, ())


def type_nodes(types: Sequence[ast.AST | None]) -> set[int]:
    """The ids of the parts of a type as it is written, as `a.b | list[c]`."""
    found, waiting = set(), [*types]
    while waiting:
        node = waiting.pop()
        found.add(id(node))
        if isinstance(node, ast.BinOp):
            waiting += [node.left, node.right]
        elif isinstance(node, ast.Subscript):
            waiting += [node.value, node.slice]
        elif isinstance(node, (ast.Tuple, ast.List)):
            waiting += node.elts
    return found


def is_whole(exponent: ast.expr) -> bool:
    """Whether a whole number is written there."""
    if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
        exponent = exponent.operand
    value = exponent.value if isinstance(exponent, ast.Constant) else None
    return isinstance(value, (int, float)) and value == value // 1

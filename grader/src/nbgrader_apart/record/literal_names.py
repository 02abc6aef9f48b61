"""Attributes whose name is computed: on which object, and which names a loop writes out. Nothing is run."""

import ast
from collections.abc import Iterator

from nbgrader_apart.record.names import FUNCTIONS, bindings, parameters


def own_objects(tree: ast.AST) -> set[int]:
    """The ids of the names in `tree` that are the first parameter of the method in which they stand."""
    found: dict[int, tuple[str, int]] = {}
    bound: set[tuple[str, int]] = set()
    # a node, and the first parameter of the method round it with the method's own id
    waiting: list[tuple[ast.AST, tuple[str, int] | None]] = [(tree, None)]
    while waiting:
        node, first = waiting.pop()
        if first and isinstance(node, ast.Name) and node.id == first[0]:
            found[id(node)] = first
        if first and first[0] in bindings(node) and not isinstance(node, ast.arg):
            bound.add(first)
        if isinstance(node, (*FUNCTIONS, ast.Lambda)) and first and first[0] in parameters(node):
            first = None
        for child in ast.iter_child_nodes(node):
            method = isinstance(node, ast.ClassDef) and isinstance(child, FUNCTIONS)
            if method and not _is_static(child) and parameters(child):
                name = (parameters(child)[0], id(child))
                waiting += [(inner, name) for inner in ast.iter_child_nodes(child)]
            else:
                waiting.append((child, first))
    return {node for node, first in found.items() if first not in bound}


def _is_static(function: ast.AST) -> bool:
    decorators = getattr(function, "decorator_list", [])
    return any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in decorators)


def literal_loops(tree: ast.AST) -> dict[str, list[str]]:
    """name -> the strings that it runs through, for names that only loops over written strings bind."""
    found: dict[str, list[str]] = {}
    targets: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)):
            for target, rows in _columns(node.target, node.iter):
                strings = [
                    row.value for row in rows if isinstance(row, ast.Constant) and isinstance(row.value, str)
                ]
                if isinstance(target, ast.Name) and len(strings) == len(rows):
                    found.setdefault(target.id, []).extend(strings)
                    targets.add(id(target))
    for node in ast.walk(tree):
        if id(node) not in targets:
            for name in bindings(node):
                found.pop(name, None)
    return found


def _columns(target: ast.expr, source: ast.expr) -> Iterator[tuple[ast.expr, list[ast.expr]]]:
    """What a loop over written rows binds, and what each part of it runs through."""
    if isinstance(source, (ast.Tuple, ast.List)):
        if isinstance(target, ast.Tuple) and target.elts:
            firsts = [row.elts[0] if isinstance(row, ast.Tuple) and row.elts else row for row in source.elts]
            yield target.elts[0], firsts
        else:
            yield target, source.elts
    elif isinstance(source, ast.Call) and isinstance(target, ast.Tuple):
        for part, column in zip(target.elts, _handed_out(source), strict=False):
            if isinstance(column, (ast.Tuple, ast.List)):
                yield part, column.elts


def _handed_out(call: ast.Call) -> list[ast.expr]:
    """What zip, enumerate or a written dict's items go through, one for each part of a row."""
    name = getattr(call.func, "id", "")
    if name == "enumerate" and call.args:
        return [call.func, call.args[0]]
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Dict):
        keys = [key for key in call.func.value.keys if key]
        whole = call.func.attr == "items" and len(keys) == len(call.func.value.keys)
        return [ast.List(keys)] if whole else []
    starred = any(isinstance(one, ast.Starred) for one in call.args)
    return call.args if name == "zip" and not starred else []

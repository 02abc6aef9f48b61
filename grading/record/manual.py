"""Code that cannot be read in advance, or that a course finds suspicious, costs nothing: a person looks."""

import ast

from ..judge.names import changed_names, loaded_names, parse
from ..messages import text

DYNAMIC = {
    "exec", "eval", "compile", "__import__", "importlib", "ctypes", "subprocess",
    "get_ipython", "globals", "gc",
    "builtins", "socket", "multiprocessing",
}  # fmt: skip


def dynamic_names(source):
    """The names of DYNAMIC that the code uses, and `getattr` with a computed name."""
    found = set()
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Name) and node.id in DYNAMIC:
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {path.split(".")[0] for path in _paths(node)} & DYNAMIC
        elif isinstance(node, ast.Call) and computes_a_name(node):
            found.add(node.func.id)
    return sorted(found)


def computes_a_name(call):
    """Whether the call is getattr or setattr with a name that is not written out; of `self` that is usual."""
    written = _is_getattr(call) and isinstance(call.args[1], ast.Constant)
    return _is_getattr(call) and not written and getattr(call.args[0], "id", None) != "self"


def _is_getattr(call):
    return getattr(call.func, "id", None) in ("getattr", "setattr") and len(call.args) > 1


def suspicious_names(source, names):
    """Those of the course's `names` that the code uses: "a" is found in b.a.c, "a.b" in a.b.c."""
    paths = {f".{path}." for node in ast.walk(parse(source)) for path in _paths(node)}
    return sorted(name for name in names if any(f".{name}." in path for path in paths))


def _paths(node):
    """The dotted paths that a node writes out: a name, an attribute, imports; "complex" for such a number."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [f"{path}.{node.attr}" for path in _paths(node.value) or [""]]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module or ''}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and _is_getattr(node) and isinstance(node.args[1], ast.Constant):
        return [f"{path}.{node.args[1].value}" for path in _paths(node.args[0]) or [""]]
    return ["complex"] if isinstance(node, ast.Constant) and isinstance(node.value, complex) else []


def questions(cells, tests, suspicious=(), except_in=()):
    """Which tests rest on code to look at, and why: ({grade id of a test}, {learner's cell: sentence}).

    `cells` are (name, source) of the learner's cells in their order, `tests` {grade id: source}. Names that
    are `suspicious` are asked about when a test rests on their cell, unless its name is in `except_in`.
    """
    flagged, found = set(), {}
    for number, (name, source) in enumerate(cells):
        dynamic = dynamic_names(source)
        names = dynamic + (suspicious_names(source, suspicious) if name not in except_in else [])
        resting = _resting_on(number, cells, tests) if names else set()
        if dynamic and not resting:  # code that binds no name of a test may still have reached any of them
            resting = set(list(tests)[:1])
        if resting:
            flagged |= resting
            found[name] = found.get(name, []) + names
    return flagged, {name: text("manual.look", names=", ".join(names)) for name, names in found.items()}


def _resting_on(number, cells, tests):
    """The tests that use what the cell defines or changes, be it through other cells."""
    names, reached = set(), {number}
    while reached:
        names |= set().union(*(changed_names(cells[index][1]) for index in reached))
        reached = {
            index
            for index, (_, source) in enumerate(cells)
            if loaded_names(source) & names and not changed_names(source) <= names
        }
    return {test for test, body in tests.items() if loaded_names(body) & names}

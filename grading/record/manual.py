"""Code that nobody can read in advance is not punished: a person is asked to look."""

import ast

from ..judge.names import bound_names, loaded_names
from ..messages import text

DYNAMIC = {
    "exec", "eval", "compile", "__import__", "importlib", "ctypes", "subprocess",
    "get_ipython", "globals", "gc",
    "builtins", "socket", "multiprocessing",
}  # fmt: skip


def dynamic_names(source):
    """The names of DYNAMIC that the code uses, and `getattr` with a computed name."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in DYNAMIC:
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = (
                [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            )
            found |= {name.split(".")[0] for name in modules} & DYNAMIC
        elif isinstance(node, ast.Call) and computes_a_name(node):
            found.add(node.func.id)
    return sorted(found)


def computes_a_name(call):
    """Whether the call is getattr or setattr with a name that is not written out."""
    named = getattr(call.func, "id", None) in ("getattr", "setattr")
    return named and len(call.args) > 1 and not isinstance(call.args[1], ast.Constant)


def questions(cells, tests):
    """Which tests rest on code that nobody can read in advance: (grade ids, {learner's cell: sentence}).

    `cells` are (name, source) of the learner's cells in their order, `tests` {grade id: source}.
    """
    suspects, comments = set(), {}
    for name, source in cells:
        dynamic = dynamic_names(source)
        if dynamic:
            comments[name] = text("manual.dynamic", names=", ".join(dynamic))
        if dynamic or loaded_names(source) & suspects:
            suspects |= bound_names(source)
    flagged = {test for test, body in tests.items() if loaded_names(body) & suspects}
    if comments and not flagged:  # code that binds no name of a test may still have reached any of them
        flagged = set(list(tests)[:1])
    return flagged, comments

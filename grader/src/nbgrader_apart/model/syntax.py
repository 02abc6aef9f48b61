"""Which names a piece of source binds or uses, found without running it."""

import ast
import contextlib
import functools
import re
import symtable
from collections.abc import Iterator

# A line of IPython's own: %magic, %%magic, !program, ?name, name?, and the first two behind `name =`.
IPYTHON = re.compile(
    r"^([ \t]*)(?:[%!?][^\n]*|[\w.]+[ \t]*=[ \t]*[%!][^\n]*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE
)

SHOWN = re.compile(r"\s*%%(html|svg|latex|markdown|javascript|js)\b", re.IGNORECASE)  # the rest is not run


def bound_names(source: str) -> set[str]:
    """Names that the code binds at its top level: classes, functions, assignments, loops, imports."""
    return {
        node.id for node in _top(source) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    } | {
        node.name
        for node in parse(source).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    }


def changed_names(source: str) -> set[str]:
    """`bound_names`, what the code imports, and names of objects whose attributes or items it sets."""
    changed = bound_names(source) | imported_names(source)
    for node in _top(source):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            while isinstance(node, (ast.Attribute, ast.Subscript)):
                node = node.value
            if isinstance(node, ast.Name):
                changed.add(node.id)
    return changed


def free_names(source: str) -> set[str]:
    """Names that the code, its functions included, reads before it has bound them at its top level."""
    free: set[str] = set()
    bound: set[str] = set()
    for statement in parse(source).body:
        code = ast.unparse(statement)
        own = bound_names(code) | imported_names(code)
        before = bound if isinstance(statement, ast.Assign) else bound | own
        free |= (_read_names(code) - before) | (_counted_names(code) - bound)
        bound |= own
    return free


def globals_of_functions(code: str) -> set[str]:
    """Names of the notebook that functions in the code read when they are called."""
    return {
        symbol.get_name()
        for table in _tables(code)[1:]
        for symbol in table.get_symbols()
        if symbol.is_global() and symbol.is_referenced()
    }


def _read_names(code: str) -> set[str]:
    return {
        symbol.get_name()
        for place, table in enumerate(_tables(code))
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (place == 0 or symbol.is_global())
    }


def _tables(code: str) -> list[symtable.SymbolTable]:
    """Those of the code itself, then of its functions; none when it cannot be read."""
    try:
        found = [symtable.symtable(code, "cell", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    for table in found:
        found += table.get_children()
    return found


def _counted_names(source: str) -> set[str]:
    """Names that the code changes by what they were: `n += 1`."""
    counted = (node.target for node in _top(source) if isinstance(node, ast.AugAssign))
    return {target.id for target in counted if isinstance(target, ast.Name)}


def imported_names(source: str) -> set[str]:
    """Names that the code's imports bind at its top level."""
    return {name for node in _top(source) for name in names_of_import(node)}


def names_of_import(node: ast.AST) -> list[str]:
    """The names that this very node binds when it is an import."""
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return []
    return [alias.asname or alias.name.split(".")[0] for alias in node.names]


def loaded_names(source: str) -> set[str]:
    """Names that the code reads anywhere."""
    return {
        node.id
        for node in ast.walk(parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


@functools.lru_cache(1)  # the functions of this file are asked about one source after another
def parse(source: str) -> ast.Module:
    """The syntax tree without IPython's lines; of nothing when the rest is not Python either.

    Raises RecursionError or MemoryError when it is too deep.
    """
    for python in (source, without_ipython(source)):
        with contextlib.suppress(SyntaxError, ValueError):
            return ast.parse(python)
    return ast.parse("")


def without_ipython(source: str) -> str:
    """The source with `pass` in place of each line that only IPython understands."""
    return IPYTHON.sub(r"\1pass", source)


def is_hidden(source: str) -> bool:
    """Whether `parse` finds nothing in code that IPython may run: it has IPython's lines and is no Python."""
    return not (parse(source).body or SHOWN.match(source)) and bool(IPYTHON.search(source))


def _top(source: str) -> Iterator[ast.AST]:
    """Nodes outside function and class bodies."""
    waiting: list[ast.AST] = list(parse(source).body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))

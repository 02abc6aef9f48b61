"""The statements of learners' cells: what each reads and changes, and on which others something rests."""

import ast
import re
import symtable
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbgrader_apart.model.syntax import names_of_import
from nbgrader_apart.record.names import BUILTIN, FUNCTIONS, Names, root

# Magics that run nothing else than what stands behind them.
HARMLESS = {
    "autoreload", "capture", "colors", "conda", "config", "gui", "load_ext", "mamba", "matplotlib",
    "micromamba", "pinfo", "pip", "precision", "time", "timeit", "uv", "who", "whos",
}  # fmt: skip
MAGIC = re.compile(r"^(\s*)(%{1,2})(\w+)([^\n]*)$")
FOREIGN = re.compile(r"^\s*[!/,;>]|^[^\n=]*=\s*[!%]|^\s*In ?\[")


@dataclass(frozen=True)
class Statement:
    """One statement of a cell's top level; `loaded` and `changed` are names of the notebook."""

    cell: str
    node: ast.stmt
    loaded: frozenset[str]
    changed: frozenset[str]


def as_python(source: str) -> tuple[str, list[tuple[int, str]]]:
    """A cell without IPython's own lines, in as many lines; and those lines that run something unknown."""
    lines, foreign = source.split("\n"), []
    for number, line in enumerate(lines):
        magic = MAGIC.match(line)
        if magic:
            indent, _, name, rest = magic.groups()
            if name not in HARMLESS:
                foreign.append((number + 1, f"%{name}"))
            code = rest.strip() if name in ("time", "timeit") and magic[2] == "%" else ""
            lines[number] = indent + (code or "pass")
        elif line.strip().startswith("?") or line.rstrip().endswith("?"):
            lines[number] = ""
        elif FOREIGN.match(line):
            foreign.append((number + 1, line.strip()[:20]))
            lines[number] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines), foreign


def statements(cell: str, tree: ast.Module, source: str, names: Names) -> list[Statement]:
    """The statements of a cell's top level; `source` is what `tree` was read from."""
    scopes = _scopes(source)
    found = []
    for node in tree.body:
        scope = scopes.get((node.name, node.lineno)) if isinstance(node, (*FUNCTIONS, ast.ClassDef)) else None
        loaded = set(_loaded(node, around=scope is not None))
        changed = set(_changed(node, names))
        if scope is not None:
            loaded |= {symbol.get_name() for symbol in _globals(scope) if symbol.is_referenced()}
            changed |= {symbol.get_name() for symbol in _globals(scope) if symbol.is_assigned()}
        found.append(Statement(cell, node, frozenset(loaded), frozenset(changed)))
    return found


def _scopes(source: str) -> dict[tuple[str, int], symtable.SymbolTable]:
    """(name, line) -> the scope of each function and class of the top level; {} when Python refuses one."""
    try:
        table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError):
        return {}
    return {(scope.get_name(), scope.get_lineno()): scope for scope in table.get_children()}


def _globals(scope: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    waiting = [scope]
    while waiting:
        table = waiting.pop()
        waiting.extend(table.get_children())
        yield from (symbol for symbol in table.get_symbols() if symbol.is_global())


def _loaded(statement: ast.stmt, around: bool) -> Iterator[str]:
    """Names that a statement reads; `around`: only round the body of the function or class that it is."""
    waiting: list[ast.AST] = [statement]
    if around:
        body = {id(node) for node in statement.body}  # type: ignore[attr-defined]
        waiting = [node for node in ast.iter_child_nodes(statement) if id(node) not in body]
    for node in (inner for one in waiting for inner in ast.walk(one)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _changed(statement: ast.stmt, names: Names) -> Iterator[str]:
    """Names that a statement binds or whose objects it may change: by setting, calling a method, handing on.

    Modules are left out, for what is set in them is found by `reaching`, and so are builtins and the
    learner's own functions and classes, which only an attribute changes.
    """
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        yield statement.name
    for node in ast.walk(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from names_of_import(node)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            if not isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
                yield node.id
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield getattr(root(node), "id", "")
        elif isinstance(node, ast.Call):
            owners = [root(node.func)] if isinstance(node.func, ast.Attribute) else []
            handed = [*node.args, *(keyword.value for keyword in node.keywords)]
            for one in owners + [root(part) for part in handed]:
                name = getattr(one, "id", "")
                builtin = name in BUILTIN and name not in names.bound
                if name not in names.modules and name not in names.definitions and not builtin:
                    yield name


def following(wanted: Iterable[str], links: Sequence[tuple[Iterable[str], Iterable[str]]]) -> set[str]:
    """The names `wanted` and all that follow.

    Each of `links` leads from any name of its first part to its second.
    """
    leads: defaultdict[str, list[int]] = defaultdict(list)
    for number, (first, _) in enumerate(links):
        for name in first:
            leads[name].append(number)
    found: set[str] = set()
    waiting = list(wanted)
    gone: set[int] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        for number in leads.pop(name, ()):
            if number not in gone:
                gone.add(number)
                waiting.extend(links[number][1])
    return found


def needed(wanted: Mapping[str, Iterable[str]], written: Sequence[Statement]) -> dict[int, set[str]]:
    """For the number of each of the statements that something of `wanted` {key: names} rests on: the keys."""
    links = [(one.changed, one.loaded) for one in written]
    keys: defaultdict[int, set[str]] = defaultdict(set)
    for key, names in wanted.items():
        reached = following(names, links)
        for number, one in enumerate(written):
            if one.changed & reached:
                keys[number].add(key)
    return keys

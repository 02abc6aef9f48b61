"""What the code of a notebook binds, and the paths of names that it writes. Nothing is run."""

import ast
import builtins
from typing import TypeGuard

from nbgrader_apart.model.syntax import names_of_import
from nbgrader_apart.record.allow_list import AllowList

BUILTIN = frozenset(dir(builtins))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Names:
    """What the code of a notebook, the learner's and the course's, binds."""

    def __init__(self, allowed: AllowList) -> None:
        self.allowed = allowed
        self.modules: dict[str, str] = {}  # name -> path of the module
        self.values: dict[str, str] = {}  # name -> path of what was imported from a module
        self.bound: set[str] = set()
        self.own: set[str] = set()  # attributes that the learner's own classes have
        self.definitions: set[str] = set()  # own functions and classes of the top level
        self.classes: set[str] = set()
        self.methods: set[str] = set()
        self.computing: set[str] = set()  # methods that read or set attributes by a computed name

    def add(self, tree: ast.Module) -> None:
        """Enter a cell."""
        self.definitions |= {node.name for node in tree.body if isinstance(node, (*FUNCTIONS, ast.ClassDef))}
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._import(node)
                continue
            self.bound.update(bindings(node))
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self.own.add(node.attr)
            elif isinstance(node, ast.ClassDef):
                self._class(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                top = alias.name.split(".")[0]
                self.modules[alias.asname or top] = alias.name if alias.asname else top
            else:
                path = f"{node.module}.{alias.name}"
                kind = self.modules if path in self.allowed.modules else self.values
                kind[alias.asname or alias.name] = path

    def _class(self, node: ast.ClassDef) -> None:
        self.classes.add(node.name)
        for inner in node.body:
            if isinstance(inner, FUNCTIONS):
                self.methods.add(inner.name)
                self.own.add(inner.name)
                if any(computes_a_name(node) for node in ast.walk(inner)):
                    self.computing.add(inner.name)
            single = [inner.target] if isinstance(inner, (ast.AnnAssign, ast.AugAssign)) else []
            targets = inner.targets if isinstance(inner, ast.Assign) else single
            self.own |= {target.id for target in targets if isinstance(target, ast.Name)}

    def path(self, root: ast.expr, attributes: list[str]) -> str:
        """The dotted path of `root.a.b…` with imported names written out; "" when it has none."""
        if not isinstance(root, ast.Name):
            return ""
        start = self.modules.get(root.id) or self.values.get(root.id) or root.id
        return ".".join([start, *attributes])


def bindings(node: ast.AST) -> list[str]:
    """The names that this very node binds."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return names_of_import(node)
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    name = node.rest if isinstance(node, ast.MatchMapping) else None
    if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        name = node.name
    return [name] if name else []


def parameters(function: ast.AST) -> list[str]:
    """The names of a function's parameters, in their order."""
    if not isinstance(function, (*FUNCTIONS, ast.Lambda)):
        return []
    args = function.args
    single = [one for one in (args.vararg, args.kwarg) if one]
    return [one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs, *single)]


def computes_a_name(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether the node is a call of getattr or setattr with a name that is not written out."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1):
        return False
    return node.func.id in ("getattr", "setattr") and not isinstance(node.args[1], ast.Constant)


def chain(node: ast.expr) -> tuple[ast.expr, list[str]]:
    """What the outermost attribute of `root.a.b…` begins with, and the names after it."""
    attributes = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return node, attributes[::-1]


def root(node: ast.AST) -> ast.AST:
    """What a path of attributes and items begins with."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node


def is_dunder(name: str) -> bool:
    """Whether Python itself gives the name a meaning."""
    return name.startswith("__") and name.endswith("__")

"""What learners' code uses that is not on the course's list. Nothing is run.

Full reading is for code that a derivation rests on: everything that it uses has to be on the list. The rest
of a notebook is read for what reaches beyond itself: whoever changes a library or the course's own modules
changes what derivations rest on.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator

from nbgrader_apart.record.names import FUNCTIONS, Names, chain, is_dunder, root

SHOWN = 60  # characters of a name
BUILTIN = frozenset(dir(builtins))
ACCESS = ("getattr", "setattr", "hasattr", "delattr")
ASYNC = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
Found = tuple[int, str]  # the line, and what stands there


def unusual(statement: ast.stmt, names: Names) -> Iterator[Found]:
    """Everything in code that a derivation rests on that is not on the list."""
    return _Reading(statement, names, full=True).found()


def reaching(statement: ast.stmt, names: Names) -> Iterator[Found]:
    """What in other code of the notebook may change a library, the course's modules or Python's machinery."""
    return _Reading(statement, names, full=False).found()


class _Reading:
    """One statement, read from the outside in; `full` or only for what reaches beyond itself."""

    def __init__(self, statement: ast.stmt, names: Names, full: bool) -> None:
        self.statement = statement
        self.names = names
        self.allowed = names.allowed
        self.full = full
        self._loops: dict[str, list[str]] | None = None

    def found(self) -> Iterator[Found]:
        """(line, name) of each finding, in no particular order."""
        # a node, what holds it, and whether a function runs it
        waiting: list[tuple[ast.AST, ast.AST, bool]] = [(self.statement, self.statement, False)]
        line = self.statement.lineno
        while waiting:
            node, parent, inside = waiting.pop()
            line = getattr(node, "lineno", line)
            for name in self._at(node, parent, inside):
                yield line, name if len(name) <= SHOWN else name[:SHOWN] + "…"
            body = inside or isinstance(node, (*FUNCTIONS, ast.Lambda))
            for part, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        waiting.append((child, node, body if part == "body" else inside))

    def _at(self, node: ast.AST, parent: ast.AST, inside: bool) -> Iterator[str]:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from self._import(node)
        elif isinstance(node, ast.Attribute):
            if not isinstance(parent, ast.Attribute):
                yield from self._attribute(node, parent, inside)
        elif isinstance(node, ast.Name):
            if not isinstance(parent, ast.Attribute):
                yield from self._name(node, parent)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from self._changed(root(node))
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        if self.full:
            yield from self._grammar(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        for alias in node.names:
            path = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            module, _, name = path.rpartition(".")
            if path in self.allowed.modules:
                continue
            from_list = isinstance(node, ast.ImportFrom) and module not in self.allowed.watched
            if from_list and self.allowed.has(module, name):
                continue
            if self.full or self._is_machinery(path):
                yield path

    def _is_machinery(self, path: str) -> bool:
        """Whether a module's path leads to the course's modules or to what `machinery` names."""
        parts = path.split(".")
        return parts[0] in self.allowed.course or not self.allowed.machinery.isdisjoint(parts)

    def _name(self, node: ast.Name, parent: ast.AST) -> Iterator[str]:
        name = node.id
        if not isinstance(node.ctx, ast.Load):
            if name in self.names.modules or (is_dunder(name) and name not in self.allowed.dunders):
                yield name
        elif name in self.names.modules:
            # a module that is handed on or gets another name can no longer be followed
            if self.full or self.names.modules[name].split(".")[0] in self.allowed.roots:
                yield name
        elif name in ACCESS:
            if not (isinstance(parent, ast.Call) and parent.func is node):
                yield name
        elif name in self.allowed.machinery:
            yield name
        elif self.full and name not in self.allowed.builtins:
            own = name in self.names.bound or name in self.names.values or name in self.allowed.dunders
            if name in BUILTIN or not own:
                yield name

    def _attribute(self, node: ast.Attribute, parent: ast.AST, inside: bool) -> Iterator[str]:
        start, attributes = chain(node)
        stored = not isinstance(node.ctx, ast.Load)
        if stored:
            yield from self._stored(start, attributes)
            attributes.pop()
        if isinstance(start, ast.Name) and start.id in self.names.modules and attributes:
            module, taken = self.allowed.step_out(self.names.modules[start.id], attributes)
            name = attributes[taken] if taken < len(attributes) else ""
            called = isinstance(parent, ast.Call) and parent.func is node and inside
            if not self._may_take(module, name, called) or self._is_private(module, attributes):
                yield f"{module}.{name}".rstrip(".")
            attributes = attributes[taken + 1 :]
        elif isinstance(start, ast.Name) and start.id in self.names.classes and attributes:
            yield from self._of_class(attributes[0], parent)
        for name in attributes:
            if not self._may_read(name):
                yield f".{name}"

    def _may_take(self, module: str, name: str, called: bool) -> bool:
        """Whether code may use `name` of a module; "" stands for the module itself, handed on."""
        if not self.full and not self._is_machinery(f"{module}.{name}"):
            return True
        if not name or not self.allowed.has(module, name):
            return False
        return called or not self.full or name in self.allowed.watched.get(module, {name})

    def _is_private(self, module: str, attributes: list[str]) -> bool:
        return module.split(".")[0] in self.allowed.roots and any(name.startswith("_") for name in attributes)

    def _may_read(self, name: str) -> bool:
        if is_dunder(name):
            return name in self.allowed.dunders
        if not self.full or name in self.allowed.attributes or name in self.allowed.settable:
            return True
        return name in self.names.own and name not in self.allowed.reserved

    def _of_class(self, name: str, parent: ast.AST) -> Iterator[str]:
        """A method that is taken from its class may be given any object for `self`."""
        first = parent.args[0] if isinstance(parent, ast.Call) and parent.args else None
        of_self = isinstance(first, ast.Name) and first.id in ("self", "cls")
        if self.full and name == "__init__" and not of_self:
            yield ".__init__"

    def _stored(self, start: ast.expr, attributes: list[str]) -> Iterator[str]:
        name = attributes[-1]
        of_self = isinstance(start, ast.Name) and start.id in ("self", "cls") and len(attributes) == 1
        library = name in self.allowed.attributes and name not in self.allowed.settable
        if ((library or name in self.names.methods) and not of_self) or is_dunder(name):
            yield f".{name} ="
        else:
            yield from self._changed(start)

    def _changed(self, start: ast.AST) -> Iterator[str]:
        """What a module, or something imported from one on the list, is changed in."""
        if isinstance(start, ast.Name):
            path = self.names.modules.get(start.id) or self.names.values.get(start.id, "")
            if path.split(".")[0] in self.allowed.roots:
                yield f"{path} ="

    def _call(self, node: ast.Call) -> Iterator[str]:
        if not isinstance(node.func, ast.Name):
            return
        name = node.func.id
        if name in ACCESS:
            written = self._written(node.args[1]) if len(node.args) > 1 else None
            owner = node.args[0] if node.args else node
            of_self = isinstance(owner, ast.Name) and owner.id == "self"
            if written is None or (name in ("setattr", "delattr") and not of_self):
                if self.full or name in ("setattr", "delattr"):
                    yield name
            elif len(written) > 1 and not of_self:
                yield name
            else:
                yield from (f".{one}" for one in written if not self._may_read(one))
        elif name == "pow" and self.full and not (len(node.args) == 2 and is_whole(node.args[1])):
            yield "pow"

    def _written(self, name: ast.expr) -> list[str] | None:
        """The names that an expression may stand for, when they are written out: itself, or in its loop."""
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return [name.value]
        if self._loops is None:
            self._loops = literal_loops(self.statement)
        return self._loops.get(name.id) if isinstance(name, ast.Name) else None

    def _grammar(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ASYNC):
            yield "async"
        if isinstance(node, ast.Constant) and isinstance(node.value, complex):
            yield repr(node.value)
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Pow):
            exponent = node.right if isinstance(node, ast.BinOp) else node.value
            if not is_whole(exponent):  # of a negative number it would be complex
                yield "**"
        elif isinstance(node, ast.MatchClass):
            yield from (f".{name}" for name in node.kwd_attrs if not self._may_read(name))
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield from self._definition(node)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[str]:
        if is_dunder(node.name) and node.name not in self.allowed.dunders:
            yield node.name
        for decorator in node.decorator_list:
            path = self.names.path(*chain(decorator.func if isinstance(decorator, ast.Call) else decorator))
            setter = path.endswith(".setter") and path.removesuffix(".setter") in self.names.own
            if path not in self.allowed.decorators and not setter:
                yield f"@{path or '…'}"
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}({keyword.arg}=…)" for keyword in node.keywords)
            for base in node.bases:
                path = self.names.path(*chain(base))
                if path not in self.allowed.bases and path not in self.names.classes:
                    yield f"{node.name}({path or '…'})"


def is_whole(exponent: ast.expr) -> bool:
    """Whether a whole number is written there."""
    if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
        exponent = exponent.operand
    value = exponent.value if isinstance(exponent, ast.Constant) else None
    return isinstance(value, (int, float)) and value == value // 1


def literal_loops(statement: ast.stmt) -> dict[str, list[str]]:
    """name -> the strings that it runs through, for names that only loops over written strings bind."""
    found: dict[str, list[str]] = {}
    targets: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.For, ast.comprehension)) and isinstance(node.iter, (ast.Tuple, ast.List)):
            rows: Iterable[ast.expr] = node.iter.elts
            target = node.target
            if isinstance(target, ast.Tuple) and target.elts:
                target = target.elts[0]
                rows = [row.elts[0] if isinstance(row, ast.Tuple) and row.elts else row for row in rows]
            strings = [
                row.value for row in rows if isinstance(row, ast.Constant) and isinstance(row.value, str)
            ]
            if isinstance(target, ast.Name) and len(strings) == len(node.iter.elts):
                found.setdefault(target.id, []).extend(strings)
                targets.add(id(target))
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in targets:
            found.pop(node.id, None)
        elif isinstance(node, ast.arg):
            found.pop(node.arg, None)
    return found

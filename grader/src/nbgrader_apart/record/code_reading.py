"""What learners' code uses that is not on the course's list. Nothing is run.

Full reading is for code that a derivation rests on: everything that it uses has to be on the list. The rest
of a notebook is read for what reaches beyond itself: whoever changes a library or the course's own modules
changes what derivations rest on.
"""

import ast
from collections.abc import Iterator
from functools import cached_property

from nbgrader_apart.record.literal_names import literal_loops, own_objects
from nbgrader_apart.record.names import BUILTIN, FUNCTIONS, Names, bindings, chain, is_dunder, root
from nbgrader_apart.record.texts import formatting, leading
from nbgrader_apart.record.watched_use import (
    has_unseen_parts,
    is_called,
    is_handed_on,
    is_named,
    is_whole,
    type_nodes,
)

SHOWN = 60  # characters of a name
ACCESS = ("getattr", "setattr", "hasattr", "delattr")
ASYNC = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
Found = tuple[int, str]  # the line, and what stands there


def unusual(statement: ast.stmt, names: Names, watched: bool = True) -> Iterator[Found]:
    """Everything in code that a test of the list rests on that is not on the list.

    Where nobody looks on, code may also use in any way what else has to be used so that it is seen.
    """
    return _Reading(statement, names, full=True, watched=watched).found()


def reaching(statement: ast.stmt, names: Names) -> Iterator[Found]:
    """What in other code of the notebook may change a library, the course's modules or Python's machinery."""
    return _Reading(statement, names, full=False, watched=False).found()


class _Reading:
    """One statement, read from the outside in; `full` or only for what reaches beyond itself."""

    def __init__(self, statement: ast.stmt, names: Names, full: bool, watched: bool) -> None:
        self.statement = statement
        self.names = names
        self.allowed = names.allowed
        self.full = full
        self.watched = watched
        self._types: set[int] = set()  # nodes in annotations and behind isinstance

    def found(self) -> Iterator[Found]:
        """(line, name) of each finding, in no particular order."""
        # a node, what holds it, whether a function runs it, and whether its names are the notebook's
        waiting: list[tuple[ast.AST, ast.AST, bool, bool]] = [(self.statement, self.statement, False, True)]
        line = self.statement.lineno
        while waiting:
            node, parent, inside, top = waiting.pop()
            line = getattr(node, "lineno", line)
            bound = self._notebook_names(node) if top or isinstance(node, ast.Global) else []
            for name in (*bound, *self._at(node, parent, inside)):
                yield line, name if len(name) <= SHOWN else name[:SHOWN] + "…"
            body = inside or isinstance(node, (*FUNCTIONS, ast.Lambda))
            scope = isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef))
            for part, value in ast.iter_fields(node):
                within = part == "body"
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        waiting.append(
                            (child, node, body if within else inside, top and not (scope and within))
                        )

    def _notebook_names(self, node: ast.AST) -> list[str]:
        """Names that Python reads in a module, as `__name__`, and that get another meaning here."""
        names = node.names if isinstance(node, ast.Global) else bindings(node)
        return [f"{name} =" for name in names if is_dunder(name) and not isinstance(node, ast.arg)]

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
        elif isinstance(node, ast.MatchClass):
            yield from (f".{name}" for name in node.kwd_attrs if not self._may_read(name))
        elif isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            yield from leading(node.value, self.allowed, isinstance(parent, ast.Call), self.full)
        elif isinstance(node, ast.keyword) and self.allowed.is_machinery(node.arg or ""):
            yield f"{node.arg}=…"
        elif isinstance(node, (ast.arg, ast.AnnAssign)):
            self._types.update(type_nodes([node.annotation]))
        elif isinstance(node, FUNCTIONS):
            self._types.update(type_nodes([node.returns]))
        if self.full:
            yield from self._grammar(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        for alias in node.names:
            path = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
            module, _, name = path.rpartition(".")
            if path in self.allowed.modules:
                continue
            from_list = isinstance(node, ast.ImportFrom) and not (
                self.watched and module in self.allowed.watched
            )
            more = () if self.watched else self.allowed.unwatched_modules.get(module, ())
            if from_list and (self.allowed.has(module, name) or name in more):
                continue
            if self.full or self._is_machinery(path):
                yield path

    def _is_machinery(self, path: str) -> bool:
        """Whether a module's path leads to the course's modules or to what `machinery` names."""
        parts = path.split(".")
        return parts[0] in self.allowed.course or any(map(self.allowed.is_machinery, parts))

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
            if not is_called(node, parent):
                yield name
        elif self._is_machine(name) or (self.watched and is_handed_on(node, parent, self.names)):
            yield name
        elif self.full and name not in self.allowed.builtins:
            own = name in self.names.bound or name in self.names.values or name in self.allowed.dunders
            if name in BUILTIN or not own:
                yield name

    def _is_machine(self, name: str) -> bool:
        """Whether a name is machinery, and no variable of the notebook's that is called so too."""
        return self.allowed.is_machinery(name) and (name in BUILTIN or name not in self.names.bound)

    def _attribute(self, node: ast.Attribute, parent: ast.AST, inside: bool) -> Iterator[str]:
        start, attributes = chain(node)
        stored = not isinstance(node.ctx, ast.Load)
        if stored:
            yield from self._stored(start, attributes)
            attributes.pop()
        if isinstance(start, ast.Name) and start.id in self.names.modules and attributes:
            module, taken = self.allowed.step_out(self.names.modules[start.id], attributes)
            name = attributes[taken] if taken < len(attributes) else ""
            attributes = attributes[taken + 1 :]
            if not self._may_take(module, name, node, parent, inside) or self._is_private(module, attributes):
                yield f"{module}.{name}".rstrip(".")
            elif self.watched and attributes and has_unseen_parts(module, name, self.allowed):
                yield f"{module}.{name}.{attributes[0]}"
        elif isinstance(start, ast.Name) and start.id in self.names.classes and attributes:
            yield from self._of_class(attributes[0], parent)
        if self.full and attributes[-1:] == ["format"]:
            yield from formatting(node.value)
        for name in attributes:
            if not self._may_read(name):
                yield f".{name}"

    def _may_take(self, module: str, name: str, node: ast.AST, parent: ast.AST, inside: bool) -> bool:
        """Whether code may use `name` of a module; "" stands for the module itself, handed on."""
        if not self.full and not self._is_machinery(f"{module}.{name}"):
            return True
        if not name or not self.allowed.has(module, name):
            return False
        if not self.watched:
            return True
        if name in self.allowed.named.get(module, ()):
            return id(node) in self._types or is_named(node, parent, self.names)
        if name in self.allowed.called.get(module, ()):
            return is_called(node, parent)
        return (is_called(node, parent) and inside) or name in self.allowed.watched.get(module, {name})

    def _is_private(self, module: str, attributes: list[str]) -> bool:
        return module.split(".")[0] in self.allowed.roots and any(name.startswith("_") for name in attributes)

    def _may_read(self, name: str) -> bool:
        if is_dunder(name):
            return name in self.allowed.dunders
        if name in self.allowed.attributes or name in self.allowed.settable:
            return True
        if self.allowed.is_machinery(name):
            return False
        return not self.full or (name in self.names.own and name not in self.allowed.reserved)

    def _of_class(self, name: str, parent: ast.AST) -> Iterator[str]:
        """A method that is taken from its class may be given any object for `self`."""
        of_self = isinstance(parent, ast.Call) and parent.args and id(parent.args[0]) in self._own_objects
        if (name in self.names.computing or (self.full and name == "__init__")) and not of_self:
            yield f".{name}"

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
            of_self = bool(node.args) and id(node.args[0]) in self._own_objects
            if written is None or (name in ("setattr", "delattr") and not of_self):
                if self.full or name in ("setattr", "delattr") or (name == "getattr" and not of_self):
                    yield name
            elif len(written) > 1 and not of_self:
                yield name
            else:
                yield from (f".{one}" for one in written if not self._may_read(one))
        elif name in ("isinstance", "issubclass"):
            self._types.update(type_nodes(node.args[1:]))
        elif name == "type" and self.full:
            if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
                yield "type"  # a class that no class statement shows
        elif name == "pow" and self.watched and not (len(node.args) == 2 and is_whole(node.args[1])):
            yield "pow"

    @cached_property
    def _own_objects(self) -> set[int]:
        return own_objects(self.statement)

    @cached_property
    def _loops(self) -> dict[str, list[str]]:
        return literal_loops(self.statement)

    def _written(self, name: ast.expr) -> list[str] | None:
        """The names that an expression may stand for, when they are written out: itself, or in its loop."""
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return [name.value]
        return self._loops.get(name.id) if isinstance(name, ast.Name) else None

    def _grammar(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ASYNC):
            yield "async"
        if isinstance(node, ast.Constant) and isinstance(node.value, complex):
            yield repr(node.value)
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Pow):
            exponent = node.right if isinstance(node, ast.BinOp) else node.value
            if self.watched and not is_whole(exponent):  # of a negative number it would be complex
                yield "**"
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

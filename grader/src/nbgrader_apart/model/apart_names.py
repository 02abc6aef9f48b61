"""Which names of a notebook are the course's and which the learner's, for tests that run apart.

The judge runs what only the course decides: imports, functions and classes of locked cells, and what these
compute without the learner's names. Everything else that a test reads is asked for in the learner's kernel.
"""

import ast
import builtins
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbgrader_apart.model.magics import plain_python
from nbgrader_apart.model.syntax import bound_names, imported_names, loaded_names, names_of_import, parse

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass
class ApartNames:
    """`trusted` is the code that the judge runs, by cell; `contract` the names that it asks the kernel for.

    `imported` are those of the contract that the source's answers import: {name: import statement}. `reads`
    are the names that the course's own functions read: {function: names}.
    """

    contract: set[str] = field(default_factory=set)
    trusted: dict[str, str] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    reads: dict[str, set[str]] = field(default_factory=dict)

    @functools.cached_property
    def known(self) -> set[str]:
        """The names that the judge has without any test: the learner's, and what the course defines."""
        own = (bound_names(code) | imported_names(code) for code in self.trusted.values())
        return self.contract.union(*own)

    def needed(self, source: str) -> set[str]:
        """The names of the contract that a test reads, itself or through functions of locked cells."""
        waiting, found = loaded_names(source), set()
        while waiting:
            name = waiting.pop()
            found.add(name)
            waiting |= self.reads.get(name, set()) - found
        return found & self.contract


def apart_names(cells: Iterable[tuple[str, str, str]]) -> ApartNames:
    """The ApartNames of code cells (name, kind, source); kinds are answer, plain, locked and test."""
    names, known = ApartNames(), set(dir(builtins))
    cells = list(cells)
    for _, kind, source in cells:
        code = plain_python(source)
        if kind == "answer":
            names.contract |= bound_names(code)
            for statement in (node for node in parse(code).body if isinstance(node, IMPORTS)):
                names.imported |= dict.fromkeys(names_of_import(statement), ast.unparse(statement))
        elif kind == "plain":
            names.contract |= bound_names(code)
    names.contract |= names.imported.keys()
    for name, kind, source in cells:
        code = plain_python(source)
        if kind in ("plain", "locked"):
            kept = [node for node in parse(code).body if _is_courses(node, kind, names)]
            names.trusted[name] = "\n".join(map(ast.unparse, kept))
            known |= bound_names(names.trusted[name]) | _all_imported(kept)
        elif kind == "test":  # what nobody in the source binds can only be the learner's
            free = loaded_names(code) - known - _inner_names(code) - _all_imported(ast.walk(parse(code)))
            names.contract |= free
            for node in parse(code).body:
                if isinstance(node, DEFINITIONS):
                    names.reads[node.name] = loaded_names(ast.unparse(node))
            known |= bound_names(code) | _all_imported(parse(code).body)
    answers = set().union(
        *(bound_names(plain_python(source)) for _, kind, source in cells if kind == "answer")
    )
    for code in names.trusted.values():
        # `np` of the course stays numpy, whatever a learner's cell binds to it
        names.contract -= _all_imported(parse(code).body) | (bound_names(code) - answers)
    return names


def _is_courses(node: ast.stmt, kind: str, names: ApartNames) -> bool:
    """Whether the judge runs the statement. Notes what it binds otherwise, or reads later."""
    if isinstance(node, IMPORTS):
        return True
    if kind == "plain":
        return False
    code = ast.unparse(node)
    if isinstance(node, DEFINITIONS):
        names.reads[node.name] = loaded_names(code)
        return True
    if names.needed(code) or "get_ipython" in loaded_names(code):
        names.contract |= bound_names(code)
        return False
    return True


def _all_imported(nodes: Iterable[ast.AST]) -> set[str]:
    return {name for node in nodes for name in names_of_import(node)}


def _inner_names(code: str) -> set[str]:
    """Names that the code binds anywhere, arguments of its functions included."""
    nodes = list(ast.walk(parse(code)))
    return (
        {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        | {node.arg for node in nodes if isinstance(node, ast.arg)}
        | {node.name for node in nodes if isinstance(node, (*DEFINITIONS, ast.ExceptHandler)) and node.name}
    )

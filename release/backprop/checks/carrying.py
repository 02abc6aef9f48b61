"""What the learner has solved in one notebook is put into a cell of another, as its text."""

import ast
import re
import sys

from .messages import text
from .saved import failed, read


def bring(name, *wanted):
    """Replace the text of the cell that says this by what is solved in the notebook `name`.

    These are all its classes, or the classes and functions that are `wanted`. What else stands in the cell
    stays, but for stubs of them. From then on the text is the learner's own: the notebook needs no other one.
    Raises CheckFailed when there is nothing to bring.
    """
    found = _solutions(name, (ast.ClassDef, ast.FunctionDef) if wanted else ast.ClassDef)
    asked = {name: source for name, source in found.items() if not wanted or name in wanted}
    solved = {name: source for name, source in asked.items() if not _is_stub(ast.parse(source))}
    if not solved:
        raise failed("bring.nothing", file=f"{name}.ipynb", found=", ".join(found) or "—")
    shell = sys.modules["IPython"].get_ipython()
    cell = shell.history_manager.input_hist_parsed[-1]
    if any(isinstance(node, ast.Raise) for node in ast.parse(cell).body):  # a cell that raises keeps its text
        raise failed("bring.raises")
    shell.set_next_input(filled(cell, solved), replace=True)
    print(text("bring.done", names=", ".join(solved), file=f"{name}.ipynb"))
    if len(solved) < len(asked):
        print(text("bring.undone", names=", ".join(asked.keys() - solved.keys())))


def _solutions(name, kinds):
    """name → text of the classes or functions in the learner's cells of the notebook `name`."""
    found = {}
    for cell in read(name).cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            try:
                tree = ast.parse(cell.source)
            except SyntaxError as error:
                raise failed("bring.syntax", file=f"{name}.ipynb", line=error.lineno) from None
            defined = [node for node in tree.body if isinstance(node, kinds)]
            found |= {node.name: _text(cell.source, node) for node in defined}
    return found


def _text(source, node):
    return "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _is_stub(tree):
    """Whether something in it still raises NotImplementedError."""
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    return any("NotImplementedError" in ast.dump(what) for what in raised if what)


def filled(cell, solved):
    """The cell's text with what is `solved` in place of the call of `bring`, without stubs of it."""
    lines, place = cell.splitlines(), len(cell.splitlines())
    for node in reversed(ast.parse(cell).body):
        called = isinstance(node, ast.Expr) and "attr='bring'" in ast.dump(node)
        replaced = isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in solved
        if called or replaced:
            place = node.lineno - 1 if called else place - (node.end_lineno - node.lineno + 1)
            del lines[node.lineno - 1 : node.end_lineno]
    text_before, text_after = "\n".join(lines[:place]), "\n".join(lines[place:])
    parts = [part.strip("\n") for part in (text_before, *solved.values(), text_after)]
    return re.sub(r"\n{4,}", "\n\n\n", "\n\n\n".join(part for part in parts if part)) + "\n"

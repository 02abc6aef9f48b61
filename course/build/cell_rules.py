"""Static checks of the notebooks: titles, length, self-contained test cells, points that sum to 100."""

import ast
import builtins
import re

from course.build import tasks, notebook_text

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n.+?### END HIDDEN TESTS", re.DOTALL)
TOTAL_POINTS = 100
MOST_CELLS, MOST_LINES = 30, 20  # before the graded checks; of a learner's cell, with its gaps


def problems():
    """Sentences on every notebook and test cell that breaks a rule, and on the sum of points."""
    found, points = [], 0
    for name in tasks.names():
        notebook = notebook_text.build(name)
        contract = contract_names(notebook)
        if not notebook.cells[0].source.startswith(f"# {tasks.front(name).title}\n"):
            found.append(f"{name} does not begin with its title")
        found += [f"{name}: {problem}" for problem in _lengths(notebook)]
        for cell in test_cells(notebook):
            points += cell.metadata.nbgrader.points
            found += [f"{name}, {cell.id}: {problem}" for problem in _problems(cell.source, contract)]
            if not cell.metadata.title:
                found.append(f"{name}, {cell.id}: has no title, by which people know a check")
    if points != TOTAL_POINTS:
        found.append(f"the points sum to {points} instead of {TOTAL_POINTS}")
    return found


def _lengths(notebook):
    """What is too long to be read at one sitting or at one glance."""
    before = next((i for i, cell in enumerate(notebook.cells) if cell in test_cells(notebook)), 0)
    if before > MOST_CELLS:
        yield f"{before} cells before the graded checks, more than {MOST_CELLS}"
    for cell in notebook.cells:
        lines = len(notebook_text.SOLUTION.sub("raise", cell.source).splitlines())
        if cell.cell_type == "code" and lines > MOST_LINES:
            yield f"the cell {cell.id} has {lines} lines, more than {MOST_LINES}"


def test_cells(notebook):
    """The graded cells of a notebook."""
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]


def contract_names(notebook):
    """The names that the learner has to define, in order: what the released stubs bind at their top level."""
    names = {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            names |= dict.fromkeys(_defined(ast.parse(notebook_text.SOLUTION.sub("...", cell.source))))
    return list(names)


def _defined(tree):
    """Names that a cell binds at its top level, in order."""
    names = []
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names.append(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names += [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        elif isinstance(node, ast.Assign):
            leaves = [leaf for target in node.targets for leaf in ast.walk(target)]
            names += [leaf.id for leaf in leaves if isinstance(leaf, ast.Name)]
    return names


def _problems(source, contract):
    tree = ast.parse(source)
    used = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    foreign = used.difference(_defined(tree), contract, dir(builtins))
    if foreign:
        yield f"uses {', '.join(sorted(foreign))}, which it neither defines nor finds in the contract"
    if used.isdisjoint(contract):
        yield "touches no name of the contract, so nothing can fail it"
    if isinstance(tree.body[-1], ast.Expr):
        yield "ends on an expression, whose value nbgrader would read as points; end it on a statement"
    if not HIDDEN.search(source):
        yield "has no hidden tests"
    if not HIDDEN.sub("", source).strip():
        yield "has no visible part"

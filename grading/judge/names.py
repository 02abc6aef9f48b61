"""Which names a piece of source binds or uses, found without running it."""

import ast


def bound_names(source):
    """Names that the code binds at its top level: classes, functions, assignments, loops, imports."""
    return {
        node.id for node in _top(source) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    } | {
        node.name
        for node in parse(source).body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    }


def changed_names(source):
    """`bound_names`, what the code imports, and names of objects whose attributes or items it sets."""
    changed = bound_names(source)
    for node in _top(source):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            changed |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            while isinstance(node, (ast.Attribute, ast.Subscript)):
                node = node.value
            changed |= {node.id} if isinstance(node, ast.Name) else set()
    return changed


def loaded_names(source):
    """Names that the code reads anywhere."""
    return {
        node.id
        for node in ast.walk(parse(source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def parse(source):
    """The syntax tree; of nothing when the source is not Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.parse("")


def _top(source):
    """Nodes outside function and class bodies."""
    waiting = list(parse(source).body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def imports_of(source):
    """The top-level import statements of the code, as source."""
    return "\n".join(
        ast.unparse(node) for node in parse(source).body if isinstance(node, (ast.Import, ast.ImportFrom))
    )

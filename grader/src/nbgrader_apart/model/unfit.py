"""What a test cell does that it cannot do apart from the learner's code, found without running it.

A test apart sees stand-ins and plain data. It shares no printed text, no random numbers, no files, no
settings and no namespace with the learner's process: a test that counts on these would lose a mark that is
deserved, or give one that is not. What shows only when it runs is refused by the stand-ins in judge/.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from nbgrader_apart.model.magics import has_magics, plain_python
from nbgrader_apart.model.syntax import (
    bound_names,
    globals_of_functions,
    loaded_names,
    names_of_import,
    parse,
)

Node = TypeVar("Node", bound=ast.AST)
# {what the message apart.… says: dotted names as they are written, or ends of them after a dot}
USES = {
    "output": {
        "redirect_stdout", "redirect_stderr", "capture_output", "capsys", "sys.stdout", "sys.stderr",
        "catch_warnings", "pytest.warns", "assertWarns", "assertLogs", "assertWarnsRegex",
    },
    "patch": {"patch", "mock", "Mock", "MagicMock", "monkeypatch"},
    "seed": {
        "random.seed", "torch.manual_seed", "random.set_seed", "random.set_state", "random.setstate",
        "set_random_seed", "seed_everything",
    },
    "namespace": {
        "globals", "locals", "eval", "exec", "get_ipython", "In", "Out", "_", "__", "_ih", "_oh", "__main__",
        "sys.modules", "__file__",
    },
    "process": {
        "gc", "tracemalloc", "psutil", "resource", "sys.getsizeof", "sys.setrecursionlimit", "sys.settrace",
        "os.environ", "os.chdir", "os.getcwd", "seterr", "errstate", "set_printoptions", "printoptions",
        "set_option", "option_context", "getcontext", "localcontext", "setlocale", "simplefilter",
        "filterwarnings", "threading", "signal", "asyncio", "multiprocessing", "concurrent",
        "joblib", "os.fork",
    },
    "inspect": {"getsource", "getsourcelines", "inspect.getmembers", "dis.dis", "inspect.signature"},
    "figure": {"gcf", "gca", "get_fignums"},
}  # fmt: skip
FILES = {
    "open", "read_csv", "read_json", "read_excel", "read_parquet", "read_table", "loadtxt", "genfromtxt",
    "imread", "np.load", "numpy.load", "torch.load", "pickle.load", "joblib.load", "os.path.exists",
    "os.path.isfile", "os.path.getsize", "os.listdir", "os.remove", "os.stat", "glob.glob", "Path", "sqlite3",
}  # fmt: skip
AWAITS = ast.Await, ast.AsyncFor, ast.AsyncWith  # and comprehensions with `async for`
PLAIN_COPIES = {"Counter", "OrderedDict", "defaultdict"}  # cross as what they are made of


def unfit(source: str, contract: Collection[str], cells: Iterable[str], given: Collection[str]) -> str | None:
    """The end of the key apart.… of the reason why the test cannot run apart; None when none is seen.

    `contract` are the learner's names, `cells` the sources of the cells that run in the kernel, `given` the
    names of the course's own files beside the notebook.
    """
    code = plain_python(source)
    if has_magics(source) or "get_ipython" in code:
        return "magic"
    tree = parse(code)
    if any(isinstance(node, AWAITS) or getattr(node, "is_async", 0) for node in ast.walk(tree)):
        return "await"
    if not tree.body and code.strip() and not _is_comment(code):
        return "await" if "await" in code else None
    texts = [plain_python(cell) for cell in cells]
    used = set(_paths(tree))
    for reason, names in USES.items():
        if any(path == name or path.endswith(f".{name}") for path in used for name in names):
            return reason
    if _reads_files(tree, texts, given):
        return "file"
    if _compares_types(tree, contract):
        return "type"
    if _patches_module(tree):
        return "patch"
    own = bound_names(code)
    if any(own & globals_of_functions(text) for text in texts):
        return "global"
    return None


def _is_comment(code: str) -> bool:
    return all(re.match(r"\s*(#|$)", line) for line in code.splitlines())


def _paths(tree: ast.AST) -> Iterator[str]:
    """The names and dotted names that the code reads or imports, those that it renames by both names."""
    named = {alias.asname: alias.name for node in _nodes(tree, ast.Import) for alias in node.names}
    for imported in _nodes(tree, ast.ImportFrom):
        yield (imported.module or "").partition(".")[0]
        for alias in imported.names:
            named[alias.asname or alias.name] = f"{imported.module}.{alias.name}"
            yield f"{imported.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            path = _dotted(node)
            first, dot, rest = path.partition(".")
            yield from (path, first)
            if first in named:
                yield from (named[first], named[first].partition(".")[0], named[first] + dot + rest)
        elif isinstance(node, ast.arg):
            yield node.arg  # pytest's fixtures
        elif isinstance(node, ast.Call) and not node.args and getattr(node.func, "id", "") in ("vars", "dir"):
            yield "globals"


def _nodes(tree: ast.AST, kind: type[Node]) -> Iterator[Node]:
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "?")
    return ".".join(reversed(parts))


def _reads_files(tree: ast.AST, texts: list[str], given: Collection[str]) -> bool:
    """Whether a file is used that the learner's code may have written: not a given one that no cell names."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        path = _dotted(node.func)
        if not any(path == name or path.endswith(f".{name}") for name in FILES):
            continue
        first = node.args[0] if node.args else None
        name = first.value if isinstance(first, ast.Constant) else None
        if name not in given or any(str(name) in text for text in texts):
            return True
    return False


def _compares_types(tree: ast.AST, contract: Collection[str]) -> bool:
    """Whether `type(x)` is compared with a class of the learner's, or a plain copy with its own class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            types = any(
                getattr(getattr(side, "func", None), "id", "") == "type"
                or getattr(side, "attr", "") == "__class__"
                for side in sides
            )
            if types and any(loaded_names(ast.unparse(side)) & set(contract) for side in sides[1:]):
                return True
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            classes = {path.rpartition(".")[2] for argument in node.args[1:] for path in _paths(argument)}
            if classes & PLAIN_COPIES:
                return True
    return False


def _patches_module(tree: ast.Module) -> bool:
    """Whether an attribute of an imported module is set: the learner's process has its own module."""
    modules = {name for node in _nodes(tree, ast.Import) for name in names_of_import(node)}
    modules |= {"np", "plt", "pd", "math", "random", "builtins", "torch"}
    return any(
        isinstance(node, ast.Attribute)
        and not isinstance(node.ctx, ast.Load)
        and _dotted(node).partition(".")[0] in modules
        for node in ast.walk(tree)
    )

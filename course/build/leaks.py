"""What the release must not show: lines of the solutions in any file, hidden tests, outputs.

Two things of a solution count, if they are not very short: a formula, which is what a line computes with an
operator, a comparison or a reduction (`self.weights = weights` is none), and a whole line, comments included.
`self.` and blanks do not. What stands in the release all the same is listed, with the reason, in leaks.toml.
"""

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.build import single_file, source_notebooks

REGION = re.compile(r"### BEGIN SOLUTION\n(.+?)### END SOLUTION", re.DOTALL)
MARKS = ("BEGIN SOLUTION", "HIDDEN TESTS")
COMMENT = re.compile(r"^#\s*([^:()\[\]]*: )?")  # «# row by row: » before the code that it tells
TOKEN = re.compile(r"\w+|\S")
FORMULA, LINE = 5, 9  # tokens from which on they count: `dldy * inputs` is a part of many other products
REDUCTIONS = ("sum", "mean", "clamp")
ALLOWED = Path(__file__).with_name("leaks.toml")


def permissions() -> list[dict]:
    """What may stand in the release: a `line`, the patterns of its `files` and `why`."""
    return tomllib.loads(ALLOWED.read_text(encoding="utf-8"))["allow"]


def problems(releases: Sequence[Path], sources: Sequence[Path], allowed: list[dict]) -> list[str]:
    """A sentence for each thing that a release gives away, and for each permission that nothing needs.

    `releases` are folders of the notebooks in `sources`; what is packed into a notebook is a file of its folder.
    """
    secrets = {line: code for source in sources for path in sorted(source.glob("*.ipynb")) for line, code in _secrets(path)}
    found, used = [], set()
    for name, text in dict.fromkeys(pair for release in releases for pair in _texts(release)):
        found += [f"{name}: marker «{mark}»" for mark in MARKS if mark in text]
        words = _words(text)
        for line in [line for line in secrets if re.search(_pattern(line), words)]:
            reasons = {i for i, one in enumerate(allowed) if _words(one["line"]) == line and _in(one, name)}
            used |= reasons
            found += [] if reasons else [f"{name}: solution line «{secrets[line]}»"]
    for path in [path for release in releases for path in sorted(release.glob("*.ipynb"))]:
        found += [f"{path.name}: output of cell {cell.id}" for cell in _read(path).cells if cell.get("outputs")]
    unused = [one["line"] for i, one in enumerate(allowed) if i not in used]
    return found + [f"leaks.toml allows «{line}», which stands nowhere" for line in unused]


def _in(permission: dict, name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in permission["files"])


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _texts(release: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of each file, and of each that a notebook holds."""
    for path in source_notebooks.files(release):
        name = str(path.relative_to(release))
        if path.suffix == ".ipynb":
            notebook = _read(path)
            yield name, single_file.PACKED.sub("", "\n".join(cell.source for cell in notebook.cells))
            yield from single_file.unpacked(notebook)
        else:
            yield name, path.read_text(encoding="utf-8", errors="replace")


def _words(code: str) -> str:
    """The code's tokens with one blank around each; without `self.`."""
    return " ".join(TOKEN.findall(code)).replace("self . ", "")


def _pattern(line: str) -> str:
    """Matches the line where it is not a part of a longer expression's name, index or call."""
    return rf"(?<![\w.])(?<!\. ){re.escape(line)}(?!\w)(?! [.\[(])"


def _secrets(path: Path) -> Iterator[tuple[str, str]]:
    """(tokens, code) of each line and formula of the solutions of one notebook of source/."""
    for cell in _read(path).cells:
        for region in REGION.findall(cell.source):
            body = textwrap.dedent(region)
            contract = set(_contract(ast.parse(body)))
            for number, line in enumerate(body.splitlines(), start=1):
                words = _words(COMMENT.sub("", line.strip()))
                if len(words.split()) >= LINE and number not in contract:
                    yield words, line.strip()
            for formula in _formulas(body):
                if len(_words(formula).split()) >= FORMULA:
                    yield _words(formula), formula


def _contract(tree: ast.Module) -> Iterator[int]:
    """The lines of signatures and docstrings: a class that is carried over whole brings its own along."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            inner = node.body[1:] if ast.get_docstring(node) and node.body[1:] else node.body
            yield from range(node.lineno, inner[0].lineno)


def _formulas(body: str) -> Iterator[str]:
    """What the statements of a solution compute."""
    for node in ast.walk(ast.parse(body)):
        value = getattr(node, "value", None)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)) and value and _computes(value):
            yield ast.get_source_segment(body, value) or ""


def _computes(value: ast.expr) -> bool:
    return any(
        isinstance(node, (ast.BinOp, ast.Compare))
        or (isinstance(node, ast.Attribute) and node.attr in REDUCTIONS)
        for node in ast.walk(value)
    )

"""Code that cannot be read in advance, or is not on a course's list, costs no points: a person looks."""

import ast
import fnmatch
import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from nbgrader_apart.messages import text
from nbgrader_apart.model.syntax import changed_names, is_hidden, loaded_names, parse
from nbgrader_apart.record.allow_list import AllowList
from nbgrader_apart.record.code_reading import reaching, unusual
from nbgrader_apart.record.literal_names import own_objects
from nbgrader_apart.record.names import Names, computes_a_name
from nbgrader_apart.record.statements import as_python, following, needed, statements

DYNAMIC = {
    "exec", "eval", "compile", "__import__", "importlib", "ctypes", "subprocess",
    "get_ipython", "globals", "gc",
    "builtins", "socket", "multiprocessing",
}  # fmt: skip
PROMPT = re.compile(r"^[^\S\n]*(>>>|\.\.\.|In ?\[)", re.M)
NOTHING = AllowList()  # asks for no derivation
MOST = 8  # names in one comment
LONGEST = 20_000  # characters: Python's parser takes quadratic time for `import a.a.a…` and f"{a}{a}{a}…"


def dynamic_names(source: str) -> list[str]:
    """The names of DYNAMIC that the code uses, and a computed `getattr`, but of a method's own object."""
    found: set[str] = set()
    tree = parse(source)
    own = own_objects(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in DYNAMIC:
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {path.split(".")[0] for path in _paths(node)} & DYNAMIC
        elif computes_a_name(node) and id(node.args[0]) not in own:
            found.add(getattr(node.func, "id", ""))
    return sorted(found)


def _paths(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The dotted paths of an import statement."""
    above = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
    return [above + alias.name for alias in node.names]


def questions(
    cells: list[tuple[str, str]],
    tests: dict[str, str],
    allowed: AllowList = NOTHING,
    given: Iterable[str] = (),
) -> tuple[set[str], dict[str, str]]:
    """Which tests rest on code to look at, and why: ({grade id of a test}, {learner's cell: sentence}).

    `cells` are (name, source) of the learner's cells in their order, `tests` {grade id: source}, `given` the
    sources of the course's own cells.
    """
    flagged, found = _dynamic(cells, tests)
    derived = {
        test: loaded_names(source)
        for test, source in tests.items()
        if _matches(test, allowed.tests | allowed.unwatched)
    }
    if derived:
        _off_list(cells, derived, allowed, given, flagged, found)
    return flagged, {name: text("manual.look", names=shortened(names)) for name, names in found.items()}


def _matches(test: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(test, pattern) for pattern in patterns)


def shortened(names: Collection[str]) -> str:
    """The first MOST of the names; one that stands there with its line too is said once."""
    located = {name.partition(" (")[0] for name in names if " (" in name}
    said = [name for name in names if name not in located]
    return ", ".join(said[:MOST]) + (", …" if len(said) > MOST else "")


def _dynamic(
    cells: list[tuple[str, str]], tests: dict[str, str]
) -> tuple[set[str], defaultdict[str, dict[str, None]]]:
    """Tests that rest on code that nobody can read in advance, and its names, by the learner's cell."""
    asked: list[tuple[str, list[str], set[str]]] = []
    links: list[tuple[set[str], set[str]]] = []  # of each cell what it loads and what it changes
    for name, source in cells:
        read = source if is_readable(source) else ""
        dynamic = dynamic_names(read) + ([] if read == source else [text("manual.unreadable")])
        links.append((loaded_names(read), changed_names(read)))
        if dynamic:
            asked.append((name, dynamic, links[-1][1]))
    used = {test: loaded_names(source) for test, source in tests.items()}
    reached = following((name for *_, changed in asked for name in changed), links)
    flagged = {test for test, names in used.items() if names & reached}
    needed_names = following(
        (name for names in used.values() for name in names), [(changed, loaded) for loaded, changed in links]
    )
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, dynamic, changed in asked:
        if not changed & needed_names:
            flagged.update(list(tests)[:1])  # what binds no name of a test may still have reached any of them
        found[name].update(dict.fromkeys(dynamic))
    return flagged, found


def _off_list(
    cells: list[tuple[str, str]],
    derived: dict[str, set[str]],
    allowed: AllowList,
    given: Iterable[str],
    flagged: set[str],
    found: defaultdict[str, dict[str, None]],
) -> None:
    """Add to `flagged` and `found` what the code that the tests `derived` rest on uses beyond the list."""
    names = Names(allowed)
    for source in given:
        names.add(parse(source))
    read, written = [], []
    for cell, source in cells:
        tree, python, foreign = _tree(source)
        names.add(tree)
        read.append((cell, tree, python))
        if foreign:
            flagged.update(derived)
            found[cell].update(dict.fromkeys(foreign))
    for cell, tree, python in read:
        written += statements(cell, tree, python, names)
    tests_of = needed(derived, written)
    for number, one in enumerate(written):
        rests = tests_of.get(number, set())
        watched = {test for test in rests if _matches(test, allowed.tests)}
        asked = [(watched, unusual(one.node, names))] if watched else []
        if rests - watched:
            asked.append((rests - watched, unusual(one.node, names, watched=False)))
        for touched, off in asked or [(set(derived), reaching(one.node, names))]:
            said = [text("manual.line", name=name, line=line) for line, name in sorted(off)]
            if said:
                flagged.update(touched)
                found[one.cell].update(dict.fromkeys(said))


def _tree(source: str) -> tuple[ast.Module, str, list[str]]:
    """The syntax tree of a cell, the Python that it was read from, and what of the cell cannot be read."""
    nothing = ast.parse("")
    if not is_readable(source):
        return nothing, "", [text("manual.unreadable")]
    try:
        return ast.parse(source), source, []
    except (SyntaxError, ValueError):
        python, foreign = as_python(source)
    said = [text("manual.line", name=name, line=line) for line, name in foreign]
    try:
        return ast.parse(python), python, said
    except (RecursionError, MemoryError):
        return nothing, "", [text("manual.unreadable")]
    except (SyntaxError, ValueError):
        # neither does IPython run it, unless it understands a line better
        odd = python != source or source[:1].isspace() or PROMPT.search(source)
        return nothing, "", [*said, text("manual.unreadable")] if odd else []


def is_readable(source: str) -> bool:
    """Whether the code is neither too long nor too deep to be read, nor hidden behind IPython's syntax."""
    try:
        return len(source) <= LONGEST and not is_hidden(source)
    except (RecursionError, MemoryError):
        return False

"""Which of the learner's cells have stopped: a check that rests on one names the cause, not its echo.

Each is a dict of plain values under NAME in the namespace where the cells run. There a hook of IPython
writes them; in grading the judge copies them from the sandbox, so nothing but a sentence rests on them.
"""

import ast
import builtins
import dis
import re
import sys
import types
from functools import lru_cache

from . import raised
from .calls import MISSING, STUB, place
from .messages import text
from .outcome import Row, Verdict

NAME = "__failed_cells__"
MOST = 50  # cells that are remembered
LONGEST = 20_000  # characters of a cell whose names are looked for
BINDING = re.compile(r"^(?:class |def )?[^\S\n]*([^\W\d]\w*)[^\S\n]*(?:[:(=,]|$)", re.MULTILINE)


def watch(shell):
    """From now on IPython's `shell` remembers which of its cells have stopped."""
    shell.events.register("post_run_cell", lambda result: _ran(shell.user_ns, result))


def _ran(namespace, result):
    if result.info is not None:
        note(namespace, result.info.raw_cell, result.error_before_exec or result.error_in_exec)


def note(namespace, source, error):
    """Remember that a cell has stopped with `error`; with None, that what it binds is there now."""
    names = bound(source)
    before = [cell for cell in _cells(namespace) if set(cell["names"]) - names]
    if error is not None:
        before.append({"names": sorted(names), **_record(error)})
    if before or NAME in namespace:
        namespace[NAME] = before[-MOST:]


def bound(source):
    """Names that a cell binds at its top level, whether it is right Python or not."""
    try:
        body = ast.parse(source[:LONGEST]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(BINDING.findall(source[:LONGEST]))
    found, waiting = set(), list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _record(error):
    """An exception as plain values: what was raised, and the learner's line."""
    found = raised.of(error)
    function, number, line = place(error)
    return {
        "error": found.error,
        "message": found.message,
        "function": function,
        "number": number,
        "line": line,
        "near": raised.near_name(getattr(error, "name", None) or "", found.alike) or "",
    }


def _cells(namespace):
    """The remembered cells; whatever else stands under their name is left out."""
    cells = namespace.get(NAME)
    kinds = {
        "names": list,
        "error": str,
        "message": str,
        "function": str,
        "number": int,
        "line": str,
        "near": str,
    }
    return [
        cell
        for cell in (cells if type(cells) is list else [])[-MOST:]
        if type(cell) is dict
        and all(type(cell.get(key)) is kind for key, kind in kinds.items())
        and all(type(name) is str for name in cell["names"])
    ]


@lru_cache(maxsize=MOST)  # a cell may call several checks
def _read(code):
    """Names that the code of a cell reads and does not bind itself."""
    used = {"LOAD_NAME": [], "LOAD_GLOBAL": [], "STORE_NAME": []}
    for one in dis.get_instructions(code):
        if one.opname in used:
            used[one.opname].append(one.argval)
    return [
        name
        for name in dict.fromkeys(used["LOAD_NAME"] + used["LOAD_GLOBAL"])
        if name not in used["STORE_NAME"]
    ]


def missing(frame):
    """The Row for a name that the caller's cell reads and that is not there; None when all are."""
    names = [
        name for name in _read(frame.f_code) if name not in frame.f_globals and not hasattr(builtins, name)
    ]
    if not names or frame.f_code.co_name != "<module>":
        return None
    return _row(frame.f_globals, names) or Row(Verdict.UNDONE, text("cause.no_name", name=names[0]))


def cause(frame):
    """The Row for a failed check whose values come from a cell that has stopped, or None.

    A class or a function that is there was written to its end, so the check's own words are true of it.
    """
    values = {name: frame.f_globals.get(name, MISSING) for name in _read(frame.f_code)}
    complete = (type, types.FunctionType)
    return _row(frame.f_globals, [name for name, value in values.items() if not isinstance(value, complete)])


def _row(namespace, names):
    cells = _cells(namespace)
    for read in names:
        name, cell = read, _cell_of(read, cells)
        for _ in cells:  # a name that is not there has a cause of its own
            if cell is None:
                break
            unknown = re.search(r"name '(\w+)' is not defined", cell["message"])
            own = cell["error"] == "NameError" and not cell["function"]
            before = _cell_of(unknown[1], cells) if unknown and own else None
            if not before or before is cell:
                break
            name, cell = unknown[1], before
        if cell:
            row = _told(name, cell, namespace.get(read) is None)
            if row:
                return row
    return None


def _cell_of(name, cells):
    return next((cell for cell in reversed(cells) if name in cell["names"]), None)


def _told(name, cell, empty):
    """The Row that says what a cell has stopped with; None for a stub that has been filled all the same."""
    if cell["error"] == "NotImplementedError" and STUB.search(cell["line"]):
        if cell["function"]:
            return Row(Verdict.UNDONE, text("cause.undone", name=name, function=cell["function"]))
        return Row(Verdict.UNDONE, text("call.undone")) if empty else None
    alike = (cell["near"][: raised.ROOM],) if cell["near"] else ()
    found = raised.Raised(cell["error"][: raised.ROOM], cell["message"][: raised.LONGEST], alike=alike)
    said = raised.unquoted(found, cell["line"]) or raised.sentence(found)
    said = said or text("call.raised", error=found.original)
    if said.key == "call.name" and not cell["function"]:  # a cell has no arguments to take its data from
        said = text("cause.name", name=re.search(r"name '(\w+)'", found.message)[1])
    message = text("cause.cell", name=name, reason=said)
    if cell["line"]:
        function = {"function": cell["function"]} if cell["function"] else {}
        key = "call.place" if function else "cause.place"
        line = cell["line"][: raised.ROOM]
        message = message.followed_by(text(key, number=cell["number"], line=line, **function))
    return Row(Verdict.RAISED, message, original=found.original)


def watch_this_notebook():
    """Watch the shell in which this package is imported, if it is one of IPython's."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        watch(shell)

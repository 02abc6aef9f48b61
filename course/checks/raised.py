"""What Python and torch say of a learner's slip, told in the course's words.

An exception is recognised by its class and its text; the text's own names and numbers go into the sentence.
"""

import builtins
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .messages import text

ORIGINAL = 300  # characters of an exception that are shown as they are
ROOM = 120  # characters of a name, a type or a list that came out of an exception
LONGEST = 2000  # characters of an exception that are looked at
# The check's own classes stand where a learner's do: the learner knows these names.
LEARNERS = {
    "InnerLayer": "DenseLayer",
    "InnerReLU": "ReLU",
    "WatchedLayer": "DenseLayer",
    "WatchedNeuron": "Neuron",
    "WatchedLoss": "MSELoss",
    "WatchedSampleLoss": "SquaredLoss",
    "Cubic": "function",
}
STANDINS = {*LEARNERS, "Layer", "Loss", "Network"}
NUMBERS = {"int", "float", "complex", "Tensor", "Size", "ndarray", "float64", "float32"}
BUILTIN = NUMBERS | {"list", "tuple", "dict", "str", "bool", "set", "range", "generator"}
FUNCTIONS = {"builtin_function_or_method", "method", "function", "method_descriptor", "type"}
NEAR = 0.8  # how alike two names are that are taken for one


@cache
def _kinds():
    """[(class of the exception, pattern of its text, key of the sentence)], read when one is told."""
    kinds = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["kind"]
    return [(kind["error"], re.compile(kind["pattern"], re.DOTALL), kind["key"]) for kind in kinds]


class Raised(NamedTuple):
    """An exception as plain strings: its class, its text, and what else is known of it.

    `at_call`: whether the learner's own line was running: then a wrong call is not the check's.
    `alike`: names that the object has, for one that it has not.
    """

    error: str
    message: str
    at_call: bool = True
    alike: tuple = ()

    @property
    def original(self):
        """The exception in one line, as Python prints it."""
        first = (self.message.splitlines() or ["—"])[0]
        return f"{self.error}: {learners_names(first[:ORIGINAL])}"


def of(error, at_call=True):
    """The Raised of an exception; one that raises when it is asked for its text has none."""
    try:
        message = str(error)[:LONGEST]
    except Exception as second:
        message = f"({type(second).__name__})"
    return Raised(type(error).__name__, message, at_call, _alike(error))


def sentence(raised):
    """The Message that tells it, or None for an exception of a sort that the course has no words for."""
    builtin = getattr(builtins, raised.error, None)
    names = [kind.__name__ for kind in builtin.__mro__] if isinstance(builtin, type) else [raised.error]
    for error, pattern, key in _kinds():
        found = pattern.search(raised.message) if error == "*" or error in names[:3] else None
        if found:
            values = {name: value[:ROOM] for name, value in found.groupdict().items() if value is not None}
            return _told(key, raised, values)
    return None


def unquoted(raised, line):
    """The Message for a dict's key without quotes on the learner's line, or None."""
    name = re.search(r"^name '(\w+)' is not defined", raised.message)
    if raised.error == "NameError" and name and re.search(rf"(?:^|\{{|\{{.*,)\s*{name[1]}\s*:", line):
        return text("raised.unquoted", name=name[1][:ROOM])
    return None


def learners_names(said):
    """The text with the learner's classes in place of the check's own."""
    return re.sub(r"\b(\w+)\b", lambda word: LEARNERS.get(word[0], word[0]), said)


def _told(key, raised, values):
    special = SPECIAL.get(key)
    key, values = special(key, raised, values) if special else (key, values)
    said = text(key, **{name: learners_names(value) for name, value in values.items()})
    near = near_name(values["name"], raised.alike) if raised.alike and "name" in values else None
    return said.followed_by(text("raised.near", near=near)) if near else said


def _matmul(key, raised, values):
    left = f"({values['a']}, {values['b']})" if "b" in values else f"({values['a']},)"
    right = f"({values['c']}, {values['d']})" if "d" in values else f"({values['c']},)"
    return key, {"left": left, "right": right}


def _function(values):
    """The function's name: of a method of the check's own classes, the method's alone."""
    name = values.get("function") or values.get("function2") or "?"
    owner, _, method = name.rpartition("<locals>.")[2].rpartition(".")
    if method == "__init__":
        return {"function": owner}, True
    return {"function": method if not owner or owner in STANDINS else f"{owner}.{method}"}, bool(owner)


def _arguments(key, raised, values):
    """A call with too many arguments: the learner's call, or the learner's definition."""
    function, method = _function(values)
    takes, given = int(values["takes"]), int(values["given"])
    if raised.at_call:
        counts = {"takes": str(takes - method), "given": str(given - method)}
        return "raised.given_call", counts | function
    return ("raised.given_method" if method else key), {"takes": str(takes), "given": str(given)} | function


def _lacking(key, raised, values):
    function, method = _function(values)
    names = re.sub(r"['\"]", "", values["names"]).replace(", and ", ", ").replace(" and ", ", ")
    if not raised.at_call:
        return key, {"names": names} | function
    of_class = method and "__init__" not in raised.message
    return ("raised.lacking_method" if of_class else "raised.lacking_call"), {"names": names} | function


def _with_function(key, raised, values):
    return key, {"name": values.get("name", "")} | _function(values)[0]


def _by_type(**keys):
    """Chooses the key by the type of the object: none, function, number, or else the plain key."""

    def choose(key, raised, values):
        types = {values[name] for name in ("type", "type2") if name in values}
        sorts = {
            "none": {"NoneType"},
            "function": FUNCTIONS,
            "number": NUMBERS,
            "list": {"list", "tuple", "dict"},
        }
        found = next((keys[sort] for sort, names in sorts.items() if types & names and sort in keys), key)
        return found, {
            "type": values.get("type") or values.get("type2") or "?",
            "other": values.get("type2") or "?",
            "operation": values.get("operation", ""),
        }

    return choose


def _attribute(key, raised, values):
    return ("raised.attribute_builtin" if values["type"] in BUILTIN else key), values


def _indices(key, raised, values):
    return key, {"index": values["index"], "size": values["size"]}


SPECIAL = {
    "call.matmul": _matmul,
    "raised.given": _arguments,
    "raised.lacking": _lacking,
    "raised.keyword": _with_function,
    "raised.twice": _with_function,
    "raised.torch_arguments": _with_function,
    "raised.index": _indices,
    "raised.attribute": _attribute,
    "raised.not_callable": _by_type(
        none="raised.not_callable_none",
        number="raised.not_callable_number",
        list="raised.not_callable_list",
    ),
    "raised.subscript": _by_type(none="raised.subscript_none", function="raised.subscript_function"),
    "raised.iterate": _by_type(none="raised.iterate_none"),
    "raised.length": _by_type(none="raised.subscript_none"),
    "raised.operands": _by_type(
        none="raised.operands_none",
        function="raised.operands_function",
        list="raised.list_arithmetic",
    ),
}


def near_name(name, others):
    """The one of the other names that is this one in another case or misspelt; else None."""

    def plain(one):
        return one.replace("_", "").casefold()

    def digits(one):  # layer1 is no slip of layer2
        return re.sub(r"\D", "", one)

    others = [other for other in others if digits(other) == digits(name)]
    same = [other for other in others if plain(other) == plain(name)]
    if same:
        return same[0]
    import difflib  # costs some milliseconds, and is needed after a slip only

    return next(iter(difflib.get_close_matches(name, others, 1, NEAR)), None)


def _alike(error):
    """Names of the object that lacks an attribute, from Python's own record of it."""
    if not isinstance(error, AttributeError) or getattr(error, "obj", None) is None:
        return ()
    try:
        return tuple(name for name in dir(error.obj) if isinstance(name, str) and not name.startswith("_"))
    except Exception:  # an object of the learner's that answers no question
        return ()

"""Calling the learner's code: the same conditions for everybody, and errors told in words."""

import linecache
import re
import sys
import sysconfig
import traceback
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import torch

from . import at_once, raised, warned
from .messages import known, text
from .outcome import Stop, Verdict

MISSING = object()
HERE = str(Path(__file__).parent)
LIBRARIES = (HERE, sysconfig.get_path("stdlib"), "<frozen", "<__array_function__")
STUB = re.compile(r"\braise\s+NotImplemented")
NAMES = re.compile(r"\b[^\W\d]\w*(?:\.[^\W\d]\w*)?")
SHOWN = 5  # tensors of a line whose shapes are told
SHAPES = (
    "call.matmul", "raised.broadcast", "raised.in_place_shape", "raised.assigned_shape", "raised.reshape",
    "raised.product_axes", "raised.product_number", "raised.axis", "raised.too_many", "raised.index",
)  # fmt: skip


@contextmanager
def double_precision():
    """New tensors are float64, whatever default dtype the learner has set."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def call(function, *arguments):
    """The result of the learner's `function`.

    Raises Stop: «not done yet» where a stub's own line raised, else what was raised and on which line.
    """
    try:
        # nbgrader takes any stderr for a failure, so a learner's warning must not reach it
        with double_precision(), redirect_stderr(sys.stdout), warned.told():
            return function(*arguments)
    except Stop:
        raise
    except (Exception, SystemExit) as error:
        refusal = known(str(error)) if type(error).__name__ == Stop.__name__ else None
        if refusal:  # in grading's sandbox, which is another process
            kind = Verdict.REFUSED if refusal.key.startswith("by_hand.") else Verdict.WRONG
            raise Stop(kind, refusal) from error
        raise told(error) from error


def told(error):
    """The Stop that says what the learner's code raised and where."""
    frame = _learners_frame(error)
    found = raised.of(error, at_call=frame is not None)
    line = _line(frame) if frame else ""
    if isinstance(error, NotImplementedError) and STUB.search(line):
        return Stop(Verdict.UNDONE, text("call.undone"))
    return Stop(Verdict.RAISED, describe(found, frame), found.original)


def describe(found, frame=None):
    """What a Raised is in words, and where it happened: the learner's line, and the shapes in it."""
    said = raised.sentence(found) or text("call.raised", error=found.original)
    if frame is None:
        return said
    said = raised.unquoted(found, _line(frame)) or said
    shapes = _shapes(frame) if said.key in SHAPES else ""
    return said.followed_by(_where(frame), *([text("call.shapes", shapes=shapes)] if shapes else []))


def at_line(said, error):
    """The sentence, followed by the learner's line that was running."""
    frame = _learners_frame(error)
    return said if frame is None else said.followed_by(_where(frame))


def _where(frame):
    function = _function(frame.code)
    named = {"function": function} if function else {}
    key = "call.place" if function else "cause.place"
    return text(key, number=frame.number, line=_line(frame), **named)


def _function(code):
    """The learner's function in which code runs, also in a comprehension; "" for a cell itself."""
    names = [name for name in code.co_qualname.split(".") if not name.startswith("<")]
    return names[-1] if names else ""


class Frame:
    """A line of the learner's code that was running: its code, its number, its local names."""

    def __init__(self, frame, number):
        self.code, self.locals, self.number = frame.f_code, frame.f_locals, number


def _learners_frame(error):
    """The deepest frame of the learner's own code, or None when the error began elsewhere."""
    frames = [
        Frame(frame, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if "." not in str(frame.f_globals.get("__name__"))  # no module of a package
        and not frame.f_code.co_filename.startswith(LIBRARIES)
        and "site-packages" not in frame.f_code.co_filename
    ]
    return frames[-1] if frames else None


def place(error):
    """(function, line number, line) where the learner's code raised; the function of a cell itself is "".

    Of code that does not parse it is the line that Python names.
    """
    if isinstance(error, SyntaxError) and isinstance(error.lineno, int):
        return "", error.lineno, (error.text or "").strip()
    frame = _learners_frame(error)
    if frame is None:
        return "", 0, ""
    return _function(frame.code), frame.number, _line(frame)


def _line(frame):
    return linecache.getline(frame.code.co_filename, frame.number).strip()


def _shapes(frame):
    """The tensors that the line names, with their shapes: inputs (5, 3), self.weights (3, 1)."""
    found = {}
    for name in NAMES.findall(_line(frame)):
        owner, _, attribute = name.partition(".")
        value = frame.locals.get(owner)
        fields = getattr(value, "__dict__", None)
        if type(value) is not torch.Tensor and attribute and type(fields) is dict:
            value = fields.get(attribute)
        elif attribute:
            name = owner
        if type(value) is torch.Tensor:
            found[name] = str(tuple(value.shape))
    return ", ".join(f"{name} {shape}" for name, shape in list(found.items())[:SHOWN])


def subject(value, name):
    """The learner's class, function or object, unless its stub is still empty.

    Raises Stop when `value` is None, as the released stubs leave it.
    """
    if value is None:
        raise Stop(Verdict.UNDONE, text("value.none", name=name))
    return value


def returned(value, name):
    """What the learner's function `name` has returned. Raises Stop for None."""
    if value is None:
        raise Stop(Verdict.UNDONE, text("value.no_return", name=name))
    return value


def read(owner, name):
    """Attribute `name` of the learner's object, which __init__ had to store. Raises Stop without it."""
    value = getattr(owner, name, MISSING)
    if value is MISSING:
        raise missing(owner, name, "value.missing")
    return value


def look_up(found, owner, name, key="value.missing"):
    """`read` for a name that `found` has, {name: value} of what was read of the learner's object before."""
    if name not in found:
        raise missing(owner, name, key)
    return found[name]


def demand(found, owner, name, result=None):
    """The gradient that backward had to store as `name`, out of `found`, {name: what it has stored}.

    `result` is what backward returned. Raises Stop when it is not there.
    """
    value = look_up(found, owner, name, "value.not_stored" if result is None else "value.only_returned")
    if value is None:
        raise Stop(Verdict.UNDONE, text("value.empty_field", name=name))
    return value


def missing(owner, name, key):
    """The Stop for an attribute that is not there: one with nearly this name, if there is one."""
    near = raised.near_name(name, fields(owner))
    if near:
        return Stop(Verdict.UNDONE, text("value.near", name=name, near=near))
    return Stop(Verdict.UNDONE, text(key, name=name))


def fields(owner):
    """Names of what the learner's object has stored, none of them private."""
    found = at_once.fields(owner)
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

"""Calling the learner's code: the same conditions for everybody, and errors told in words."""

import linecache
import re
import sys
import traceback
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import torch

from .messages import known, text
from .outcome import Stop, Verdict

MISSING = object()
HERE = str(Path(__file__).parent)
MATMUL = re.compile(r"shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)")
UNKNOWN_NAME = re.compile(r"^name '(\w+)' is not defined")


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

    Raises Stop: «not done yet» for NotImplementedError, else what was raised and on which line.
    """
    try:
        # nbgrader takes any stderr for a failure, so a learner's warning must not reach it
        with double_precision(), redirect_stderr(sys.stdout):
            return function(*arguments)
    except Stop:
        raise
    except NotImplementedError:
        raise Stop(Verdict.UNDONE, text("call.undone")) from None
    except Exception as error:
        refusal = known(str(error)) if type(error).__name__ == Stop.__name__ else None
        if refusal:  # in grading's sandbox, which is another process
            raise Stop(Verdict.REFUSED, refusal) from error
        raise Stop(Verdict.RAISED, describe(error)) from error


def describe(error):
    """What was raised and where, in at most three lines."""
    matmul = MATMUL.search(str(error))
    if matmul:
        rows1, columns1, rows2, columns2 = matmul.groups()
        return text(
            "call.matmul", left=f"({rows1}, {columns1})", right=f"({rows2}, {columns2})", place=_place(error)
        )
    unknown = UNKNOWN_NAME.search(str(error))
    if unknown:
        return text("call.name", name=unknown.group(1), place=_place(error))
    first_line = (str(error).splitlines() or ["—"])[0]
    return text("call.raised", error=f"{type(error).__name__}: {first_line}", place=_place(error))


def _place(error):
    """The deepest line of the learner's own code, or nothing when the error began elsewhere."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(HERE) and "site-packages" not in frame.filename
    ]
    if not frames:
        return ""
    line = linecache.getline(frames[-1].filename, frames[-1].lineno).strip()
    return "\n" + text("call.place", function=frames[-1].name, number=frames[-1].lineno, line=line)


def subject(value, name):
    """The learner's class, function or object, unless its stub is still empty.

    Raises Stop when `value` is None, as the released stubs leave it.
    """
    if value is None:
        raise Stop(Verdict.UNDONE, text("value.none", name=name))
    return value


def put(owner, name, value):
    """Set attribute `name` of the learner's object. False when it is a property that nobody can set."""
    try:
        setattr(owner, name, value)
    except TypeError:  # a torch module takes the place of a module by another module only, or an empty place
        delattr(owner, name)
        setattr(owner, name, value)
    except AttributeError:
        return False
    return True


def read(owner, name):
    """Attribute `name` of the learner's object. Raises Stop when it is not there."""
    value = getattr(owner, name, MISSING)
    if value is MISSING:
        raise Stop(Verdict.UNDONE, text("value.missing", name=name))
    return value

"""Runs in the sandbox: answers the judge's questions about the learner's objects.

The learner's code can overwrite everything here, so nothing here is secret and nothing decides a mark.
"""

import contextlib
import importlib
import io
import itertools
import linecache
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from nbgrader_apart.inside.alarm import Alarm
from nbgrader_apart.inside.passed import Passed
from nbgrader_apart.inside.special_methods import special_of
from nbgrader_apart.wire.connection import Closed, TooLong, Wire
from nbgrader_apart.wire.objects import Objects
from nbgrader_apart.wire.torch_modes import modes, take_modes
from nbgrader_apart.wire.values import Special, tagged

PAUSE = 0.005  # seconds to wait for a follow-up question; a cell that arrives meanwhile waits as long
FRAMES = 8
METHODS = 50
ATTRIBUTES = 20  # the most that are sent unasked
SMALL = 1 << 16  # bytes of the largest attribute that is sent unasked
KINDS: list[tuple[str, type]] = [
    ("class", type),
    ("function", types.FunctionType),
    ("method", types.MethodType),
]


def call(function: Callable, *args: Any, **kwargs: Any) -> Any:
    """What `()` does."""
    return function(*args, **kwargs)


def call_method(value: object, name: str, *args: Any, **kwargs: Any) -> Any:
    """Look the method up and call it, in one question."""
    return getattr(value, name)(*args, **kwargs)


def run_shipped(name: str, *args: Any, **kwargs: Any) -> Any:
    """Call the sandbox's copy of a function of the shipped packages."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)(*args, **kwargs)


OPERATIONS: dict[str, Callable] = {
    "run": run_shipped,
    "call": call,
    "method": call_method,
    "getattr": getattr,
    "setattr": setattr,
    "delattr": delattr,
    "getitem": lambda value, key: value[key],
    "setitem": lambda value, key, item: value.__setitem__(key, item),
    "len": len,
    "iter": lambda value, limit: [item for item, _ in zip(value, range(limit), strict=False)],
    "contains": lambda value, item: item in value,
    "isinstance": isinstance,
    "repr": repr,
    "str": str,
    "next": next,
    "dir": dir,
    "bool": bool,
}


def methods_of(value: object) -> list[str]:
    """Names of the functions of an object's class in the learner's own code."""
    kinds = [] if isinstance(value, (type, types.FunctionType, types.MethodType)) else type(value).__mro__
    own = [kind for kind in kinds if kind.__module__ == "__main__"]
    return [name for kind in own for name, one in vars(kind).items() if isinstance(one, types.FunctionType)][
        :METHODS
    ]


class CallTimeout(BaseException):
    """A call took longer than the judge allows."""


class SandboxObjects(Objects):
    """The learner's side: everything that is not plain becomes a numbered reference."""

    step = -1
    mirror_arrays = False

    def __init__(self, shipped: Iterable[str]) -> None:
        super().__init__(shipped)
        self.references: dict[int, object] = {}
        self.written: dict[int, tuple[int, Special]] = {}  # id(object) -> its number, and what is sent for it
        self.count = 0

    def enter(self, number: int, value: object) -> None:
        self.mirrors.add(number, value, lambda: value)

    def write_other(self, value: Any) -> Special | None:
        if isinstance(value, (tuple, dict)):
            return None
        if hasattr(type(value), "to_plotly_json") and type(value).__module__.startswith("plotly."):
            return tagged(b"figure", value.to_plotly_json())
        if id(value) in self.written:  # the judge sees the same object again
            return self.written[id(value)][1]
        self.count += 1
        number = self.count
        self.references[number] = value
        named = value if isinstance(value, type) else type(value)
        about = {
            "n": number,
            "kind": next((name for name, kind in KINDS if isinstance(value, kind)), "object"),
            "name": getattr(value, "__name__", named.__name__),
            "type": type(value).__name__,
            "doc": (getattr(value, "__doc__", None) or "")[:2000],
            "callable": callable(value),
            "methods": methods_of(value),
            "special": special_of(value),
            "module": named.__module__,
            "exception": isinstance(value, type)
            and issubclass(value, BaseException)
            and named.__module__ != "builtins",
            "bases": [f"{kind.__module__}:{kind.__qualname__}" for kind in type(value).__mro__][:FRAMES],
        }
        special = tagged(b"reference", about)
        self.written[id(value)] = number, special
        return special

    def read_reference(self, number: int) -> object:
        return self.references[number]

    def forget(self, mirrors: Iterable[int], references: Iterable[int]) -> None:
        """Drop the objects that the judge has dropped."""
        for number in mirrors:
            self.mirrors.drop(number)
        for number in references:
            self.written.pop(id(self.references.get(number)), None)
            self.references.pop(number, None)

    def is_small(self, value: object) -> bool:
        """Whether the value costs next to nothing to send: a number, a small array, a stand-in."""
        if type(value).__module__ in ("torch", "numpy"):
            return getattr(value, "nbytes", 0) <= SMALL
        return value is None or type(value) in (bool, int, float) or self.is_shipped(value)


class NullStream(io.TextIOBase):
    """Discards what the learner's code prints while the judge asks."""

    def write(self, printed: str, /) -> int:
        return len(printed)


class Bridge:
    """Serves one wire from the main thread of the kernel."""

    def __init__(self, wire: Wire, namespace: dict[str, Any], shipped: Iterable[str]) -> None:
        self.wire = wire
        self.namespace = namespace
        self.objects = SandboxObjects(shipped)
        self.alarm = Alarm(self._stop)  # of the call under way
        self.kept: list[
            tuple[list, bytes]
        ] = []  # arguments that the learner's code keeps, as the judge knows them

    def ready(self) -> None:
        """Answer the request that has arrived, and those that follow at once."""
        with silence(), restored_modes():
            while self.wire.waiting(PAUSE):
                try:
                    request = self.wire.receive()
                except Closed:
                    raise SystemExit(0) from None
                self._send(self._answer(request))

    def _stop(self, *_: object) -> NoReturn:
        raise CallTimeout(self.alarm.seconds)

    def _send(self, answer: dict[str, Any]) -> None:
        try:
            self.wire.send(answer)
        except TooLong:
            self.wire.send({"error": {"type": "NotPlain", "bases": [], "message": "too large", "frames": []}})

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self.objects.forget(**request["gone"])
        value, error, answer = None, None, {}
        try:
            [(arguments, keywords)] = self.objects.unpack(request["mirrors"], request["arguments"])
            passed = Passed(self.objects, arguments, keywords)
            try:
                value = self._perform(request, arguments, keywords)
            except BaseException as raised:  # whatever the learner's code does is an answer
                error = describe(raised)
            answer = self._changes(passed, value) if request["op"] not in ("names", "run") else {}
            answer["state"] = self._state(request)
            answer["value"], answer["mirrors"] = self.objects.pack(value)
        except Exception as raised:
            error = error or describe(raised)
        return answer | ({"error": error} if error else {})

    def _changes(self, passed: Passed, value: object) -> dict[str, Any]:
        """What the call has done to lists, dicts and sets in its arguments, and to those of earlier calls."""
        later = any(self.objects.values.write(own) != known for own, known in self.kept)
        changes = passed.changes(value) | ({"later": True} if later else {})
        if "kept" in changes:
            self.kept.append((passed.own, self.objects.values.write(passed.own)))
        return changes

    def _state(self, request: dict[str, Any]) -> bytes | None:
        """After a call: small attributes of its object, which the judge is likely to read next."""
        owner = self.objects.references.get(request["owner"])
        kind = type(owner)
        if (
            request["op"] not in ("method", "run")
            or kind.__getattribute__ is not object.__getattribute__
            or not hasattr(owner, "__dict__")
        ):
            return None
        small = {k: v for k, v in vars(owner).items() if not hasattr(kind, k) and self.objects.is_small(v)}
        return self.objects.plain_attributes(dict(itertools.islice(small.items(), ATTRIBUTES)))

    def _perform(self, request: dict[str, Any], arguments: list, keywords: dict[str, Any]) -> Any:
        if request["op"] == "names":
            self.kept = []  # another test begins
            return {name: self.namespace[name] for name in arguments if name in self.namespace}
        take_modes(request["torch"])
        self.alarm.set(request["seconds"])
        try:
            return OPERATIONS[request["op"]](*arguments, **keywords)
        finally:
            self.alarm.off()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """In the body, prints and warnings are discarded."""
    null = NullStream()
    with contextlib.redirect_stdout(null), contextlib.redirect_stderr(null), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def restored_modes() -> Iterator[None]:
    """Restore afterwards the modes of torch that the learner's cells have set."""
    before = modes()
    try:
        yield
    finally:
        take_modes(before)


def describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain data: its type, built-in bases, message and the learner's lines."""
    frames = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        if code.co_filename.startswith("<ipython-input-"):
            line = linecache.getline(code.co_filename, trace.tb_lineno).strip()
            frames.append([code.co_name, trace.tb_lineno, line[:200]])
        trace = trace.tb_next
    bases = [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"]
    try:
        message = str(error)[:2000]
    except Exception as second:
        message = f"({type(second).__name__} in __str__)"
    return {"type": type(error).__name__, "bases": bases, "message": message, "frames": frames[-FRAMES:]}

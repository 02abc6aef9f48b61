"""Runs in the sandbox: answers the judge's questions about the learner's objects.

Everything here may be overwritten by the learner's code. It has nothing to hide and decides nothing.
"""

import contextlib
import importlib
import io
import itertools
import linecache
import signal
import types
import warnings

from grading.border.modes import modes, take_modes
from grading.border.objects import Objects
from grading.border.plain import tagged
from grading.border.wire import Closed, TooLong

PAUSE = 0.005  # seconds between two questions that belong together; a cell that comes has to wait so long
FRAMES = 8
METHODS = 50
ATTRIBUTES = 20  # and those of them are sent unasked
SMALL = 1 << 16  # that are no larger than so many bytes
KINDS = [("class", type), ("function", types.FunctionType), ("method", types.MethodType)]


def call(function, *args, **kwargs):
    """What `()` does."""
    return function(*args, **kwargs)


def call_method(value, name, *args, **kwargs):
    """Look the method up and call it, in one question."""
    return getattr(value, name)(*args, **kwargs)


def run_shipped(name, *args, **kwargs):
    """Call the sandbox's copy of a function of the shipped packages."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)(*args, **kwargs)


OPERATIONS = {
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
    "bool": bool,
}


def methods_of(value):
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

    def __init__(self, shipped):
        super().__init__(shipped)
        self.references = {}
        self.count = 0

    def enter(self, number, value):
        self.mirrors.add(number, value, lambda: value)

    def write_other(self, value):
        if isinstance(value, (tuple, dict)):
            return None
        if hasattr(type(value), "to_plotly_json") and type(value).__module__.startswith("plotly."):
            return tagged(b"figure", value.to_plotly_json())
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
        }
        return tagged(b"reference", about)

    def read_reference(self, number):
        """The learner's object."""
        return self.references[number]

    def forget(self, mirrors, references):
        """The judge has no more use for these."""
        for number in mirrors:
            self.mirrors.drop(number)
        for number in references:
            self.references.pop(number, None)

    def is_small(self, value):
        """Whether the value costs next to nothing to send: a number, a small array, a stand-in."""
        if type(value).__module__ in ("torch", "numpy"):
            return getattr(value, "nbytes", 0) <= SMALL
        return value is None or type(value) in (bool, int, float) or self.is_shipped(value)


class Nowhere(io.TextIOBase):
    """Where the learner's prints go while the judge asks."""

    def write(self, printed):
        return len(printed)


class Bridge:
    """Serves one wire from the main thread of the kernel."""

    def __init__(self, wire, namespace, shipped):
        self.wire = wire
        self.namespace = namespace
        self.objects = SandboxObjects(shipped)
        self.seconds = None

    def ready(self):
        """Answer what has come in, and what follows at once; called when something has."""
        with alarm(self._stop), silence(), own_modes():
            while self.wire.waiting(PAUSE):
                try:
                    request = self.wire.receive()
                except Closed:
                    raise SystemExit(0) from None
                self._send(self._answer(request))

    def _stop(self, *_):
        raise CallTimeout(self.seconds)

    def _send(self, answer):
        try:
            self.wire.send(answer)
        except TooLong:
            self.wire.send({"error": {"type": "NotPlain", "bases": [], "message": "too large", "frames": []}})

    def _answer(self, request):
        self.objects.forget(**request["gone"])
        try:
            value, error = self._perform(request), None
        except BaseException as raised:  # whatever the learner's code does is an answer
            value, error = None, describe(raised)
        answer = {}
        try:
            answer["state"] = self._state(request)
            answer["value"], answer["mirrors"] = self.objects.pack(value)
        except Exception as raised:
            error = error or describe(raised)
        return answer | ({"error": error} if error else {})

    def _state(self, request):
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

    def _perform(self, request):
        [(arguments, keywords)] = self.objects.unpack(request["mirrors"], request["arguments"])
        if request["op"] == "names":
            return {name: self.namespace[name] for name in arguments if name in self.namespace}
        take_modes(request["torch"])
        self.seconds = request["seconds"]
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        try:
            return OPERATIONS[request["op"]](*arguments, **keywords)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def alarm(function):
    """Inside, `function` is called when the time is up."""
    before = signal.signal(signal.SIGALRM, function)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def silence():
    """Inside, prints and warnings go nowhere."""
    nowhere = Nowhere()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def own_modes():
    """Afterwards torch's modes are again those that the learner's cells have left."""
    before = modes()
    try:
        yield
    finally:
        take_modes(before)


def describe(error):
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

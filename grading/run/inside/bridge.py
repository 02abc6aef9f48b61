"""Runs in the sandbox: answers the judge's questions about the learner's objects.

Everything here may be overwritten by the learner's code. It has nothing to hide and decides nothing.
"""

import contextlib
import importlib
import io
import itertools
import linecache
import signal
import sys
import types
import warnings

from grading.border.objects import Objects
from grading.border.plain import NotPlain
from grading.border.wire import Closed, TooLong

FRAMES = 8
METHODS = 50
ATTRIBUTES = 20  # and those of them are sent unasked
SMALL = 1 << 16  # that are no larger than so many bytes
KINDS = [("class", type), ("function", types.FunctionType), ("method", types.MethodType)]
CONTEXTS = ("enter", "exit")  # they run none of the learner's code


def call(function, *args, **kwargs):
    """What `()` does."""
    return function(*args, **kwargs)


def call_method(value, name, *args, **kwargs):
    """Look the method up and call it, in one question."""
    return getattr(value, name)(*args, **kwargs)


OPERATIONS = {
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

    def encode_other(self, codec, value, depth):
        if isinstance(value, (tuple, dict)):
            return None
        if hasattr(type(value), "to_plotly_json") and type(value).__module__.startswith("plotly."):
            return {"t": "figure", "v": codec.encode(value.to_plotly_json(), depth + 1)}
        self.count += 1
        number = self.count
        self.references[number] = value
        named = value if isinstance(value, type) else type(value)
        return {
            "t": "ref",
            "n": number,
            "kind": next((name for name, kind in KINDS if isinstance(value, kind)), "object"),
            "name": getattr(value, "__name__", named.__name__),
            "type": type(value).__name__,
            "doc": (getattr(value, "__doc__", None) or "")[:2000],
            "callable": callable(value),
            "methods": methods_of(value),
        }

    def decode_reference(self, message):
        return self.references[message["n"]]

    def is_small(self, value):
        """Whether the value costs next to nothing to send: a number, a small array, a stand-in."""
        if type(value).__module__ in ("torch", "numpy"):
            return getattr(value, "nbytes", 0) <= SMALL
        return value is None or type(value) in (bool, int, float) or self._is_shipped(value)


class Bridge:
    """Serves one wire from the main thread of the kernel."""

    def __init__(self, wire, namespace, shipped):
        self.wire = wire
        self.namespace = namespace
        self.objects = SandboxObjects(shipped)
        self.contexts = []

    def ready(self):
        """Answer what has come in; called by the kernel's event loop."""
        while self.wire.waiting(0.02):
            try:
                request = self.wire.receive()
            except Closed:
                raise SystemExit(0) from None
            self._send(self._answer(request))

    def _send(self, answer):
        try:
            self.wire.send(answer)
        except TooLong:
            self.wire.send({"error": {"type": "NotPlain", "bases": [], "message": "too large", "frames": []}})

    def _answer(self, request):
        for table, number in request["drop"]:
            if table == "mirror":
                self.objects.mirrors.drop(number)
            else:
                self.objects.references.pop(number, None)
        try:
            value, error = self._perform(request), None
        except BaseException as raised:  # whatever the learner's code does is an answer
            value, error = None, describe(raised)
        with unwatched():
            state = self._state(request)
            try:
                packed, mirrors = self.objects.pack(value, nothing_changed=request["op"] in CONTEXTS)
            except (NotPlain, RecursionError) as raised:
                packed, mirrors, error = [None], {}, error or describe(raised)
        answer = {"value": packed[0], "mirrors": mirrors, "state": state}
        return answer | ({"error": error} if error else {})

    def _state(self, request):
        """After a call: small attributes of its object, which the judge is likely to read next."""
        numbers = [argument["n"] for argument in request["args"] if is_reference(argument)]
        if request["op"] not in ("method", "run") or not numbers:
            return {}
        owner = self.objects.references.get(numbers[0])
        kind = type(owner)
        if kind.__getattribute__ is not object.__getattribute__ or not hasattr(owner, "__dict__"):
            return {}
        small = {k: v for k, v in vars(owner).items() if not hasattr(kind, k) and self.objects.is_small(v)}
        return self.objects.plain_attributes(dict(itertools.islice(small.items(), ATTRIBUTES)))

    def _perform(self, request):
        with unwatched():
            arguments, keywords = self.objects.unpack(request["mirrors"], request["args"], request["kwargs"])
        if request["op"] == "name":
            return self.namespace[arguments[0]]
        with ambient(request), time_limit(request["seconds"]):
            if request["op"] == "enter":
                return self._enter(*arguments, **keywords)
            if request["op"] == "exit":
                return self._exit()
            if request["op"] == "run":
                return shipped(arguments[0])(*arguments[1:], **keywords)
            return OPERATIONS[request["op"]](*arguments, **keywords)

    def _enter(self, name, *args, **kwargs):
        context = shipped(name)(*args, **kwargs)
        value = context.__enter__()
        self.contexts.append((context, value))
        return value

    def _exit(self):
        context, value = self.contexts.pop()
        context.__exit__(None, None, None)
        return value


def shipped(name):
    """The sandbox's copy of a function or context manager of the shipped packages."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def is_reference(message):
    """Whether an encoded argument is an object of the learner's."""
    return isinstance(message, dict) and message.get("t") == "ref"


def unwatched():
    """A context in which torch's dispatch modes do not see how values cross."""
    torch = sys.modules.get("torch")
    return torch._C._DisableTorchDispatch() if torch else contextlib.nullcontext()


@contextlib.contextmanager
def ambient(request):
    """The judge's default dtype and grad mode; the learner's prints and warnings go nowhere."""
    torch, quiet = sys.modules.get("torch"), io.StringIO()
    before = (torch.get_default_dtype(), torch.is_grad_enabled()) if torch else None
    if torch and request["torch"]:
        dtype, grad = request["torch"]
        torch.set_default_dtype(getattr(torch, dtype))
        torch.set_grad_enabled(grad)
    try:
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if torch:
            torch.set_default_dtype(before[0])
            torch.set_grad_enabled(before[1])


@contextlib.contextmanager
def time_limit(seconds):
    """Raise CallTimeout after `seconds`."""

    def stop(*_):
        raise CallTimeout(seconds)

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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

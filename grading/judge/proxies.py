"""Stand-ins, on the judge's side, for the learner's classes, functions and objects."""

import builtins
import contextlib
import functools
import importlib
import linecache
import types
import weakref

from ..border.arrays import NotPlain
from ..border.modes import modes
from ..border.objects import Objects
from ..border.plain import REFERENCE, numbered
from ..border.wire import Closed, Late, TooLong
from ..messages import text

LONGEST_LINE = 100_000
GRACE = 3  # seconds that the bridge gets over the limit of a call
ITERATION = 100_000


class SandboxError(Exception):
    """The learner's process gave no usable answer."""


class Remote:
    """A learner's object that is not plain data. Using it asks the sandbox."""

    def __init__(self, border, number, about):
        object.__setattr__(self, "_remote_", (border, number))
        methods = about.get("methods")
        named = [name for name in methods if isinstance(name, str)] if isinstance(methods, list) else []
        object.__setattr__(self, "_methods_", {name for name in named if not name.startswith("_")})
        object.__setattr__(self, "__name__", str(about.get("name"))[:200])
        object.__setattr__(self, "__doc__", str(about.get("doc"))[:2000])

    def __getattr__(self, name):
        if name in object.__getattribute__(self, "_methods_"):
            return functools.partial(ask, self, "method", name)  # saves the question for the method itself
        border, _ = object.__getattribute__(self, "_remote_")
        owner, attributes = border.last
        return attributes[name] if owner is self and name in attributes else ask(self, "getattr", name)

    def __setattr__(self, name, value):
        ask(self, "setattr", name, value)

    def __delattr__(self, name):
        ask(self, "delattr", name)

    def __getitem__(self, key):
        return ask(self, "getitem", key)

    def __setitem__(self, key, value):
        ask(self, "setitem", key, value)

    def __len__(self):
        return ask(self, "len")

    def __iter__(self):
        return iter(ask(self, "iter", ITERATION))

    def __contains__(self, item):
        return ask(self, "contains", item)

    def __bool__(self):
        return bool(ask(self, "bool"))

    def __repr__(self):
        return str(ask(self, "repr"))


class RemoteCallable(Remote):
    """A learner's callable object."""

    def __call__(self, *args, **kwargs):
        return ask(self, "call", *args, **kwargs)


class RemoteFunction(RemoteCallable):
    """`inspect.isfunction` says yes, as it does of the learner's function."""

    __class__ = property(lambda self: types.FunctionType)


class RemoteMethod(RemoteCallable):
    """`inspect.ismethod` says yes."""

    __class__ = property(lambda self: types.MethodType)


class RemoteClass(RemoteCallable):
    """`inspect.isclass` says yes."""

    __class__ = property(lambda self: type)

    def __instancecheck__(self, instance):
        return isinstance(instance, Remote) and bool(ask(self, "isinstance", instance, reverse=True))


KINDS = {"class": RemoteClass, "function": RemoteFunction, "method": RemoteMethod}


def ask(remote, operation, *args, reverse=False, **kwargs):
    """One question about `remote`; `reverse` puts it after the other arguments."""
    border, _ = object.__getattribute__(remote, "_remote_")
    arguments = [*args, remote] if reverse else [remote, *args]
    return border.ask(operation, arguments, kwargs)


def number_of(remote):
    """By which the sandbox knows the object."""
    return object.__getattribute__(remote, "_remote_")[1]


class JudgeObjects(Objects):
    """The judge's side of the border: arguments become mirrors, references become proxies."""

    mirror_arrays = True

    def __init__(self, shipped, border):
        super().__init__(shipped)
        self.border = border
        self.remotes = {}  # number -> weak reference to the stand-in
        self.gone = {"mirrors": [], "references": []}  # numbers that the sandbox can forget

    def enter(self, number, value):
        self.mirrors.add(number, value, weakref.ref(value, lambda _: self._dropped(number)))

    def _dropped(self, number):
        self.mirrors.drop(number)
        self.gone["mirrors"].append(number)

    def _released(self, number):
        del self.remotes[number]
        self.gone["references"].append(number)

    def take_gone(self):
        """The numbers of what is gone since the last question."""
        gone, self.gone = self.gone, {"mirrors": [], "references": []}
        return gone

    def write_other(self, value):
        return numbered(REFERENCE, number_of(value)) if isinstance(value, Remote) else None

    def read_reference(self, about):
        """A new stand-in, of which the sandbox tells everything that is known without a question."""
        number = about["n"]
        if type(number) is not int or not 0 < number < 2**40 or number in self.remotes:
            raise NotPlain("a malformed reference")
        base = KINDS.get(str(about.get("kind")), RemoteCallable if about.get("callable") is True else Remote)
        remote = remote_class(str(about.get("type"))[:200], base)(self.border, number, about)
        self.remotes[number] = weakref.ref(remote, lambda _: self._released(number))
        return remote


@functools.lru_cache(256)
def remote_class(name, base):
    """The class of stand-ins for the learner's objects of a class of this name."""
    return type(name.replace("\0", "?"), (base,), {"__module__": "__main__"})


class Border:
    """The judge's end of the wire to one learner's kernel."""

    def __init__(self, wire, shipped, seconds):
        self.wire = wire
        self.seconds = seconds
        self.objects = JudgeObjects(shipped, self)
        self.broken = None
        self.last = (None, {})  # the object whose method was called last, its attributes as they were then

    def values(self, names):
        """{name: the learner's object} for those of the names that are defined."""
        found = self.ask("names", names, {}) if names else {}
        if not isinstance(found, dict):
            raise SandboxError(text("judge.malformed", reason="?"))
        return {name: found[name] for name in names if name in found}

    def ask(self, operation, arguments, keywords):
        """Raises what the learner's code raised, or SandboxError."""
        if self.broken:
            raise SandboxError(text("judge.stopped", reason=self.broken))
        owner = next((argument for argument in arguments if isinstance(argument, Remote)), None)
        request = {
            "op": operation,
            "seconds": self.seconds,
            "torch": modes(),
            "gone": self.objects.take_gone(),
        }
        request["owner"] = None if owner is None else number_of(owner)
        try:
            request["arguments"], request["mirrors"] = self.objects.pack([arguments, keywords])
        except NotPlain as error:
            raise SandboxError(text("judge.malformed", reason=error)) from error
        answer = self._exchange(request)
        before = self.last  # held until the answer, which may speak of these objects, has been read
        self.last = None, {}
        written = [answer[part] for part in ("value", "state") if answer.get(part) is not None]
        with malformed_is_an_answer():
            read = self.objects.unpack(answer.get("mirrors", {}), *written)
            value = read.pop(0) if "value" in answer else None
            if read and owner is not None:
                self.last = owner, dict(read[0])
        del before
        if answer.get("error"):
            raise_from_learner(answer["error"])
        return value

    def _exchange(self, request):
        try:
            self.wire.send(request, self.seconds + GRACE)
            answer = self.wire.receive(self.seconds + GRACE)
        except Late:
            self.broken = text("judge.call_time", seconds=int(self.seconds))
        except TooLong:
            self.broken = text("judge.too_big")
        except Closed:
            self.broken = text("run.dead")
        except ValueError as error:
            self.broken = text("judge.malformed", reason=error)
        else:
            if isinstance(answer, dict):
                return answer
            self.broken = text("judge.malformed", reason="?")
        raise SandboxError(text("judge.stopped", reason=self.broken))


@contextlib.contextmanager
def malformed_is_an_answer():
    """What cannot be decoded fails the check that has asked. Raises SandboxError."""
    try:
        yield
    except (NotPlain, ValueError, TypeError, AttributeError, RuntimeError, MemoryError) as malformed:
        raise SandboxError(text("judge.malformed", reason=str(malformed)[:200])) from malformed


def mirror(name, border):
    """Replace a function of the shipped packages: a call goes to the sandbox's copy."""
    module, _, attribute = name.rpartition(".")

    def function(*args, **kwargs):
        return border.ask("run", [name, *args], kwargs)

    setattr(importlib.import_module(module), attribute, function)


def raise_from_learner(error):
    """Raise an exception like the one in the sandbox, with the learner's lines as its traceback's end."""
    if not isinstance(error, dict):
        raise SandboxError(text("judge.malformed", reason="?"))
    name, message = str(error.get("type"))[:100].replace("\0", "?"), str(error.get("message"))[:2000]
    if name == "CallTimeout":
        raise SandboxError(text("judge.call_time", seconds=message))
    exception = exception_class(name, error.get("bases"))(message)
    frames = error.get("frames") or []
    raise_at(exception, frames[-1]) if isinstance(frames, list) and frames else raise_plain(exception)


def raise_plain(exception):
    """Raise, for a place where a statement does not fit."""
    raise exception


def exception_class(name, bases):
    """The built-in exception of this name, or a new one over its nearest built-in base."""
    names = [base for base in bases if isinstance(base, str)] if isinstance(bases, list) else []
    for base in names:
        found = getattr(builtins, base, None)
        if isinstance(found, type) and issubclass(found, BaseException):
            if not issubclass(found, Exception):
                return lambda _: SandboxError(text("judge.exit", name=name))
            if issubclass(found, (UnicodeError, BaseExceptionGroup)):
                found = Exception  # these need more than a message
            return found if base == name else type(name, (found,), {})
    return type(name, (Exception,), {})


def raise_at(exception, frame):
    """Raise from a frame that has the learner's function name, line number and line."""
    try:
        function, number, line = str(frame[0])[:100], int(frame[1]), str(frame[2])[:200]
    except (TypeError, ValueError, IndexError):
        raise exception from None
    number = min(max(number, 1), LONGEST_LINE)
    file = "<ячейка>"
    linecache.cache[file] = (1, None, ["\n"] * (number - 1) + [line + "\n"], file)
    code = compile("\n" * (number - 1) + "raise exception", file, "exec")
    exec(code.replace(co_name=function, co_qualname=function), {"exception": exception})

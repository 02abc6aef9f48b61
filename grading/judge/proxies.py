"""Stand-ins, on the judge's side, for the learner's classes, functions and objects."""

import builtins
import contextlib
import functools
import importlib
import inspect
import linecache
import sys
import types
import weakref

from ..border.objects import Objects
from ..border.plain import NotPlain
from ..border.wire import Closed, Late, TooLong
from ..messages import text

LONGEST_LINE = 100_000
GRACE = 3  # seconds that the bridge gets over the limit of a call
ITERATION = 100_000
CONTEXTS = ("enter", "exit")  # operations that run none of the learner's code


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


class JudgeObjects(Objects):
    """The judge's side of the border: arguments become mirrors, references become proxies."""

    mirror_arrays = True

    def __init__(self, shipped, border):
        super().__init__(shipped)
        self.border = border
        self.dropped = []

    def enter(self, number, value):
        self.mirrors.add(number, value, weakref.ref(value))
        weakref.finalize(value, self._dropped, number).atexit = False

    def _dropped(self, number):
        self.mirrors.drop(number)
        self.dropped.append(["mirror", number])

    def _released(self, number):
        self.dropped.append(["reference", number])

    def encode_other(self, codec, value, depth):
        if isinstance(value, Remote):
            return {"t": "ref", "n": object.__getattribute__(value, "_remote_")[1]}
        return None

    def decode_reference(self, message):
        number = message["n"]
        if type(number) is not int or not 0 < number < 2**40:
            raise NotPlain("a malformed reference")
        base = KINDS.get(
            str(message.get("kind")), RemoteCallable if message.get("callable") is True else Remote
        )
        kind = type(str(message.get("type"))[:200].replace("\0", "?"), (base,), {"__module__": "__main__"})
        remote = kind(self.border, number, message)
        weakref.finalize(remote, self._released, number).atexit = False
        return remote


class Border:
    """The judge's end of the wire to one learner's kernel."""

    def __init__(self, wire, shipped, seconds):
        self.wire = wire
        self.seconds = seconds
        self.objects = JudgeObjects(shipped, self)
        self.broken = None
        self.last = (None, {})  # the object whose method was called last, its attributes as they were then

    def value(self, name):
        """The learner's object called `name`. Raises KeyError when there is none."""
        return self.ask("name", [name], {})

    def ask(self, operation, arguments, keywords):
        """Raises what the learner's code raised, or SandboxError."""
        if self.broken:
            raise SandboxError(text("judge.stopped", reason=self.broken))
        drop, self.objects.dropped = self.objects.dropped, []
        try:
            packed, mirrors = self.objects.pack(arguments, keywords)
        except NotPlain as error:
            raise SandboxError(text("judge.malformed", reason=error)) from error
        request = {"op": operation, "args": packed[0], "kwargs": packed[1], "mirrors": mirrors, "drop": drop}
        request |= {"seconds": self.seconds, "torch": torch_mode()}
        answer = self._exchange(request)
        before = self.last  # held until the answer, which may speak of these objects, has been decoded
        if operation not in CONTEXTS:
            self.last = None, {}
        with malformed_is_an_answer():
            state = answer.get("state") or {}
            told = (answer.get("value"), *state.values())
            value, *attributes = self.objects.unpack(answer.get("mirrors", {}), *told)
            owner = next((argument for argument in arguments if isinstance(argument, Remote)), None)
            if state and owner is not None:
                self.last = owner, dict(zip(state, attributes, strict=True))
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
        except ValueError:
            self.broken = text("intake.bad_json")
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


def torch_mode():
    """The judge's default dtype and grad mode, when torch is in use."""
    torch = sys.modules.get("torch")
    return [str(torch.get_default_dtype()).removeprefix("torch."), torch.is_grad_enabled()] if torch else None


def mirror(name, border):
    """Replace a function or context manager of the shipped packages: a call goes to the sandbox's copy."""
    module, _, attribute = name.rpartition(".")
    owner = importlib.import_module(module)
    is_context = inspect.isgeneratorfunction(inspect.unwrap(getattr(owner, attribute)))

    @contextlib.contextmanager
    def context(*args, **kwargs):
        """Enter there; what it yields is copied here, a list once more when it is left."""
        value = border.ask("enter", [name, *args], kwargs)
        try:
            yield value
        except BaseException:
            with contextlib.suppress(Exception):  # the first error is the one that counts
                border.ask("exit", [], {})
            raise
        last = border.ask("exit", [], {})
        if isinstance(value, list) and isinstance(last, list):
            value[:] = last

    def function(*args, **kwargs):
        return border.ask("run", [name, *args], kwargs)

    setattr(owner, attribute, context if is_context else function)


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

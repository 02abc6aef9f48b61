"""The judge's end of the wire to a learner's kernel: questions out, answers in, none of which is believed."""

import builtins
import contextlib
import importlib
import linecache
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

from nbgrader_apart.judge.proxies import Remote, Unfit, builtin_class, number_of, remote_class
from nbgrader_apart.messages import text
from nbgrader_apart.wire.arrays import NotPlain
from nbgrader_apart.wire.connection import Closed, Late, TooLong, Wire
from nbgrader_apart.wire.containers import containers_in, merge
from nbgrader_apart.wire.objects import Objects
from nbgrader_apart.wire.stopwatch import Stopwatch
from nbgrader_apart.wire.torch_modes import modes
from nbgrader_apart.wire.values import REFERENCE, Special, numbered

LONGEST_LINE = 100_000
LEARNERS = "<your code>"  # in place of a file name; no grade id has a blank
GRACE = 3  # seconds beyond the limit of a call, in which the bridge answers


class SandboxError(Exception):
    """The learner's process gave no usable answer."""


class JudgeObjects(Objects):
    """The judge's side of the wire: arguments become mirrors, references become proxies."""

    mirror_arrays = True

    def __init__(self, shipped: Iterable[str], client: "SandboxClient") -> None:
        super().__init__(shipped)
        self.client = client
        self.remotes: dict[int, weakref.ref[Remote]] = {}  # number -> weak reference to the stand-in
        self.gone: dict[str, list[int]] = {
            "mirrors": [],
            "references": [],
        }  # numbers that the sandbox can forget

    def enter(self, number: int, value: object) -> None:
        self.mirrors.add(number, value, weakref.ref(value, lambda _: self._dropped(number)))

    def _dropped(self, number: int) -> None:
        self.mirrors.drop(number)
        self.gone["mirrors"].append(number)

    def _released(self, number: int) -> None:
        del self.remotes[number]
        self.gone["references"].append(number)

    def take_released(self) -> dict[str, list[int]]:
        """The numbers of the objects that were released since the last question."""
        gone, self.gone = self.gone, {"mirrors": [], "references": []}
        return gone

    def write_other(self, value: object) -> Special | None:
        return numbered(REFERENCE, number_of(value)) if isinstance(value, Remote) else None

    def read_reference(self, about: dict[str, Any]) -> object:
        """The stand-in of an object; `about` holds what can be known of its object without a question."""
        number = about["n"]
        if type(number) is not int or not 0 < number < 2**40:
            raise NotPlain("a malformed reference")
        if found := builtin_class(about):
            self.gone["references"].append(number)
            return found
        known = self.remotes.get(number)
        if known and (remote := known()) is not None:  # the same object is the same stand-in
            return remote
        if number in self.gone["references"]:
            self.gone["references"].remove(number)
        if about.get("exception") is True:
            raise self.client.refuse(text("apart.exception"))
        remote = remote_class(about)(self.client, number, about)
        self.remotes[number] = weakref.ref(remote, lambda _: self._released(number))
        return remote


class SandboxClient:
    """The judge's end of the wire to one learner's kernel."""

    def __init__(self, wire: Wire, shipped: Iterable[str], seconds: float, kernel_pid: int) -> None:
        self.wire = wire
        self.kernel_pid = kernel_pid
        self.seconds = seconds
        self.objects = JudgeObjects(shipped, self)
        self.broken: str | None = None  # why the sandbox gives no further answers
        self.unfit: str | None = None  # why the test that is running cannot run apart
        self.kept: list[
            tuple[list, bytes]
        ] = []  # arguments that the learner's code has kept, and as it knows them
        # the object whose method was called last, and its attributes as they were then
        self.last: tuple[Remote | None, dict[str, Any]] = (None, {})

    def values(self, names: list[str]) -> dict[str, Any]:
        """{name: the learner's object} for those of the names that are defined."""
        found = self.ask("names", names, {}) if names else {}
        if not isinstance(found, dict):
            raise SandboxError(text("judge.malformed", reason="?"))
        return {name: found[name] for name in names if name in found}

    def ask(self, operation: str, arguments: list, keywords: dict[str, Any]) -> Any:
        """Raises what the learner's code raised, or SandboxError."""
        if self.broken:
            raise SandboxError(text("judge.stopped", reason=self.broken))
        owner = next((argument for argument in arguments if isinstance(argument, Remote)), None)
        request = {
            "op": operation,
            "seconds": self.seconds,
            "torch": modes(),
            "gone": self.objects.take_released(),
        }
        request["owner"] = None if owner is None else number_of(owner)
        passed = [arguments, keywords]
        try:
            if any(self.objects.values.write(kept) != known for kept, known in self.kept):
                raise self.refuse(text("apart.kept"))
            request["arguments"], request["mirrors"] = self.objects.pack(passed)
        except NotPlain as error:
            raise self.refuse(text("apart.argument", reason=error)) from error
        answer = self._exchange(request)
        before = self.last  # held until the answer, which may speak of these objects, has been read
        self.last = None, {}
        written = {
            part: answer[part] for part in ("value", "state", "passed") if answer.get(part) is not None
        }
        with refusing_malformed():
            values = self.objects.unpack(answer.get("mirrors", {}), *written.values())
            read = dict(zip(written, values, strict=True))
            if owner is not None and "state" in read:
                self.last = owner, dict(read["state"])
            if "passed" in read:  # lists, dicts and sets that were changed in place
                merge(passed, read["passed"])
        del before
        value = read.get("value")
        if answer.get("later") is True:
            raise self.refuse(text("apart.kept"))
        if answer.get("kept") is True:
            own = containers_in((tuple(arguments), tuple(keywords.values())))
            self.kept.append((own, self.objects.values.write(own)))
        if type(answer.get("same")) is int and 0 <= answer["same"] < len(arguments):
            value = arguments[answer["same"]]
        if answer.get("error"):
            raise_from_learner(answer["error"])
        return value

    def refuse(self, reason: str) -> Unfit:
        """The exception to raise for a test that is unfit; its reason stays if the test catches it."""
        self.unfit = self.unfit or reason
        return Unfit(reason)

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            self.wire.send(request, self.seconds + GRACE)
            answer = self.wire.receive(self.seconds + GRACE, Stopwatch(self.kernel_pid))
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
def refusing_malformed() -> Iterator[None]:
    """Turn what decoding a malformed answer raises into SandboxError, which fails the test that has asked."""
    try:
        yield
    except (NotPlain, ValueError, TypeError, AttributeError, RuntimeError, MemoryError) as malformed:
        raise SandboxError(text("judge.malformed", reason=str(malformed)[:200])) from malformed


def mirror(name: str, client: SandboxClient) -> None:
    """Replace a function of the shipped packages: a call goes to the sandbox's copy."""
    module, _, attribute = name.rpartition(".")

    def function(*args: Any, **kwargs: Any) -> Any:
        return client.ask("run", [name, *args], kwargs)

    setattr(importlib.import_module(module), attribute, function)


def raise_from_learner(error: object) -> NoReturn:
    """Raise an exception like the one in the sandbox, with the learner's lines as its traceback's end."""
    if not isinstance(error, dict):
        raise SandboxError(text("judge.malformed", reason="?"))
    name, message = str(error.get("type"))[:100].replace("\0", "?"), str(error.get("message"))[:2000]
    if name == "CallTimeout":
        raise SandboxError(text("judge.call_time", seconds=message))
    exception = exception_class(name, error.get("bases"))(message)
    frames = error.get("frames") or []
    if isinstance(frames, list) and frames:
        raise_at(exception, frames[-1])
    raise exception


def exception_class(name: str, bases: object) -> Callable[[str], Exception]:
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


def raise_at(exception: Exception, frame: Any) -> None:
    """Raise from a frame that has the learner's function name, line number and line."""
    try:
        function, number, line = str(frame[0])[:100], int(frame[1]), str(frame[2])[:200]
    except (TypeError, ValueError, IndexError):
        raise exception from None
    number = min(max(number, 1), LONGEST_LINE)
    linecache.cache[LEARNERS] = (1, None, ["\n"] * (number - 1) + [line + "\n"], LEARNERS)
    code = compile("\n" * (number - 1) + "raise exception", LEARNERS, "exec")
    exec(code.replace(co_name=function, co_qualname=function), {"exception": exception})

"""Stand-ins, on the judge's side, for the learner's classes, functions and objects.

A stand-in has the special methods that its object's class has, and no others, so that Python decides what it
can do as it would of the object. Those that cannot be answered honestly from here make the test unfit.
"""

import builtins
import functools
import sys
import types
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from nbgrader_apart.messages import text

if TYPE_CHECKING:
    from nbgrader_apart.judge.sandbox_client import SandboxClient

ITERATION = 100_000
HIDDEN = {"__code__", "__globals__", "__closure__", "__builtins__"}  # what inspect and dis read
TYPES = {
    kind.__name__: kind for kind in vars(types).values() if isinstance(kind, type)
}  # generator, coroutine …


class Unfit(BaseException):
    """The test asks what a stand-in cannot answer. No `except Exception` of a test catches it."""


def refuse(remote: "Remote", key: str, **values: object) -> NoReturn:
    """Make the test unfit. The reason stays known even if the test goes on."""
    client, _ = object.__getattribute__(remote, "_remote_")
    raise client.refuse(text(f"apart.{key}", **values))


class Remote:
    """A learner's object that is not plain data. Using it asks the sandbox."""

    def __init__(self, client: "SandboxClient", number: int, about: dict[str, Any]) -> None:
        object.__setattr__(self, "_remote_", (client, number))
        methods = about.get("methods")
        named = [name for name in methods if isinstance(name, str)] if isinstance(methods, list) else []
        object.__setattr__(self, "_methods_", {name for name in named if not name.startswith("_")})
        object.__setattr__(self, "__name__", str(about.get("name"))[:200])
        object.__setattr__(self, "__doc__", str(about.get("doc"))[:2000])

    def __getattr__(self, name: str) -> Any:
        if name in HIDDEN:
            refuse(self, "inspect")
        if name in object.__getattribute__(self, "_methods_"):
            return functools.partial(ask, self, "method", name)  # saves the question for the method itself
        client, _ = object.__getattribute__(self, "_remote_")
        owner, attributes = client.last
        return attributes[name] if owner is self and name in attributes else ask(self, "getattr", name)

    def __setattr__(self, name: str, value: object) -> None:
        ask(self, "setattr", name, value)

    def __delattr__(self, name: str) -> None:
        ask(self, "delattr", name)

    def __dir__(self) -> list[str]:
        return ask(self, "dir")

    def __repr__(self) -> str:
        return str(ask(self, "repr"))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        refuse(self, "copy")

    __dict__ = property(lambda self: ask(self, "getattr", "__dict__"))  # for vars()


class RemoteCallable(Remote):
    """A learner's callable object."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
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

    def __instancecheck__(self, instance: object) -> bool:
        if isinstance(instance, (tuple, dict)) and not isinstance(instance, Remote):
            refuse(self, "plain", name=self.__name__, kind=type(instance).__name__)
        return isinstance(instance, Remote) and bool(ask(self, "isinstance", instance, reverse=True))

    def __mro_entries__(self, bases: tuple) -> NoReturn:
        refuse(self, "subclass")


KINDS = {"class": RemoteClass, "function": RemoteFunction, "method": RemoteMethod}


def ask(remote: Remote, operation: str, *args: Any, reverse: bool = False, **kwargs: Any) -> Any:
    """One question about `remote`; `reverse` puts it after the other arguments."""
    client, _ = object.__getattribute__(remote, "_remote_")
    arguments = [*args, remote] if reverse else [remote, *args]
    return client.ask(operation, arguments, kwargs)


def number_of(remote: Remote) -> int:
    """The number under which the sandbox knows the object."""
    return object.__getattribute__(remote, "_remote_")[1]


def _items(remote: Remote) -> Iterator:
    return iter(ask(remote, "iter", ITERATION))


# the special methods that the sandbox answers
ANSWERED: dict[str, Callable] = {
    "__len__": lambda self: ask(self, "len"),
    "__iter__": _items,
    "__next__": lambda self: ask(self, "next"),
    "__getitem__": lambda self, key: ask(self, "getitem", key),
    "__setitem__": lambda self, key, value: ask(self, "setitem", key, value),
    "__contains__": lambda self, item: ask(self, "contains", item),
    "__bool__": lambda self: bool(ask(self, "bool")),
    "__str__": lambda self: str(ask(self, "str")),
}


def remote_class(about: dict[str, Any]) -> type[Remote]:
    """The class of stand-ins for objects of the class that the sandbox tells of in `about`."""
    base = KINDS.get(str(about.get("kind")), RemoteCallable if about.get("callable") is True else Remote)
    special = about.get("special")
    names = (
        frozenset(name for name in special if isinstance(name, str))
        if isinstance(special, list)
        else frozenset()
    )
    return _remote_class(str(about.get("type"))[:200].replace("\0", "?"), base, names, likeness(about))


def likeness(about: dict[str, Any]) -> type | None:
    """The nearest of the object's classes that the judge has too, for `isinstance`."""
    bases = about.get("bases")
    for name in bases if isinstance(bases, list) and about.get("kind") == "object" else []:
        module, _, qualified = str(name).partition(":")
        found = TYPES.get(qualified) if module == "builtins" else None
        found = found or getattr(sys.modules.get(module), qualified, None)
        if isinstance(found, type) and found is not object:
            return found
    return None


@functools.lru_cache(256)
def _remote_class(name: str, base: type[Remote], special: frozenset[str], like: type | None) -> type[Remote]:
    body: dict[str, Any] = {"__module__": "__main__"}
    for method in special:
        body[method] = ANSWERED.get(method) or _refusing(method)
    if "__next__" in special:
        body["__iter__"] = lambda self: self
    if "__eq__" in special and "__hash__" not in special:
        body["__hash__"] = _refusing("__hash__")
    if like:
        body["__class__"] = property(lambda self: like)
    return type(name, (base,), body)


def _refusing(method: str) -> Callable:
    return lambda self, *args: refuse(self, "operator", name=method)


def builtin_class(about: dict[str, Any]) -> type | None:
    """The built-in class that a reference means, which both sides have: `int` is `int`."""
    found = getattr(builtins, str(about.get("name")), None)
    own = about.get("kind") == "class" and about.get("module") == "builtins"
    return found if own and isinstance(found, type) else None

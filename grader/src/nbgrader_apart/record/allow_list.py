"""A course's allow-list: what code may use where something is to be derived."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from nbgrader_apart.messages import text


@dataclass(frozen=True)
class AllowList:
    """What `c.Grading.allowed` may hold; the settings' help says what each part means."""

    tests: frozenset[str] = frozenset()
    unwatched: frozenset[str] = frozenset()
    builtins: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    settable: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()
    dunders: frozenset[str] = frozenset()
    decorators: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    machinery: frozenset[str] = frozenset()
    course: frozenset[str] = frozenset()
    modules: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unwatched_modules: Mapping[str, frozenset[str]] = field(default_factory=dict)
    watched: Mapping[str, frozenset[str]] = field(default_factory=dict)
    called: Mapping[str, frozenset[str]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "AllowList":
        """The list from the plain data of a settings file. Raises ValueError for a part that nobody knows."""
        unknown = data.keys() - {part.name for part in fields(cls)}
        if unknown:
            raise ValueError(text("record.not_allowed", names=", ".join(sorted(unknown))))
        parts: dict[str, Any] = {
            name: {key: frozenset(names) for key, names in part.items()}
            if isinstance(part, Mapping)
            else frozenset(part)
            for name, part in data.items()
        }
        return cls(**parts)

    @cached_property
    def roots(self) -> frozenset[str]:
        """The libraries that the list speaks of."""
        return frozenset(module.split(".")[0] for module in self.modules)

    def step_out(self, module: str, attributes: list[str]) -> tuple[str, int]:
        """Follow `module.a.b…` to the innermost module on the list: its path, and how many parts it took."""
        taken = 0
        while taken < len(attributes) and f"{module}.{attributes[taken]}" in self.modules:
            if taken == len(attributes) - 1 and self.has(module, attributes[taken]):
                break  # a function whose own attributes are on the list too
            module = f"{module}.{attributes[taken]}"
            taken += 1
        return module, taken

    def has(self, module: str, name: str) -> bool:
        """Whether `module` has `name` on the list."""
        return name in self.modules.get(module, ())

    def is_machinery(self, name: str) -> bool:
        """Whether a name leads to machinery; libraries import their modules under names like _sys too."""
        return name in self.machinery or name.lstrip("_") in self.machinery

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
    watched: Mapping[str, frozenset[str]] = field(default_factory=dict)

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
            module = f"{module}.{attributes[taken]}"
            taken += 1
        return module, taken

    def has(self, module: str, name: str) -> bool:
        """Whether `module` has `name` on the list; "*" there stands for every name without an underscore."""
        names = self.modules.get(module, frozenset())
        return name in names or ("*" in names and not name.startswith("_"))

"""What a call of the learner's code does to the lists, dicts and sets in its arguments."""

import sys
from typing import Any

from nbgrader_apart.wire.containers import MUTABLE, containers_in
from nbgrader_apart.wire.objects import Objects


class Passed:
    """The lists, dicts and sets in the arguments of a call, as they are before it."""

    def __init__(self, objects: Objects, arguments: list, keywords: dict[str, Any]) -> None:
        self.objects, self.arguments, self.all = objects, arguments, [arguments, keywords]
        self.own = containers_in((tuple(arguments), tuple(keywords.values())))
        self.known = objects.values.write(self.all) if self.own else b""
        self.held = self._references()

    def _references(self) -> list[int]:
        return [sys.getrefcount(each) for each in self.own]

    def changes(self, value: object) -> dict[str, Any]:
        """What the judge is told after the call, which has returned `value`.

        `passed` are the arguments if one has changed, `kept` tells that one is still in use, `same` which one
        was returned.
        """
        same = [
            number for number, each in enumerate(self.arguments) if type(each) in MUTABLE and each is value
        ]
        told: dict[str, Any] = {"same": same[0]} if same else {}
        if not self.own:
            return told
        now = self.objects.values.write(self.all)
        if now != self.known:
            told["passed"] = now
        counts = zip(self.own, self._references(), self.held, strict=True)
        if any(count > before for each, count, before in counts if each is not value):
            told["kept"] = True
        return told

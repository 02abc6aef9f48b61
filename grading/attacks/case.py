"""What an attack is: a submission, what it tries, what must be seen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from .fixture import LAYER, POINTS

FAMILIES = Path(__file__).parent / "families"
HEADER = re.compile(r"^# %% ([\w-]+) \| ([^|\n]+).*$", re.M)
WRONG = LAYER.replace("dldy.sum(0)", "dldy.mean(0)")
LAYER_TESTS = [name for name in POINTS if name.startswith("layer")]
FULL = {name: POINTS[name] for name in LAYER_TESTS}
MARKS = {
    "full": FULL,
    "wrong": {**FULL, "layer-db": 0},
    "zero": dict.fromkeys(LAYER_TESTS, 0),
    "db=0": {"layer-db": 0},
}
SECRETS = ("СЕКРЕТ", "CANARY")


class Active(HTMLParser):
    """Collects what would run when a page is opened, besides the page's own scripts."""

    @classmethod
    def of(cls, page):
        """Descriptions of active content in the page."""
        parser = cls()
        parser.found, parser.script = [], False
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag, attributes):
        self.script = tag == "script"
        for name, value in attributes:
            if name.startswith("on") or "javascript:" in (value or "").lower().replace(" ", ""):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("iframe", "object", "embed"):
            self.found.append(tag)

    def handle_data(self, data):
        if self.script and "alert(" in data:
            self.found.append(data)


@dataclass
class Attack:
    """`code` is the learner's cell; `mutate` changes the written submission's folder."""

    name: str
    family: str
    tries: str
    code: str = WRONG
    mutate: Callable = lambda folder: None
    expect: str = "db=0"
    shown: tuple = ()
    hidden: tuple = SECRETS

    def problem(self, marks, page, feedback):
        """What went wrong, or None: marks by test, what the notebook shows, the feedback."""
        for test, points in MARKS[self.expect].items():
            if marks.get(test, (None,))[0] != points:
                return f"{test}: {marks.get(test)} instead of {points}"
        for words in self.hidden:
            if words in page or words in feedback:
                return f"«{words}» is shown"
        if found := Active.of(feedback):
            return f"active content in the feedback: {found[:3]}"
        for words in self.shown:
            if words not in page:
                return f"«{words}» is not shown"
        return None


def written_attacks():
    """The attacks of the text files: code before the wrong solution, or after it."""
    attacks = []
    for path in sorted(FAMILIES.glob("*.txt")):
        parts = HEADER.split(path.read_text())[1:]
        for name, tries, code in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            before, _, after = code.partition("# after\n")
            source = f"import torch\n{before.strip()}\n{WRONG}{after}"
            hidden = SECRETS if "CANARY" not in code else SECRETS[:1]
            attacks.append(Attack(name, path.stem, tries.strip(), source, hidden=hidden))
    return attacks

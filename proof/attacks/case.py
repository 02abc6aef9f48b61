"""What an attack is: a submission, what it tries, what must be seen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbgrader_apart.testing.active_content import Active
from nbgrader_apart.testing.small_course import POINTS, WRONG

FAMILIES = Path(__file__).parent / "families"
HEADER = re.compile(r"^# %% ([\w-]+) \| ([^|\n]+).*$", re.M)
LAYER_TESTS = [name for name in POINTS if name.startswith("layer")]
FULL = {name: POINTS[name] for name in LAYER_TESTS}
MARKS = {
    "full": FULL,
    "wrong": {**FULL, "layer-db": 0},
    "zero": dict.fromkeys(LAYER_TESTS, 0),
    "db=0": {"layer-db": 0},
}
SECRETS = ("СЕКРЕТ", "CANARY")


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

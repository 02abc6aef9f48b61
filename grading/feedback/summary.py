"""What the page says first: marks, failed checks with their sentences and hints, comments."""

import re
from dataclasses import dataclass, field

from nbgrader import utils

from ..take_in.rebuild import TICK, TICK_TAG, grade_id
from .lesson import Answer

CODE_INDENT = "    "


@dataclass
class Check:
    """One graded cell. `sentence` is what it failed with; `answer` the learner's cell that it is about."""

    name: str
    title: str
    score: float
    possible: float
    by_hand: bool
    waiting: bool
    sentence: str = ""
    answer: Answer | None = None
    hint: tuple | None = None  # (title, Markdown)

    @property
    def state(self):
        """passed, part, failed, or waiting for a person who has not given points yet."""
        if self.score >= self.possible:
            return "passed"
        if self.waiting and not self.by_hand and not self.sentence:
            return "waiting"
        return "part" if self.score > 0 else "failed"


@dataclass
class Group:
    """Failed checks of one answer that say the same."""

    checks: list

    @property
    def first(self):
        return self.checks[0]

    @property
    def sentence(self):
        return self.first.sentence


@dataclass
class Summary:
    """Of one notebook."""

    checks: list
    refused: str
    asked: bool
    comments: list = field(default_factory=list)  # (grade id, Comment)

    def having(self, *states):
        """The checks in one of these states, in the notebook's order."""
        return [check for check in self.checks if check.state in states]

    @property
    def groups(self):
        """What did not pass, in the notebook's order, the same sentence about the same answer once."""
        groups = []
        for check in self.having("failed", "part"):
            last = groups[-1].first if groups else None
            if last and check.sentence and same(last, check):
                groups[-1].checks.append(check)
            else:
                groups.append(Group([check]))
        return groups


def same(one, other):
    """Whether two checks are about one answer and say the same about it."""
    return (one.answer, one.hint, one.sentence) == (other.answer, other.hint, other.sentence)


def plain(sentence, title):
    """The sentence without a name in front of it that the check's title has already said."""
    head, colon, rest = sentence.partition(": ")
    sentence = rest if colon and head in title else sentence
    return sentence[:1].upper() + sentence[1:]


def summarise(nb, marks, lesson):
    """The Summary of an autograded notebook."""
    checks = [
        check_of(cell, marks.cells[grade_id(cell)], lesson)
        for cell in nb.cells
        if (utils.is_grade(cell) or utils.is_task(cell)) and grade_id(cell) in marks.cells
    ]
    shown = [name for name in map(grade_id, nb.cells) if name in marks.comments]
    comments = sorted(
        ((name, marks.comments[name]) for name in shown), key=lambda pair: not pair[1].by_person
    )
    asked = any(TICK_TAG in cell.metadata.get("tags", []) and TICK.search(cell.source) for cell in nb.cells)
    return Summary(checks, nb.metadata.get("grading", {}).get("refused", ""), asked, comments)


def check_of(cell, mark, lesson):
    """The Check of a graded cell; what grading left in its metadata says why it failed."""
    record, name = cell.metadata.get("grading", {}), grade_id(cell)
    check = Check(
        name=name,
        title=cell.metadata.get("title", name),
        score=mark.score,
        possible=mark.possible,
        by_hand=mark.by_hand or bool(mark.extra),
        waiting=mark.waiting,
    )
    check.sentence = plain(unwrapped(record.get("message") or ""), check.title)
    answer = lesson.answer_for(name)
    if answer:
        check.answer = answer
        named = [title for title in answer.hints if title in check.sentence]
        check.hint = (named[0], answer.hints[named[0]]) if named else None
    return check


def unwrapped(message):
    """A message that was broken into lines for a terminal: a paragraph again; indented lines stay code."""
    paragraphs = []
    for line in message.split("\n"):
        if line.startswith(CODE_INDENT) or not paragraphs or paragraphs[-1].startswith(CODE_INDENT):
            paragraphs.append(line)
        else:
            paragraphs[-1] += " " + line.strip()
    return "\n".join(re.sub(r"[ \t]+$", "", paragraph) for paragraph in paragraphs)

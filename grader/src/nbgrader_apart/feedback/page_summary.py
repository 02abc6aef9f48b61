"""The beginning of the page: marks, failed checks with their sentences and hints, comments."""

from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader import utils

from nbgrader_apart.feedback.lesson import Answer, Lesson
from nbgrader_apart.feedback.notebook_marks import CellMark, Comment, Marks
from nbgrader_apart.messages import text
from nbgrader_apart.model.source_notebook import TICK, TICK_TAG, grade_id, is_learners

CODE_INDENT = "    "
LONGEST = 5000  # characters of what a check says
BINDS = ("class ", "def ", "async def ", "from ", "import ")  # how a line begins that may define a name


@dataclass
class CheckResult:
    """One graded cell. `sentence` is what it failed with; `answer` the learner's cell that it is about.

    What is no test is graded by a person: an answer in words, a task.
    """

    name: str
    title: str
    score: float
    possible: float
    extra: float
    by_hand: bool
    waiting: bool
    is_test: bool = True
    sentence: str = ""
    answer: Answer | None = None
    hint: tuple[str, str] | None = None  # (title, Markdown)

    @property
    def state(self) -> str:
        """passed, part, failed, or waiting for a person to give points."""
        if self.score >= self.possible:
            return "passed"
        if self.waiting and not self.by_hand and not self.sentence:
            return "waiting"
        return "part" if self.score > 0 else "failed"


@dataclass
class FailureGroup:
    """Failed checks of one answer that say the same."""

    checks: list[CheckResult]

    @property
    def first(self) -> CheckResult:
        return self.checks[0]

    @property
    def sentence(self) -> str:
        return self.first.sentence


@dataclass
class PageSummary:
    """The summary of one notebook."""

    checks: list[CheckResult]
    refused: str
    asked: bool
    comments: list[tuple[str, Comment]] = field(default_factory=list)  # (grade id, Comment)

    @property
    def tests(self) -> list[CheckResult]:
        """The checks that are tests."""
        return [check for check in self.checks if check.is_test]

    def having(self, *states: str) -> list[CheckResult]:
        """The checks in one of these states, in the notebook's order."""
        return [check for check in self.checks if check.state in states]

    @property
    def groups(self) -> list[FailureGroup]:
        """The checks that did not pass, in order; neighbours with the same failure are one group."""
        groups: list[FailureGroup] = []
        for check in self.having("failed", "part"):
            last = groups[-1].first if groups else None
            if last and check.sentence and same(last, check):
                groups[-1].checks.append(check)
            else:
                groups.append(FailureGroup([check]))
        return groups


def same(one: CheckResult, other: CheckResult) -> bool:
    """Whether two checks are about one answer and say the same about it."""
    return (one.answer, one.hint, one.sentence) == (other.answer, other.hint, other.sentence)


def plain(sentence: str, title: str) -> str:
    """The sentence without a leading name that the check's title already contains."""
    head, colon, rest = sentence.partition(": ")
    sentence = rest if colon and head in title else sentence
    return sentence[:1].upper() + sentence[1:]


def summarise(nb: NotebookNode, marks: Marks, lesson: Lesson) -> PageSummary:
    """The PageSummary of an autograded notebook."""
    checks = [
        check_of(cell, marks.cells[grade_id(cell)], lesson)
        for cell in nb.cells
        if (utils.is_grade(cell) or utils.is_task(cell)) and grade_id(cell) in marks.cells
    ]
    for check in checks:
        if check.sentence and check.answer and is_absent(nb, check.answer):
            check.sentence, check.hint = text("feedback.no_cell"), None
    shown = [name for name in map(grade_id, nb.cells) if name in marks.comments]
    comments = sorted(
        ((name, marks.comments[name]) for name in shown), key=lambda pair: not pair[1].by_person
    )
    asked = any(TICK_TAG in cell.metadata.get("tags", []) and TICK.search(cell.source) for cell in nb.cells)
    return PageSummary(checks, nb.metadata.get("grading", {}).get("refused", ""), asked, comments)


def is_absent(nb: NotebookNode, answer: Answer) -> bool:
    """Whether the answer's cell was not handed in, or empty, and no other cell may define what it would."""
    written = [cell for cell in nb.cells if cell.cell_type == "code" and not utils.is_locked(cell)]
    if any(grade_id(cell) == answer.name and cell.source.strip() for cell in written):
        return False
    lines = [line.lstrip() for cell in written for line in cell.source.splitlines()]
    return bool(answer.defines) and not any(
        line.startswith((*BINDS, name)) and name in line for line in lines for name in answer.defines
    )


def check_of(cell: NotebookNode, mark: CellMark, lesson: Lesson) -> CheckResult:
    """The CheckResult of a graded cell; its metadata says why it failed."""
    record, name = cell.metadata.get("grading", {}), grade_id(cell)
    check = CheckResult(
        name=name,
        title=cell.metadata.get("title", name),
        score=mark.score,
        possible=mark.possible,
        extra=mark.extra,
        by_hand=mark.by_hand,
        waiting=mark.waiting,
        is_test=not (is_learners(cell) or utils.is_task(cell)),
    )
    check.sentence = plain(unwrapped((record.get("message") or "")[:LONGEST]), check.title)
    answer = lesson.answer_for(name)
    if answer:
        check.answer = answer
        named = [title for title in answer.hints if title in check.sentence]
        check.hint = (named[0], answer.hints[named[0]]) if named else None
    return check


def unwrapped(message: str) -> str:
    """A message that was wrapped for a terminal with its paragraphs joined; indented lines stay code."""
    paragraphs: list[list[str]] = []
    for line in message.split("\n"):
        if line.startswith(CODE_INDENT) or not paragraphs or paragraphs[-1][0].startswith(CODE_INDENT):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line.strip())
    return "\n".join(" ".join(lines).rstrip(" \t") for lines in paragraphs)

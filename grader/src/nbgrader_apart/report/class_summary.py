"""Statistics of a class: the distribution of marks, pass rates, frequent mistakes, who needs a person."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, isclose
from pathlib import Path
from typing import TypeAlias

from nbgrader_apart.messages import text
from nbgrader_apart.model.marks import State
from nbgrader_apart.report.collect import Check, Group, Learner, Outcome, Result

BINS = 20
Question: TypeAlias = tuple[str, list[Check], list[str]]  # notebook, checks that wait, why
Bin: TypeAlias = tuple[float, float, int, int]  # from, to, final marks, other marks


# The key of a sentence, or the message where there is no key.
Diagnosed: TypeAlias = tuple[str | None, str | None]


@dataclass
class Rate:
    """How a check went, in learners."""

    check: Check
    outcomes: Counter[Outcome]

    @property
    def tried(self) -> int:
        return self.outcomes.total()

    @property
    def share(self) -> float:
        """The share of those who got all points, 0 to 1."""
        return self.outcomes[Outcome.FULL] / self.tried if self.tried else 0.0


@dataclass
class Mistake:
    """One diagnosis: what it says, how many learners have met it, and where."""

    key: str | None  # None when there is only a message
    sentence: str
    learners: int
    checks: list[tuple[Check, int]]  # [(Check, learners)], the most frequent first


def distribution(group: Group) -> list[Bin]:
    """Equal ranges of points; the last one includes its end."""
    possible = max((learner.mark.possible for learner in group.learners), default=0)
    width = possible / BINS
    counts: dict[State, Counter[int]] = {State.FINAL: Counter(), State.PROVISIONAL: Counter()}
    for learner in group.graded:
        place = min(BINS - 1, floor(learner.mark.score / width)) if width else 0
        counts[learner.mark.state][place] += 1
    return [
        (place * width, (place + 1) * width, counts[State.FINAL][place], counts[State.PROVISIONAL][place])
        for place in range(BINS if width else 0)
    ]


def rates(group: Group) -> list[Rate]:
    """[Rate] of every check, in the order of the notebooks."""
    found: dict[Check, Counter[Outcome]] = {check: Counter() for check in group.checks}
    for learner in group.graded:
        for check, result in learner.results.items():
            found[check][result.outcome] += 1
    return [Rate(check, outcomes) for check, outcomes in found.items()]


def mistakes(group: Group, sentences: Mapping[str, object]) -> list[Mistake]:
    """[Mistake], the most frequent first. `sentences` is {key: sentence with gaps in braces}."""
    learners: dict[Diagnosed, set[str]] = {}
    checks: dict[Diagnosed, Counter[Check]] = {}
    examples: dict[Diagnosed, Counter[str]] = {}
    for learner in group.graded:
        for check, result in learner.results.items():
            if result.message and result.outcome in (Outcome.ZERO, Outcome.PART):
                kind = (result.key, None if result.key else result.message)
                learners.setdefault(kind, set()).add(learner.mark.student)
                checks.setdefault(kind, Counter())[check] += 1
                examples.setdefault(kind, Counter())[result.message] += 1
    found = [
        Mistake(
            key=kind[0],
            sentence=_sentence(sentences, kind[0], examples[kind]),
            learners=len(students),
            checks=checks[kind].most_common(),
        )
        for kind, students in learners.items()
    ]
    return sorted(found, key=lambda mistake: (-mistake.learners, mistake.sentence))


def catalogue(path: Path) -> dict[str, object]:
    """{key: sentence} of the course's own file. Raises OSError, ValueError."""
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict):
        raise ValueError(text("report.no_sentences"))
    return found


def _sentence(sentences: Mapping[str, object], key: str | None, examples: Counter[str]) -> str:
    """The catalogue's sentence with … for what differs between learners; else the commonest message."""
    known = sentences.get(key) if key else None
    if isinstance(known, str):
        return re.sub(r"\{[^}]*\}", "…", known)
    return " ".join(examples.most_common(1)[0][0].split())


@dataclass
class Change:
    """A mark that is another than before the latest grading; `why` are the last words of messages' keys."""

    learner: Learner
    before: float
    why: list[str]
    graded: datetime  # UTC


@dataclass
class Topic:
    """A check that the class fails most, and what its checks said most often: [(sentence, learners)]."""

    rate: Rate
    said: list[tuple[str, int]]


def changes(group: Group) -> list[Change]:
    """[Change], the latest grading first."""
    found = []
    for learner in group.graded:
        last, now = learner.last, learner.mark.score
        if last is None:
            continue
        why, before = [], last.score
        if last.before is not None and not isclose(last.before, last.score):
            why, before = ["again" if last.again else "regraded"], last.before
        if not isclose(last.score, now):
            why.append("later")
        if why and not isclose(before, now):
            found.append(Change(learner, before, why, datetime.fromisoformat(last.graded)))
    return sorted(found, key=lambda change: change.graded, reverse=True)


def topics(rates: Sequence[Rate], mistakes: Sequence[Mistake], most: int = 3) -> list[Topic]:
    """What to speak about in the next lesson: the checks with the lowest pass rates."""
    failed = sorted((rate for rate in rates if rate.share < 1), key=lambda rate: rate.share)
    found = []
    for rate in failed[:most]:
        said = [(mistake.sentence, dict(mistake.checks).get(rate.check, 0)) for mistake in mistakes]
        said = sorted((pair for pair in said if pair[1]), key=lambda pair: -pair[1])
        found.append(Topic(rate, said[:2]))
    return found


def questions(learner: Learner) -> list[Question]:
    """What waits for a person in each notebook of one learner."""
    found: dict[str, list[tuple[Check, Result]]] = {}
    for check, result in learner.results.items():
        if result.waiting:
            found.setdefault(check.notebook, []).append((check, result))
    return [
        (
            notebook,
            [check for check, _ in waiting],
            learner.comments.get(notebook) or [text(_reason([result for _, result in waiting]))],
        )
        for notebook, waiting in found.items()
    ]


def _reason(results: list[Result]) -> str:
    """Why nbgrader asks where grading has left no comment."""
    by_hand = any(result.graded_by_hand for result in results)
    return "report.manual.again" if by_hand else "report.manual.asked"

"""What a class adds up to: the distribution of marks, pass rates, frequent mistakes, who needs a person."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from math import floor

from ..marks import State
from ..messages import text
from .collect import Outcome

BINS = 20


@dataclass
class Rate:
    """How a check went, in learners."""

    check: object
    outcomes: Counter

    @property
    def tried(self):
        return self.outcomes.total()

    @property
    def share(self):
        """The share of those who got all points, 0 to 1."""
        return self.outcomes[Outcome.FULL] / self.tried if self.tried else 0.0


@dataclass
class Mistake:
    """One diagnosis: what it says, how many learners have met it, and where."""

    key: str | None  # None when there is only a message
    sentence: str
    learners: int
    checks: list  # [(Check, learners)], the most frequent first


def distribution(group):
    """[(from, to, final marks, other marks)] over equal ranges of points; the last range has its end."""
    possible = max((learner.mark.possible for learner in group.learners), default=0)
    width = possible / BINS
    counts = {state: Counter() for state in (State.FINAL, State.PROVISIONAL)}
    for learner in group.graded:
        place = min(BINS - 1, floor(learner.mark.score / width)) if width else 0
        counts[learner.mark.state][place] += 1
    return [
        (place * width, (place + 1) * width, *(counts[state][place] for state in counts))
        for place in range(BINS if width else 0)
    ]


def rates(group):
    """[Rate] of every check, in the order of the notebooks."""
    found = {check: Counter() for check in group.checks}
    for learner in group.graded:
        for check, result in learner.results.items():
            found[check][result.outcome] += 1
    return [Rate(check, outcomes) for check, outcomes in found.items()]


def mistakes(group, sentences):
    """[Mistake], the most frequent first. `sentences` is {key: sentence with gaps in braces}."""
    learners, checks, examples = {}, {}, {}
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


def catalogue(path):
    """{key: sentence} of the course's own file. Raises OSError, ValueError."""
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict):
        raise ValueError("it holds no {key: sentence}")
    return found


def _sentence(sentences, key, examples):
    """The catalogue's sentence with … for what differs between learners; else the commonest message."""
    if isinstance(sentences.get(key), str):
        return re.sub(r"\{[^}]*\}", "…", sentences[key])
    return " ".join(examples.most_common(1)[0][0].split())


def questions(learner):
    """[(notebook, [Check] that wait for a person, [why])] of one learner."""
    found = {}
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


def _reason(results):
    """Why nbgrader asks where grading has left no comment."""
    by_hand = any(result.graded_by_hand for result in results)
    return "report.manual.again" if by_hand else "report.manual.asked"

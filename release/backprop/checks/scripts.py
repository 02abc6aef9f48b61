"""Scripts: what the learner's code is to do case by case, asked all at once, and its answers one by one.

A script is a list of steps, each the name of a method of `at_once.Hand` and its arguments.
"""

from collections import deque
from contextlib import suppress

import torch

from . import at_once
from .calls import call
from .outcome import Stop


def asked(learners, scripts):
    """For each script a function whose calls give the answers of its steps, one after another.

    A call raises Stop where its step did; only one more call lets the learner's code go on with that script.
    The learner's class or function gets copies of the tensors.
    """
    scripts, found = copied(scripts), deque()
    for number, script in enumerate(scripts):
        if not found:  # what raised has ended an earlier question
            found = _ask(learners, [step for later in scripts[number:] for step in later])
        own = deque(found.popleft() for _ in script[: len(found)])
        yield _Script(learners, script, own).answer


def last(learners, script):
    """The answer of the last step of one script."""
    (answer,) = asked(learners, [script])
    return [answer() for _ in script][-1]


def passes(inputs, dldy, names=(), watched=True):
    """The steps of one backward: the gradients `names` that it has stored, and its result; see `passed`.

    `watched` for a gradient that gives points: then ready-made derivatives are refused.
    """
    return [("passes", [inputs, dldy], 1, list(names), watched), ("result",)]


def passed(answer):
    """{name: gradient} that backward has stored, what it returned, and the Stop that ended it or None."""
    found = answer()
    try:
        return found, answer(), None
    except Stop as stop:
        return found, None, stop


class _Script:
    def __init__(self, learners, steps, found):
        self._learners, self._left, self._found = learners, deque(steps), found

    def answer(self):
        if not self._found:
            self._found = _ask(self._learners, [*self._left])
        self._left.popleft()
        found = self._found.popleft()
        if isinstance(found, Stop):
            raise found
        return found


def _ask(learners, steps):
    """The answers to all steps; where one raises, a Stop is the last."""
    try:
        found = call(at_once.carry_out, learners, steps)
        return deque(answer for answer, _ in zip(found, steps, strict=True))
    except Stop as stop:
        found = []
        with suppress(Exception):  # in grading the learner's process may have ended
            found = at_once.so_far()[: len(steps) - 1]
        return deque([*found, stop])


def copied(value):
    """The value with copies of its tensors, also of those in lists, tuples and dicts."""
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {name: copied(one) for name, one in value.items()}
    return type(value)(map(copied, value)) if type(value) in (list, tuple) else value

"""Several steps with the learner's objects at once: in grading's sandbox each of these is one question."""

import numbers
from contextlib import suppress
from decimal import Decimal
from functools import reduce

from . import by_hand

FIELDS = 50  # of an object that are named


def put(owner, name, value):
    """Set attribute `name` of the learner's object. False when it is a property that nobody can set."""
    try:
        setattr(owner, name, value)
    except TypeError:  # a torch module takes the place of a module by another module only, or an empty place
        delattr(owner, name)
        setattr(owner, name, value)
    except AttributeError:
        return False
    return True


def fields(owner):
    """Names of what the learner's object has stored, none of them private."""
    return [name for name in getattr(owner, "__dict__", {}) if isinstance(name, str) and name[:1] != "_"][
        :FIELDS
    ]


def built(learners_class, arguments, attributes):
    """The learner's object, with these attributes wherever they can be set."""
    owner = learners_class(*arguments)
    for name, value in attributes.items():
        put(owner, name, value)
    return owner


class Hand:
    """The learner's class or function and the object made last. The methods are the steps of scripts."""

    def __init__(self):
        self.learners = self.owner = None
        self._given = ()
        self._result = self._raised = None

    def made(self, *parameters):
        """The object, made under `by_hand.only`."""
        self.owner = by_hand.built(self.learners, *parameters)
        return self.owner

    def built(self, arguments=(), attributes=None):
        """The object, made with nobody looking on; see `built`."""
        self.owner = built(self.learners, arguments, attributes or {})
        return self.owner

    def called(self, *arguments):
        """What the function itself returns, whatever that is."""
        self._given = arguments
        return self.learners(*arguments)

    def answers(self, arguments, places):
        """See `by_hand.answers`."""
        self._given = arguments
        return by_hand.answers(self.learners, arguments, places)

    def forward(self, *arguments):
        """What the object's forward returns."""
        self._given = arguments
        return by_hand.plain(self.owner.forward(*arguments))

    def passes(self, arguments, taken, names=(), watched=True):
        """{name: gradient} that its backward has stored, be it that it raised; see `by_hand.passes`."""
        self._given = arguments
        stored, self._result, self._raised = by_hand.passes(self.owner, arguments, taken, names, watched)
        return stored

    def result(self):
        """What this backward has returned. Raises what it raised."""
        if self._raised:
            raise self._raised
        return self._result

    def given(self):
        """The tensors that were the arguments of the last call, as it has left them."""
        return [by_hand.plain(value) for value in self._given if type(value) in by_hand.TENSORS]

    def step(self, gradients, lr):
        """Set the gradients and call `step(lr)`. False, without a call, when nobody can set one of them."""
        settable = all(put(self.owner, name, gradient) for name, gradient in gradients.items())
        if settable:
            self.owner.step(lr)
        return settable

    def attributes(self, *names):
        """{name: value} of the attributes that are there; a name may lead through others, with dots."""
        found = {}
        for name in names:
            with suppress(AttributeError):
                found[name] = by_hand.plain(reduce(getattr, name.split("."), self.owner))
        return found


_hand, _answers = Hand(), []


def carry_out(learners, steps):
    """The answers to `steps`, (name, *arguments) each; see `Hand`. When one raises, `so_far` has them."""
    _hand.learners = learners
    _answers.clear()
    for name, *arguments in steps:
        _answers.append(getattr(_hand, name)(*arguments))
    return so_far()


def so_far():
    """The answers to the last steps, up to the one that raised."""
    return list(_answers)


def plain(value):
    """Fractions and decimals as floats, in dicts and lists too: nothing else of theirs leaves the sandbox."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, (numbers.Rational, Decimal)) else value

"""Several steps with the learner's objects at once: in grading's sandbox each of these is one question."""

import numbers
from decimal import Decimal

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


def step(layer, gradients, lr):
    """Set the gradients and call `step(lr)`. False, without a call, when nobody can set one of them."""
    settable = all(put(layer, name, gradient) for name, gradient in gradients.items())
    if settable:
        layer.step(lr)
    return settable


def plain(value):
    """Fractions and decimals as floats, in dicts and lists too: nothing else of theirs leaves the sandbox."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, (numbers.Rational, Decimal)) else value

"""Several steps with the learner's objects at once: in grading's sandbox each of these is one question."""

from .calls import put


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

"""Keeps ready-made derivatives out of the backward passes that are to be written by hand.

What is certain is refused, with a kind sentence: torch's differentiation, the stand-ins, complex numbers, and
one forward pass after another. This runs in the learner's own process; whatever could lead round it is not on
the course's list of what such code uses, which is read elsewhere.
"""

from contextlib import contextmanager, nullcontext, suppress
from functools import partial, reduce

import numpy as np
import torch

from . import reference
from .values import Foreign
from .watch import ARRAYS, Watch, plain_array, watching

DIFFERENTIATE = reference.differentiate
TENSORS = (torch.Tensor, torch.nn.Parameter)
NUMBERS = {type(None), bool, int, float, *np.sctypeDict.values()}


@contextmanager
def only():
    """Inside, a derivative that is not written by hand raises Stop with a kind sentence."""
    watch = Watch()
    places = [(owner, {name: partial(watch.refuse, "autograd")}) for owner, name in reference.ENTRIES]
    # from it come the gradients of all stand-ins
    places += [(reference, {"differentiate": partial(watch.refuse, "standin")})]
    # Without a graph there is nothing to differentiate; who asks for one in here means to.
    with reference.replaced(places + ARRAYS), watching(watch), torch.no_grad():
        yield watch
    if watch.refusal:
        raise watch.refusal


def built(owner_class, *parameters):
    """The learner's object, made under `only`."""
    with only():
        return owner_class(*parameters)


def passes(owner, arguments, taken, names=(), watched=True):
    """Call the learner's forward, whatever becomes of it, and then backward, under `only` when `watched`.

    `arguments` are those of backward, forward takes copies of the first `taken`. Gives {name: gradient} of
    those of the attributes `names` that backward has stored, what it returned, all of it plain, and the
    exception that ended it or None.
    """
    stored, result, raised = {}, None, None
    copies = [argument.clone() for argument in arguments[:taken]]
    try:
        with only() if watched else nullcontext() as watch:
            ended = None
            try:
                owner.forward(*copies)  # some layers remember their input there
            except Exception as error:  # forward has a check of its own
                ended = error
            if watch:
                torch.set_grad_enabled(False)  # forward may have ended with a graph
                watch.forgive(ended)
            try:
                result = plain(owner.backward(*arguments))
            finally:  # what an attribute gives is computed here too, and nowhere else
                for name in names:
                    with suppress(Exception):
                        stored[name] = plain(reduce(getattr, name.split("."), owner))
    except Exception as error:
        raised = error
    return stored, result, raised


def answers(function, arguments, places):
    """What the learner's `function` returns for these tensors and each tuple of numbers of `places`, a list.

    Called under `only`, so a derivative that is not written by hand raises Stop.
    """
    with only():
        return [plain(function(*arguments, *place)) for place in places]


def plain(value):
    """A copy of a number, tensor or array of just these types, Foreign for anything else.

    An object of a class of the learner's own could go on computing when it is looked at.
    """
    if type(value) in TENSORS:
        return value.detach().clone()
    if isinstance(value, np.ndarray) and type(plain_array(value)) is np.ndarray:
        return plain_array(value).copy()
    return value if type(value) in NUMBERS else Foreign(type(value).__name__)


def standin():
    """A context in which a stand-in that the check itself has given to the learner may differentiate."""
    return reference.replaced([(reference, {"differentiate": DIFFERENTIATE})])


def engine_calls(function, *arguments):
    """What the learner's `function` returns, and how often it has called torch's differentiation."""
    calls = []
    places = [(owner, {name: _counted(getattr(owner, name), calls)}) for owner, name in reference.ENTRIES]
    with reference.replaced(places):
        return function(*arguments), len(calls)


def _counted(entry, calls):
    def counted(*args, **kwargs):
        calls.append(entry)
        return entry(*args, **kwargs)

    return counted

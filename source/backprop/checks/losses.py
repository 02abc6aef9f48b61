"""Checks of `SquaredLoss` and `MSELoss`: L = mean of (ŷ − y)² and its gradient."""

import contextlib

from . import by_hand, reference, slips
from .calls import call, read, subject
from .cases import cases
from .diagnosis import verdict
from .messages import text
from .outcome import Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close


def sample_shape(size):
    return ()


def column_shape(size):
    return (size.k, 1)


def dense_shape(size):
    return (size.k, size.n)


def forward_check(shape):
    def judge(loss_class, trials):
        comparisons, explained = [], []
        for case in cases(trials):
            y_pred, y_true = case.normal(*shape(case.size)), case.normal(*shape(case.size))
            loss = call(subject(loss_class, "class"))
            got = as_tensor(call(loss.forward, y_pred.clone(), y_true.clone()), "forward")
            comparisons.append(Comparison(got, reference.mean_squared_error(y_pred, y_true)))
            explained.append(slips.loss_forward(y_pred, y_true, case.size))
        return verdict("forward", comparisons, explained)

    return judge


def gradient_check(shape):
    """backward returns ∂L/∂ŷ, stores it as `dypred` and leaves its arguments alone."""

    def judge(loss_class, trials):
        comparisons, explained = [], []
        for case in cases(trials):
            y_pred, y_true = case.normal(*shape(case.size)), case.normal(*shape(case.size))
            arguments = y_pred.clone(), y_true.clone()
            loss = call(subject(loss_class, "class"))
            with contextlib.suppress(Stop):  # forward has a check of its own
                call(loss.forward, *arguments)
            with by_hand.only(*arguments):
                result = call(loss.backward, *arguments)
            if not (close(arguments[0], y_pred) and close(arguments[1], y_true)):
                raise Stop(Verdict.WRONG, text("pure.argument", name="y_pred, y_true"))
            expected = reference.loss_gradient(y_pred, y_true)
            got = as_tensor(loss.dypred if result is None and hasattr(loss, "dypred") else result, "dypred")
            comparisons.append(Comparison(got, expected))
            explained.append(slips.loss(y_pred, y_true, expected, case.size))
            if comparisons[-1].ok:
                _check_both_places(loss, result, expected)
        return verdict("dypred", comparisons, explained)

    return judge


def _check_both_places(loss, result, expected):
    """Raises Stop when the right gradient was stored but not returned, or returned but not stored."""
    if result is None:
        raise Stop(Verdict.UNDONE, text("value.not_returned", name="dypred"))
    if not close(as_tensor(read(loss, "dypred"), "dypred"), expected):
        raise Stop(Verdict.WRONG, text("value.stored_differs", name="dypred"))


def loss_topic(title, shape):
    """Both checks of a loss whose predictions have `shape(size)`."""
    return Topic(title, forward=forward_check(shape), dypred=gradient_check(shape))


sample_loss = loss_topic("SquaredLoss", sample_shape)
batch_loss = loss_topic("MSELoss", column_shape)
mse_loss = loss_topic("MSELoss", dense_shape)

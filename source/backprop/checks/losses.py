"""Checks of `SquaredLoss` and `MSELoss`: L = mean of (ŷ − y)² and its gradient."""

import contextlib

from . import by_hand, reference, slips
from .calls import call, read, subject
from .cases import cases
from .diagnosis import verdict
from .layers import check_both_places
from .messages import text
from .outcome import Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close


def sample_shape(size):
    """One number."""
    return ()


def column_shape(size):
    """One output for each row."""
    return (size.k, 1)


def dense_shape(size):
    """n outputs for each row."""
    return (size.k, size.n)


def forward_check(shape):
    """forward twice with one object: the second answer must not remember the first."""

    def judge(loss_class, trials):
        comparisons, explained = [], []
        for case in cases(trials):
            loss = call(subject(loss_class, "class"))
            for _ in range(2):
                y_pred, y_true = case.normal(*shape(case.size)), case.normal(*shape(case.size))
                arguments = y_pred.clone(), y_true.clone()
                got = as_tensor(call(loss.forward, *arguments), "forward")
                _check_untouched(arguments, (y_pred, y_true))
                comparisons.append(Comparison(got, reference.mean_squared_error(y_pred, y_true)))
                explained.append(slips.loss_forward(y_pred, y_true))
            if comparisons[-2].ok and not comparisons[-1].ok:
                raise Stop(Verdict.WRONG, text("pure.accumulates", name="forward"))
        return verdict("forward", comparisons, explained)

    return judge


def gradient_check(shape):
    """backward returns ∂L/∂ŷ, stores it as `dypred`, and neither changes nor remembers its arguments."""

    def judge(loss_class, trials):
        comparisons, explained = [], []
        for case in cases(trials):
            loss = call(subject(loss_class, "class"))
            for _ in range(2):
                y_pred, y_true = case.normal(*shape(case.size)), case.normal(*shape(case.size))
                arguments = y_pred.clone(), y_true.clone()
                with contextlib.suppress(Stop):  # forward has a check of its own
                    call(loss.forward, *arguments)
                with by_hand.only(*arguments):
                    result = call(loss.backward, *arguments)
                _check_untouched(arguments, (y_pred, y_true))
                expected = reference.loss_gradient(y_pred, y_true)
                stored = as_tensor(getattr(loss, "dypred", result), "dypred")
                check_both_places("dypred", stored, result, expected)
                read(loss, "dypred")
                comparisons.append(Comparison(stored, expected))
                explained.append(slips.loss(y_pred, y_true, expected))
            if comparisons[-2].ok and not comparisons[-1].ok:
                raise Stop(Verdict.WRONG, text("pure.accumulates", name="dypred"))
        return verdict("dypred", comparisons, explained)

    return judge


def _check_untouched(arguments, given):
    """Raises Stop when a call has changed one of its arguments."""
    for name, argument, before in zip(("y_pred", "y_true"), arguments, given, strict=True):
        if not close(as_tensor(argument, name), before):
            raise Stop(Verdict.WRONG, text("pure.argument", name=name))


def loss_topic(title, shape):
    """Both checks of a loss whose predictions have `shape(size)`."""
    return Topic(title, forward=forward_check(shape), dypred=gradient_check(shape))


sample_loss = loss_topic("SquaredLoss", sample_shape)
batch_loss = loss_topic("MSELoss", column_shape)
mse_loss = loss_topic("MSELoss", dense_shape)

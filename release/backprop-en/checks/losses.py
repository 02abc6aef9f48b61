"""Checks of `SquaredLoss` and `MSELoss`: L = mean of (ŷ − y)² and its gradient."""

from . import by_hand, examples, loss_slips, reference
from .calls import call, demand, returned, subject
from .cases import LARGE, TALL, cases, long_case
from .diagnosis import verdict
from .layers import check_both_places, check_derived
from .messages import text
from .outcome import Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, close, same


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
        comparisons, drawn = [], []
        for case in cases(trials):
            loss = call(subject(loss_class, "class"))
            for _ in range(2):
                given = case.normal(*shape(case.size)), case.normal(*shape(case.size))
                comparisons.append(Comparison(_forward(loss, given), reference.mean_squared_error(*given)))
                drawn.append(given)
            last = comparisons[-1]
            if not last.ok and close(_forward(call(loss_class), given), last.expected):
                raise Stop(Verdict.WRONG, text("pure.remembers"))
        return verdict("forward", comparisons, (loss_slips.loss_forward(*given) for given in drawn))

    return judge


def _forward(loss, given):
    arguments = [tensor.clone() for tensor in given]
    got = as_tensor(returned(call(loss.forward, *arguments), "forward"), "forward")
    _check_untouched(arguments, given)
    return got


def gradient_check(shape):
    """backward returns ∂L/∂ŷ, stores it as `dypred`, and neither changes nor remembers its arguments."""

    def judge(loss_class, trials):
        comparisons, drawn = [], []
        for case in cases(trials):
            loss = call(subject(loss_class, "class"))
            for _ in range(2):
                given = case.normal(*shape(case.size)), case.normal(*shape(case.size))
                expected = reference.loss_gradient(*given)
                result, stored, found = _backward(loss, given)
                check_both_places("dypred", stored, result, expected)
                comparisons.append(Comparison(stored, expected))
                drawn.append((*given, expected))
            demand(found, loss, "dypred", result)
            if not comparisons[-1].ok and not same(stored, _backward(call(loss_class), given)[1]):
                raise Stop(Verdict.WRONG, text("pure.accumulates", name="dypred"))
        row = verdict("dypred", comparisons, (loss_slips.loss(*values) for values in drawn))
        # a difference of two squares is right but for its step
        plausible = row.ok or row.message.key == "value.precision"
        for values in _telltales(shape, *drawn[0][:2]) if plausible and not trials else ():
            answer = _backward(call(loss_class), values)[1]
            if row.ok:
                check_derived(Comparison(answer, reference.loss_gradient(*values)))
        return row

    return judge


def _telltales(shape, y_pred, y_true):
    """Arguments by which a gradient that was not derived gives itself away: see `TALL` and `LARGE`."""
    case = long_case()
    return (case.normal(*shape(TALL)), case.normal(*shape(TALL))), (y_pred * LARGE, y_true)


def _backward(loss, given):
    """What backward returned, the gradient that it stored or else returned, and {name: what it stored}."""
    arguments = [tensor.clone() for tensor in given]
    result, found = call(by_hand.passes, loss, arguments, len(arguments), ["dypred"])
    _check_untouched(arguments, given)
    stored = demand(found, loss, "dypred") if result is None else found.get("dypred")
    return result, as_tensor(result if stored is None else stored, "dypred"), found


def _check_untouched(arguments, given):
    """Raises Stop when a call has changed one of its arguments."""
    for name, argument, before in zip(("y_pred", "y_true"), arguments, given, strict=True):
        if not close(as_tensor(argument, name), before):
            raise Stop(Verdict.WRONG, text("pure.argument", name=name))


def loss_topic(title, shape):
    """Both checks of a loss whose predictions have `shape(size)`."""
    example = examples.loss(title, shape(examples.COLUMN if shape is column_shape else examples.SIZE))
    return Topic(
        title, hinted=("dypred",), example=example, forward=forward_check(shape), dypred=gradient_check(shape)
    )


sample_loss = loss_topic("SquaredLoss", sample_shape)
batch_loss = loss_topic("MSELoss", column_shape)
mse_loss = loss_topic("MSELoss", dense_shape)

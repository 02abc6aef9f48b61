"""Checks of `SquaredLoss` and `MSELoss`: L = mean of (ŷ − y)² and its gradient."""

from . import examples, loss_slips, reference
from .calls import demand, returned, subject
from .cases import LARGE, TALL, cases
from .diagnosis import verdict
from .gradients import check_both_places, check_derived
from .messages import text
from .outcome import Stop, Verdict
from .scripts import asked
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
        for pairs, answer in _asked(loss_class, _forward_steps, _pairs(shape, trials)):
            loss = answer()
            for given in pairs:
                got = _forward(answer, given, loss)
                comparisons.append(Comparison(got, reference.mean_squared_error(*given)))
                drawn.append(given)
            last = comparisons[-1]
            if not last.ok and close(_alone(loss_class, _forward_steps, _forward, given), last.expected):
                raise Stop(Verdict.WRONG, text("pure.remembers"))
        return verdict("forward", comparisons, (loss_slips.loss_forward(*given) for given in drawn))

    return judge


def _pairs(shape, trials):
    """For each case two pairs of random predictions and answers."""
    return [[tuple(case.normal(*shape(case.size)) for _ in "yt") for _ in range(2)] for case in cases(trials)]


def _meet(y_pred, y_true):
    """Make one prediction right, to the last digit: nothing may be divided by its error."""
    y_true.view(-1)[0] = y_pred.view(-1)[0]


def _asked(loss_class, steps, drawn):
    """(pairs, answer) for each list of pairs: one loss object is given all pairs of a list."""
    scripts = [[("built",), *(step for given in pairs for step in steps(given))] for pairs in drawn]
    return zip(drawn, asked(subject(loss_class, "class"), scripts), strict=True)


def _alone(loss_class, steps, read, given):
    """What `read` makes of the answers of a new object that is given nothing else."""
    ((_, answer),) = _asked(loss_class, steps, [[given]])
    return read(answer, given, answer())


def _forward_steps(given):
    return [("forward", *given), ("given",)]


def _forward(answer, given, loss):
    got = as_tensor(returned(answer(), "forward"), "forward")
    _check_untouched(answer(), given)
    return got


def gradient_check(shape):
    """backward returns ∂L/∂ŷ, stores it as `dypred`, and neither changes nor remembers its arguments."""

    def judge(loss_class, trials):
        comparisons, drawn = [], []
        cases_drawn = _pairs(shape, trials)
        _meet(*cases_drawn[0][1])
        for pairs, answer in _asked(loss_class, _backward_steps, cases_drawn):
            loss = answer()
            for given in pairs:
                expected = reference.loss_gradient(*given)
                result, stored, found = _backward(answer, given, loss)
                check_both_places("dypred", stored, result, expected)
                comparisons.append(Comparison(stored, expected))
                drawn.append((*given, expected))
            demand(found, loss, "dypred", result)
            if not comparisons[-1].ok and not same(
                stored, _alone(loss_class, _backward_steps, _backward, given)[1]
            ):
                raise Stop(Verdict.WRONG, text("pure.accumulates", name="dypred"))
        row = verdict("dypred", comparisons, (loss_slips.loss(*values) for values in drawn))
        # a difference of two squares is right but for its step
        plausible = row.ok or row.message.key == "value.precision"
        telltales = _telltales(shape) if plausible and not trials else ()
        for (values,), answer in _asked(loss_class, _backward_steps, [[values] for values in telltales]):
            loss = answer()
            _, stored, _ = _backward(answer, values, loss)
            if row.ok:
                check_derived(Comparison(stored, reference.loss_gradient(*values)))
        return row

    return judge


def _telltales(shape):
    """Arguments by which a gradient that was not derived gives itself away: see `TALL` and `LARGE`."""
    case, size = cases(1)[0], shape(TALL)
    return (case.normal(*size), case.normal(*size)), (case.normal(*size) * LARGE, case.normal(*size))


def _backward_steps(given):
    return [("passes", [*given], len(given), ["dypred"]), ("result",), ("given",)]


def _backward(answer, given, loss):
    """What backward returned, the gradient that it stored or else returned, and {name: what it stored}."""
    found, result = answer(), answer()
    _check_untouched(answer(), given)
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

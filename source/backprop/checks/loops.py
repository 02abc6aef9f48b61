"""Checks of `sgd_epoch`, `minibatch_epoch` and `gd_step`, made with the stand-in layer and loss."""

import numpy as np
import torch

from .loop_runs import Loop
from .loop_slips import explain_losses, explain_parameters, losses_along, wrong_rows
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import as_tensor, close, shape_text


def losses_check(loop):
    """The reported losses: one per update, in order, each taken before its update.

    They are right if they are those of a right run, or of the parameters that the learner's own updates
    led through: a wrong update costs the points of `parameters` alone.
    """

    def judge(function, trials):
        wrong = []
        for run in loop.runs(function, trials):
            losses = _losses(run.result, scalar=loop.batch_size is None)
            if len(losses) != len(run.batches):
                count = text("loop.count", got=len(losses), expected=len(run.batches))
                seen = wrong_rows(run) if len(losses) == len(run.layer.passes) else []
                raise Stop(Verdict.SHAPE, (seen or [count])[0])
            paths = [run.right_path(), run.own_path()]
            expected = [losses_along(run, path) for path in paths if len(path) == len(run.batches) + 1]
            if not any(close(losses, right) for right in expected):
                wrong.append((run, losses, expected[-1]))
        if wrong:
            raise Stop(Verdict.WRONG, explain_losses(wrong))
        return Row(Verdict.OK)

    return judge


def _losses(result, scalar):
    if result is None:
        raise Stop(Verdict.UNDONE, text("value.not_returned", name="losses"))
    values = [result] if scalar else result
    if not isinstance(values, (list, tuple, torch.Tensor, np.ndarray)) or getattr(values, "ndim", 1) == 0:
        raise Stop(Verdict.WRONG, text("loop.not_list", type=type(result).__name__))
    losses = [as_tensor(value, "loss") for value in values]
    if any(loss.numel() != 1 for loss in losses):
        wrong = next(loss for loss in losses if loss.numel() != 1)
        raise Stop(Verdict.SHAPE, text("loop.not_scalar", shape=shape_text(wrong)))
    return torch.tensor([loss.item() for loss in losses], dtype=torch.float64)


def parameters_check(loop):
    """The parameters after the epoch; the data and `order` are left as they were."""

    def judge(function, trials):
        wrong = []
        for run in loop.runs(function, trials):
            if run.changed:
                raise Stop(Verdict.WRONG, text("pure.argument", name=", ".join(run.changed)))
            for name, expected in zip(("weights", "bias"), run.right_path()[-1], strict=True):
                got = as_tensor(getattr(run.layer, name), name)
                if got.shape != expected.shape:
                    raise Stop(
                        Verdict.SHAPE,
                        text("value.shape", name=name, yours=shape_text(got), expected=shape_text(expected)),
                    )
                if not close(got, expected):
                    wrong.append(run)
                    break
        if wrong:
            raise Stop(Verdict.WRONG, explain_parameters(wrong))
        return Row(Verdict.OK)

    return judge


def beyond_check(plain, beyond):
    """Losses and parameters for the sizes of `beyond`, which ask for more than those of `plain`.

    What is wrong for the plain sizes already costs its points there and is not judged again here, unless
    nothing is right.
    """
    parts = [(check(plain), check(beyond)) for check in (losses_check, parameters_check)]

    def judge(function, trials):
        failures = []
        for plain_judge, beyond_judge in parts:
            before, failure = (
                _failure(plain_judge, function, trials),
                _failure(beyond_judge, function, trials),
            )
            if failure and not before:
                raise failure
            failures.append(failure)
        if all(failures):
            raise failures[0]
        return Row(Verdict.OK)

    return judge


def _failure(judge, function, trials):
    try:
        judge(function, trials)
    except Stop as stop:
        return stop
    return None


SGD = Loop(sizes=[7, 1, 5], batch_size=1, sample=True)
# not by 4, where the doubled gradient 2 · 2/4 · (ŷ − y) would be the bare difference
MINIBATCH = Loop(sizes=[10, 15, 5], batch_size=5)
REMAINDER = Loop(sizes=[12, 3, 11], batch_size=5)
BATCH = Loop(sizes=[6, 1, 9], batch_size=None)
OUTPUTS = Loop(sizes=[6, 1, 9], batch_size=None, outputs=3)

sgd_epoch = Topic("sgd_epoch", losses=losses_check(SGD), parameters=parameters_check(SGD))
minibatch_epoch = Topic(
    "minibatch_epoch",
    losses=losses_check(MINIBATCH),
    parameters=parameters_check(MINIBATCH),
    remainder=beyond_check(MINIBATCH, REMAINDER),
)
gd_step = Topic(
    "gd_step",
    loss=losses_check(BATCH),
    parameters=parameters_check(BATCH),
    outputs=beyond_check(BATCH, OUTPUTS),
)

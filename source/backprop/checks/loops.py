"""Checks of `sgd_epoch`, `minibatch_epoch` and `gd_step`, made with the stand-in layer and loss."""

import numpy as np
import torch

from . import examples, standins
from .calls import returned
from .loop_runs import Loop
from .loop_slips import explain_losses, explain_parameters, losses_along, wrong_rows
from .messages import text
from .outcome import Row, Stop, Verdict, measured
from .topic import Topic
from .values import OF_TYPE, as_tensor, close, error_text, is_numeric, relative_error, shape_text, type_name


def losses_check(loop):
    """The reported losses: one per update, in order, each taken before its update.

    They are right if they are those of a right run, or of the parameters that the learner's own updates
    led through: a wrong update costs the points of `parameters` alone.
    """

    def judge(function, trials):
        wrong, errors = [], []
        for run in loop.runs(function, trials):
            losses = _losses(returned(run.result, loop.function), scalar=loop.batch_size is None)
            if len(losses) != len(run.batches):
                count = text("loop.count", got=len(losses), expected=len(run.batches))
                seen = wrong_rows(run) if len(losses) == len(run.layer.passes) else []
                raise Stop(Verdict.SHAPE, (seen or [count])[0])
            paths = [run.right_path(), run.own_path()]
            expected = [losses_along(run, path) for path in paths if len(path) == len(run.batches) + 1]
            if not any(close(losses, right) for right in expected):
                wrong.append((run, losses, expected[-1]))
            error = min(relative_error(losses, right) for right in expected)
            errors.append(error)
            measured(f"({len(losses)},)", f"({len(run.batches)},)", error_text(max(errors)))
        if wrong:
            raise Stop(Verdict.WRONG, explain_losses(wrong))
        return Row(Verdict.OK)

    return judge


def _losses(result, scalar):
    if scalar and not _may_be_loss(result):
        raise Stop(Verdict.WRONG, text("loop.not_number", type=type_name(result)))
    values = [result] if scalar else result
    if not isinstance(values, (list, tuple, torch.Tensor, np.ndarray)) or getattr(values, "ndim", 1) == 0:
        raise Stop(Verdict.WRONG, text("loop.not_list", type=type_name(result)))
    for value in values:
        if not _may_be_loss(value):
            raise Stop(Verdict.WRONG, text("loop.not_numbers", type=type_name(value)))
    losses = [as_tensor(value, "loss") for value in values]
    if any(loss.numel() != 1 for loss in losses):
        wrong = next(loss for loss in losses if loss.numel() != 1)
        raise Stop(Verdict.SHAPE, text("loop.not_scalar", shape=shape_text(wrong)))
    return torch.tensor([loss.item() for loss in losses], dtype=torch.float64)


def _may_be_loss(value):
    """Whether it is a number, or a function whose call was forgotten, which `as_tensor` knows how to tell."""
    return is_numeric(value) or OF_TYPE.get(type_name(value)) == "value.function"


def parameters_check(loop):
    """The parameters after the epoch; the data and `order` are left as they were."""

    def judge(function, trials):
        wrong, errors = [], []
        for run in loop.runs(function, trials):
            if run.changed:
                raise Stop(Verdict.WRONG, text("pure.argument", name=", ".join(run.changed)))
            for name, expected in zip(("weights", "bias"), run.right_path()[-1], strict=True):
                got = as_tensor(getattr(run.layer, name), name)
                if got.shape != expected.shape:
                    raise Stop(
                        Verdict.SHAPE,
                        text(
                            "loop.parameter_shape",
                            name=name,
                            yours=shape_text(got),
                            expected=shape_text(expected),
                        ),
                    )
                errors.append(relative_error(got, expected))
                measured("—", "—", error_text(max(errors)))
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


OF_BATCHES = frozenset(
    f"loop.{name}"
    for name in (
        "backward_by_row", "divided_by_full", "dropped_last", "first_batch", "overlap", "same_batch",
        "single_rows", "sizes", "upstream_scaled",
    )
)  # fmt: skip
OF_ORDER = frozenset(
    f"loop.{name}" for name in ("by_row", "last_lost", "losses", "order", "parameters", "rows")
)
OF_OUTPUTS = frozenset({"loop.upstream_times_n"})

SGD = Loop(
    "sgd_epoch",
    standins.WatchedNeuron,
    sizes=[7, 1, 5],
    batch_size=1,
    sample=True,
    unsaid=OF_BATCHES | OF_OUTPUTS,
)
# not by 4, where the doubled gradient 2 · 2/4 · (ŷ − y) would be the bare difference
MINIBATCH = Loop("minibatch_epoch", standins.WatchedNeuron, sizes=[10, 15, 5], batch_size=5)
REMAINDER = Loop("minibatch_epoch", standins.WatchedNeuron, sizes=[12, 3, 11], batch_size=5)
WHOLE = {"sizes": [6, 1, 9], "batch_size": None, "unsaid": OF_BATCHES | OF_ORDER}
BATCH = Loop("gd_step", standins.WatchedLayer, **WHOLE)
OUTPUTS = Loop("gd_step", standins.WatchedLayer, outputs=3, **WHOLE)

sgd_epoch = Topic(
    "sgd_epoch",
    example=examples.loop("sgd_epoch", True, 1),
    losses=losses_check(SGD),
    parameters=parameters_check(SGD),
)
minibatch_epoch = Topic(
    "minibatch_epoch",
    example=examples.loop("minibatch_epoch", False, 2),
    losses=losses_check(MINIBATCH),
    parameters=parameters_check(MINIBATCH),
    remainder=beyond_check(MINIBATCH, REMAINDER),
)
gd_step = Topic(
    "gd_step",
    example=examples.loop("gd_step", False, None),
    loss=losses_check(BATCH),
    parameters=parameters_check(BATCH),
    outputs=beyond_check(BATCH, OUTPUTS),
)

"""Checks of what the training scripts note down on the way: `history` and `snapshots`."""

import itertools

import numpy as np
import torch

from . import data
from .calls import subject
from .messages import text
from .outcome import Row, Stop, Verdict, measured
from .topic import Topic
from .values import as_tensor, is_numeric, shape_text

FEWEST_EPOCHS = 10  # plain gradient descent does not get there in fewer
LISTS = (list, tuple, torch.Tensor, np.ndarray)
WORSE = 1.5  # how much worse than the best one the last loss and the last snapshot may be


def history_check(history, trials):
    """A number per epoch, finite, and training went down."""
    _losses(history)
    return Row(Verdict.OK)


def _losses(history):
    """The losses as one tensor. Raises Stop when `history` is not what history_check wants."""
    subject(history, "history")
    if not isinstance(history, LISTS):
        raise Stop(Verdict.WRONG, text("history.list", type=type(history).__name__))
    if len(history) < 2:
        raise Stop(Verdict.WRONG, text("history.empty" if len(history) == 0 else "history.one"))
    losses = torch.tensor([_number(loss) for loss in history], dtype=torch.float64)
    about = {"first": f"{losses[0]:.4g}", "last": f"{losses[-1]:.4g}", "count": len(losses)}
    measured(text("measured.history", **about), text("measured.falls", count=FEWEST_EPOCHS))
    if not torch.isfinite(losses).all():
        raise Stop(Verdict.WRONG, text("history.not_finite"))
    if losses[-1] >= losses[0]:
        raise Stop(Verdict.WRONG, text("history.grows", first=f"{losses[0]:.4g}", last=f"{losses[-1]:.4g}"))
    if len(losses) < FEWEST_EPOCHS:
        raise Stop(Verdict.WRONG, text("history.few", count=len(losses)))
    return losses


def _number(loss):
    """One loss as a number. Raises Stop when it is not one."""
    if isinstance(loss, float):
        return loss
    if not is_numeric(loss) or as_tensor(loss, "history").numel() != 1:
        raise Stop(Verdict.SHAPE, text("history.numbers"))
    return as_tensor(loss, "history").item()


def snapshots_check(snapshots, history, trials):
    """At least four epochs and the last one; predictions (100, 1) that differ from one another."""
    subject(snapshots, "snapshots")
    if not isinstance(snapshots, dict):
        raise Stop(Verdict.WRONG, text("snapshots.dict", type=type(snapshots).__name__))
    if len(snapshots) < 5:
        raise Stop(Verdict.WRONG, text("snapshots.few", count=len(snapshots)))
    stored = {}
    for epoch, value in snapshots.items():
        tensor = as_tensor(_unlisted(value), f"snapshots[{epoch}]")
        if tensor.shape != (100, 1):
            raise Stop(Verdict.SHAPE, text("snapshots.shape", epoch=epoch, yours=shape_text(tensor)))
        if not torch.isfinite(tensor).all():
            raise Stop(Verdict.WRONG, text("training.not_finite", name=f"snapshots[{epoch}]"))
        stored[_epoch(epoch)] = tensor
    measured(text("measured.snapshots", count=len(stored), last=max(stored)), "≥ 5")
    length = len(history) if isinstance(history, LISTS) else 0  # anything else costs the points of history
    if max(stored) < length - 1:
        raise Stop(Verdict.WRONG, text("snapshots.no_last", last=max(stored), expected=length))
    epochs = sorted(stored)
    same = [
        (one, other) for one, other in itertools.pairwise(epochs) if torch.equal(stored[one], stored[other])
    ]
    if len(same) == len(epochs) - 1:
        raise Stop(Verdict.WRONG, text("snapshots.same"))
    _check_last_snapshot([stored[epoch] for epoch in epochs], history)
    return Row(Verdict.OK)


def _unlisted(value):
    """A list of numbers or of rows as an array; anything else as it is."""
    try:
        return np.array(value, dtype=np.float64) if isinstance(value, list) else value
    except (TypeError, ValueError):
        return value


def _epoch(key):
    """The number of an epoch. Raises Stop for a key that is no number."""
    try:
        return int(key)
    except (TypeError, ValueError):
        raise Stop(Verdict.WRONG, text("snapshots.keys", key=key)) from None


def _check_last_snapshot(snapshots, history):
    """Where history ends well, so must the snapshots; a training gone wrong is not their fault."""
    try:
        losses = _losses(history)
    except Stop:
        return
    _, y = data.parabola()
    errors = [((snapshot - y) ** 2).mean().item() for snapshot in snapshots]
    if losses[-1] <= WORSE * losses.min() and errors[-1] > WORSE * min(errors):
        raise Stop(Verdict.WRONG, text("snapshots.not_last", loss=f"{errors[-1]:.3g}"))


history = Topic("history", where="snapshots", bounds=True, result=history_check)
snapshots = Topic("snapshots", bounds=True, result=snapshots_check)

"""Explains wrong losses and wrong parameters of a training loop by what the stand-in layer saw."""

import torch

from . import reference
from .loop_runs import LR
from .messages import text
from .values import close, error_text, relative_error

DIGITS = 6  # losses rounded to so many digits or fewer are called rounded


def losses_along(run, path):
    """The loss of every batch before its update, when the parameters went along `path`."""
    return torch.stack([run.loss(point, rows) for rows, point in zip(run.batches, path, strict=False)])


def explain_losses(wrong):
    """The slip that explains the losses of every wrong run, or where the first of them differs."""
    changed = [name for run, _, _ in wrong for name in run.changed]
    if changed:
        return text("pure.argument", name=changed[0])
    explained = [_loss_slips(run, right) for run, _, right in wrong]
    for slips in zip(*explained, strict=True):
        said = text(slips[0][0])
        fits = all(close(losses, slip) for (_, losses, _), (_, slip) in zip(wrong, slips, strict=True))
        if fits and wrong[0][0].may_say(said):
            return said
    seen = _shared([wrong_rows(run) for run, _, _ in wrong if len(run.batches) > 1] or [[]])
    if seen and seen.key != "loop.rows":
        return seen
    _, losses, right = wrong[0]
    if not torch.isfinite(losses).all():  # a stand-in makes NaN of an upstream gradient of another size
        causes = _shared([_causes(run) for run, _, _ in wrong])
        return causes or text("value.not_finite", name="losses")
    if relative_error(losses, right) < 1e-5:
        return text("loop.precision")
    if len(losses) > 1 and relative_error(losses[:1], right[:1]) > 1e-6:
        return text("loop.first_loss", got=f"{losses[0]:.4g}", expected=f"{right[0]:.4g}")
    key = "loop.losses" if len(losses) > 1 else "loop.one_loss"
    return text(key, error=error_text(relative_error(losses, right)))


def _loss_slips(run, right):
    """What each typical slip reports when the updates are the learner's own, as pairs of key and losses."""
    path = run.own_path() if len(run.layer.passes) == len(run.batches) else run.right_path()
    updates = list(zip(run.batches, path, strict=False))
    files = run.in_file_order()
    pairs = list(zip(run.batches, files, path, strict=False))
    rows = torch.tensor([len(batch) for batch in run.batches])
    outputs = run.targets.shape[1]
    numbers = torch.arange(1, len(right) + 1)
    by_row = torch.full_like(right, torch.nan)
    if len(run.inputs) == len(right):
        by_row[torch.cat(run.batches)] = right
    slips = [
        ("loop.after", losses_along(run, path[1:])),
        ("loop.frozen", torch.stack([run.loss(path[0], batch) for batch in run.batches])),
        ("loop.averaged", right.mean().expand_as(right)),
        ("loop.running_mean", right.cumsum(0) / numbers),
        ("loop.running_sum", right.cumsum(0)),
        ("loop.by_row", by_row),
        (
            "loop.order",
            torch.stack([run.loss(point, batch) for batch, (_, point) in zip(files, updates, strict=True)]),
        ),
        ("loop.pairs", torch.stack([run.loss(point, batch, file) for batch, file, point in pairs])),
        ("loop.pairs", torch.stack([run.loss(point, file, batch) for batch, file, point in pairs])),
        ("loop.summed", right * rows * outputs),
        ("loop.summed", right * rows),
        ("loop.summed", right * outputs),
        ("loop.divided", right / rows),
        ("loop.divided", right / len(run.inputs)),
        ("loop.divided", right / len(right)),
        ("loop.divided_by_full", right * rows / run.size),
        ("loop.first_batch", torch.stack([run.loss(point, run.batches[0]) for point in path[: len(right)]])),
        ("loop.root", right.sqrt()),
        ("loop.zeros", torch.zeros_like(right)),
        ("loop.truncated", right.trunc()),
    ]
    if run.layer.weights.ndim == 1:
        gradients = torch.stack([run.dldy(point, batch) for batch, point in updates])
        slips.append(("loop.gradient", gradients))
    elif outputs == 1:
        tables = torch.stack([run.broadcast_loss(point, batch) for batch, point in updates])
        slips.append(("loop.broadcast", tables))
    return slips + [("loop.rounded", torch.round(right, decimals=digits)) for digits in range(DIGITS + 1)]


def explain_parameters(wrong):
    """What went wrong in every wrong run, as the layer saw it."""
    telling = [run for run in wrong if len(run.batches) > 1] or wrong  # with one batch slips look alike
    said = text("loop.parameters")
    return _shared([_causes(run) for run in telling]) or (
        said if wrong[0].may_say(said) else text("loop.one_step")
    )


def _shared(explained):
    """The first message of the first run whose key is among the messages of every run, or None."""
    keys = [{message.key for message in messages} for messages in explained]
    return next((message for message in explained[0] if all(message.key in some for some in keys)), None)


def _causes(run):
    """The names for what went wrong that the learner's task has words for."""
    return [message for message in _all_causes(run) if run.may_say(message)]


def _all_causes(run):
    """What the layer saw go wrong in this run: every name for the first thing that did."""
    layer = run.layer
    still = all(map(torch.equal, (layer.weights, layer.bias), layer.initial))
    if not layer.passes:
        return [text("loop.no_backward" if still else "loop.past_layer")]
    if not layer.rates and still:
        return [text("loop.no_step")]
    return wrong_rows(run) or _wrong_upstream(run) or _wrong_steps(layer.rates, len(run.batches))


def _inputs(run):
    """The rows that each backward pass was given, (rows, m) also for one row."""
    return [inputs.reshape(-1, inputs.shape[-1]) for _, _, inputs, _ in run.layer.passes]


def _same(got, expected):
    return len(got) == len(expected) and all(map(close, got, expected))


def wrong_rows(run):
    """What is wrong with the number of backward passes or with the rows of X they were given, if anything."""
    found = _wrong_count(run) if len(run.layer.passes) != len(run.batches) else _wrong_batches(run)
    return [message for message in found if run.may_say(message)]


def _wrong_count(run):
    got, order, expected = _inputs(run), torch.cat(run.batches), len(run.batches)
    whole = [run.inputs[rows] for rows in run.batches if len(rows) == run.size]
    if len(run.batches[-1]) < run.size and _same(got, whole):
        return [text("loop.dropped_last")]
    if got and _same(got, [run.inputs[rows] for rows in run.batches[:-1]]):
        return [text("loop.last_lost")]
    if expected > 1 and run.size > 1:
        overlapping = [order[start : start + run.size] for start in range(len(order))]
        if _same(got, [run.inputs[rows] for rows in overlapping]):
            return [text("loop.overlap")]
        if _same(got, [run.inputs[row][None] for row in order]):
            steps = len(run.layer.rates)
            return [text("loop.backward_by_row" if steps == expected else "loop.single_rows")]
    if _same(got, [run.inputs]) or _same(got, [run.inputs[order]]):
        return [text("loop.whole")]
    key = "loop.few_updates" if 0 < len(got) < expected else "loop.updates"
    return [text(key, got=len(got), expected=expected)]


def _wrong_batches(run):
    got = _inputs(run)
    if _same(got, [run.inputs[rows] for rows in run.batches]):
        return []
    if _same(got, [run.inputs[rows] for rows in run.in_file_order()]):
        # the gradient of the loss shows the rows that forward was given
        return [text("loop.order" if _wrong_upstream(run) else "loop.rows")]
    if len(got) > 1 and _same(got, [run.inputs[run.batches[0]]] * len(got)):
        return [text("loop.same_batch")]
    if _same(got, [run.inputs] * len(got)):
        return [text("loop.whole")]
    sizes, expected = [len(rows) for rows in got], [len(rows) for rows in run.batches]
    return [text("loop.sizes", got=sizes, expected=expected) if sizes != expected else text("loop.rows")]


def _wrong_upstream(run):
    """Every name for what went into `backward` instead of the gradient of the loss, if it was wrong."""
    passes = list(zip([one[:2] for one in run.layer.passes], run.batches, run.in_file_order(), strict=True))
    if not all(point[0].isfinite().all() for point, _, _ in passes[1:]):
        passes = passes[:1]  # a stand-in has made NaN of it: what came first can be told
    right = [run.dldy(point, rows).flatten() for point, rows, _ in passes]
    given = [dldy.flatten() for *_, dldy in run.layer.passes[: len(right)]]
    got = [one.expand_as(full) if len(one) == 1 else one for one, full in zip(given, right, strict=True)]
    if _same(got, right):
        return []
    slips = [_upstream_slips(run, dldy, *one) for dldy, one in zip(right, passes, strict=True)]
    named = [key for key in slips[0] if _same(got, [slip[key] for slip in slips])]
    return [text(f"loop.{key}") for key in named] or [text("loop.upstream")]


def _upstream_slips(run, right, parameters, rows, file_rows):
    """What each typical slip gives to one backward pass instead of the gradient `right`, flat."""
    inputs, targets = run.batch(rows)
    y_pred = reference.affine(inputs, *parameters)
    outputs = run.targets.shape[1]
    slips = {
        "upstream_sign": -right,
        "pairs": run.dldy(parameters, rows, file_rows),
        "upstream_rate": LR * right,
        "upstream_ones": torch.ones_like(right),
        "upstream_times_n": outputs * right,
        "upstream_divided": right / len(right),
        "upstream_multiplied": right * len(right),
        "upstream_scaled": right * len(rows) / run.size,
        "upstream_first_output": right * (torch.arange(len(right)) % outputs == 0),
        "upstream_frozen": run.dldy(run.layer.initial, rows),
        "upstream_loss": run.loss(parameters, rows).expand_as(right),
        "upstream_prediction": y_pred,
        "upstream_targets": targets,
        "upstream_difference": y_pred - targets,
        "upstream_averaged": right.mean().expand_as(right),
    }
    if inputs.ndim == 2 and outputs == 1:
        slips["broadcast"] = reference.loss_gradient(y_pred, targets.flatten())
    return {key: slip.flatten() for key, slip in slips.items()}


def _wrong_steps(rates, expected):
    """What is wrong with the calls of `step`, if anything: one for each batch, with `lr`."""
    if len(rates) != expected:
        return [text("loop.steps", got=len(rates), expected=expected)]
    return [
        text("loop.rate", got=f"{rate:.4g}", expected=f"{LR:.4g}") for rate in rates if abs(rate - LR) > 1e-12
    ][:1]

"""Checks of `sgd_epoch`, `minibatch_epoch` and `gd_step`, made with the stand-in layer and loss.

The stand-in layer remembers what it was given, so a wrong result is explained by what happened.
"""

from dataclasses import dataclass

import numpy as np
import torch

from . import reference, standins
from .calls import call, subject
from .cases import Case, Size, cases
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import as_tensor, close, error_text, relative_error, shape_text

LR = 0.05
DIGITS = 6  # losses rounded to so many digits or fewer are called rounded


@dataclass
class Run:
    """One call of the learner's loop: what it was given, what it returned and left behind."""

    layer: standins.WatchedLayer
    inputs: torch.Tensor
    targets: torch.Tensor
    batches: list  # the row numbers of each update, in the right order
    size: int  # rows in a whole batch
    result: object
    changed: list  # names of arguments that are no longer what they were

    def batch(self, rows, target_rows=None):
        """Inputs and targets of one update, in the shapes that the stand-in layer takes."""
        target_rows = rows if target_rows is None else target_rows
        if self.layer.weights.ndim == 1:
            return self.inputs[rows[0]], self.targets[target_rows[0], 0]
        return self.inputs[rows], self.targets[target_rows]

    def loss(self, parameters, rows, target_rows=None):
        """The loss of one batch before its update."""
        inputs, targets = self.batch(rows, target_rows)
        return reference.mean_squared_error(reference.affine(inputs, *parameters), targets)

    def broadcast_loss(self, parameters, rows):
        """The loss when y lost its last dimension and ŷ − y became a table (k, k)."""
        inputs, targets = self.batch(rows)
        return reference.mean_squared_error(reference.affine(inputs, *parameters), targets.flatten())

    def dldy(self, parameters, rows, target_rows=None):
        """The upstream gradient of one batch."""
        inputs, targets = self.batch(rows, target_rows)
        return reference.loss_gradient(reference.affine(inputs, *parameters), targets)

    def in_file_order(self):
        """The batches of a loop that does not look at `order`."""
        rows = torch.arange(sum(len(batch) for batch in self.batches))
        return list(rows.split(self.size))

    def right_path(self):
        """The parameters before each update and, last, after all of them, when everything is right."""
        path = [self.layer.initial]
        for rows in self.batches:
            dldy = self.dldy(path[-1], rows)
            gradients = reference.layer_gradients(self.batch(rows)[0], *path[-1], dldy)
            path.append(tuple(p - LR * gradients[g] for p, g in zip(path[-1], ("dw", "db"), strict=True)))
        return path

    def own_path(self):
        """The parameters before each of the learner's updates and, last, after all of them."""
        return [one[:2] for one in self.layer.passes] + [(self.layer.weights, self.layer.bias)]


@dataclass(frozen=True)
class Loop:
    """How one kind of training loop is called and which batches it has to make.

    `sample`: the layer takes one row (m,) and gives a number. `outputs`: how many outputs the layer has.
    """

    sizes: list
    batch_size: int | None
    sample: bool = False
    outputs: int = 1

    def run(self, function, size, seed):
        """Run the learner's `function` once on random data of `size`."""
        case = Case(Size(size, 3, self.outputs), seed)
        inputs, targets = case.normal(size, 3), case.normal(size, self.outputs)
        parameters = ((3,), ()) if self.sample else ((3, self.outputs), (self.outputs,))
        layer = standins.WatchedLayer(*(case.normal(*shape) for shape in parameters))
        order = case.permutation(size)
        given = {"X": inputs, "y": targets}
        if self.batch_size is None:
            extra, batches = (LR,), [torch.arange(size)]
        else:
            given["order"] = order
            extra = (LR,) if self.sample else (self.batch_size, LR)
            batches = list(order.split(self.batch_size))
        arguments = {name: tensor.clone() for name, tensor in given.items()}
        result = call(subject(function, "function"), layer, standins.Loss(), *arguments.values(), *extra)
        changed = [name for name, tensor in given.items() if not torch.equal(arguments[name], tensor)]
        return Run(layer, inputs, targets, batches, self.batch_size or size, result, changed)

    def runs(self, function, trials):
        """Runs on the fixed sizes and `trials` of them again with values nobody knows in advance."""
        fixed = [self.run(function, size, seed) for seed, size in enumerate(self.sizes)]
        fresh = [case.seed for case in cases(trials)[len(cases()) :]]
        return fixed + [
            self.run(function, self.sizes[i % len(self.sizes)], seed) for i, seed in enumerate(fresh)
        ]


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
                seen = _wrong_rows(run) if len(losses) == len(run.layer.passes) else []
                raise Stop(Verdict.SHAPE, (seen or [count])[0])
            paths = [run.right_path(), run.own_path()]
            expected = [_losses_along(run, path) for path in paths if len(path) == len(run.batches) + 1]
            if not any(close(losses, right) for right in expected):
                wrong.append((run, losses, expected[-1]))
        if wrong:
            raise Stop(Verdict.WRONG, _explain_losses(wrong))
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


def _losses_along(run, path):
    return torch.stack([run.loss(point, rows) for rows, point in zip(run.batches, path, strict=False)])


def _explain_losses(wrong):
    """The slip that explains the losses of every wrong run, or where the first of them differs."""
    changed = [name for run, _, _ in wrong for name in run.changed]
    if changed:
        return text("pure.argument", name=changed[0])
    explained = [_loss_slips(run, right) for run, _, right in wrong]
    for slips in zip(*explained, strict=True):
        if all(close(losses, slip) for (_, losses, _), (_, slip) in zip(wrong, slips, strict=True)):
            return text(slips[0][0])
    seen = _shared([_wrong_rows(run) for run, _, _ in wrong if len(run.batches) > 1] or [[]])
    if seen and seen.key != "loop.rows":
        return seen
    _, losses, right = wrong[0]
    if not torch.isfinite(losses).all():
        return text("value.not_finite", name="losses")
    if relative_error(losses, right) < 1e-5:
        return text("loop.precision")
    if len(losses) > 1 and relative_error(losses[:1], right[:1]) > 1e-6:
        return text("loop.first_loss", got=f"{losses[0]:.4g}", expected=f"{right[0]:.4g}")
    return text("loop.losses", error=error_text(relative_error(losses, right)))


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
        ("loop.after", _losses_along(run, path[1:])),
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
        ("loop.truncated", right.trunc()),
        ("loop.zeros", torch.zeros_like(right)),
    ]
    if run.layer.weights.ndim == 1:
        gradients = torch.stack([run.dldy(point, batch) for batch, point in updates])
        slips.append(("loop.gradient", gradients))
    elif outputs == 1:
        tables = torch.stack([run.broadcast_loss(point, batch) for batch, point in updates])
        slips.append(("loop.broadcast", tables))
    return slips + [("loop.rounded", torch.round(right, decimals=digits)) for digits in range(DIGITS + 1)]


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
            raise Stop(Verdict.WRONG, _explain_parameters(wrong))
        return Row(Verdict.OK)

    return judge


def _explain_parameters(wrong):
    """What went wrong in every wrong run, as the layer saw it."""
    telling = [run for run in wrong if len(run.batches) > 1] or wrong  # with one batch slips look alike
    return _shared([_causes(run) for run in telling]) or text("loop.parameters")


def _shared(explained):
    """The first message of the first run whose key is among the messages of every run, or None."""
    keys = [{message.key for message in messages} for messages in explained]
    return next((message for message in explained[0] if all(message.key in some for some in keys)), None)


def _causes(run):
    """What the layer saw go wrong in this run: every name for the first thing that did."""
    layer = run.layer
    if not layer.passes:
        return [text("loop.no_backward")]
    if not layer.rates and all(map(torch.equal, (layer.weights, layer.bias), layer.initial)):
        return [text("loop.no_step")]
    return _wrong_rows(run) or _wrong_upstream(run) or _wrong_steps(layer.rates, len(run.batches))


def _inputs(run):
    """The rows that each backward pass was given, (rows, m) also for one row."""
    return [inputs.reshape(-1, inputs.shape[-1]) for _, _, inputs, _ in run.layer.passes]


def _same(got, expected):
    return len(got) == len(expected) and all(map(close, got, expected))


def _wrong_rows(run):
    """What is wrong with the number of backward passes or with the rows of X they were given, if anything."""
    return _wrong_count(run) if len(run.layer.passes) != len(run.batches) else _wrong_batches(run)


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
            return [text("loop.single_rows")]
    if _same(got, [run.inputs]) or _same(got, [run.inputs[order]]):
        return [text("loop.whole")]
    return [text("loop.updates", got=len(got), expected=expected)]


def _wrong_batches(run):
    got = _inputs(run)
    if _same(got, [run.inputs[rows] for rows in run.batches]):
        return []
    if _same(got, [run.inputs[rows] for rows in run.in_file_order()]):
        return [text("loop.order")]
    if len(got) > 1 and _same(got, [run.inputs[run.batches[0]]] * len(got)):
        return [text("loop.same_batch")]
    if _same(got, [run.inputs] * len(got)):
        return [text("loop.whole")]
    sizes, expected = [len(rows) for rows in got], [len(rows) for rows in run.batches]
    return [text("loop.sizes", got=sizes, expected=expected) if sizes != expected else text("loop.rows")]


def _wrong_upstream(run):
    """Every name for what went into `backward` instead of the gradient of the loss, if it was wrong."""
    got = [dldy.flatten() for *_, dldy in run.layer.passes]
    passes = list(zip([one[:2] for one in run.layer.passes], run.batches, run.in_file_order(), strict=True))
    right = [run.dldy(point, rows).flatten() for point, rows, _ in passes]
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
MINIBATCH = Loop(sizes=[8, 12, 4], batch_size=4)
REMAINDER = Loop(sizes=[10, 3, 9], batch_size=4)
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

"""Checks of `sgd_epoch`, `minibatch_epoch` and `gd_step`, made with the stand-in layer and loss."""

from dataclasses import dataclass

import torch

from . import reference, standins
from .calls import call, subject
from .cases import Case, Size, cases
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import as_tensor, close, error_text, relative_error, shape_text

LR = 0.05


@dataclass
class Run:
    """One call of the learner's loop: what it was given, what it returned and left behind."""

    layer: standins.Layer
    inputs: torch.Tensor
    targets: torch.Tensor
    batches: list  # the row numbers of each update, in the right order
    result: object
    changed: list  # names of arguments that are no longer what they were


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
        layer = standins.Layer(*(case.normal(*shape) for shape in parameters))
        layer.initial = (layer.weights.clone(), layer.bias.clone())
        order = case.permutation(size)
        given = {"X": inputs, "y": targets}
        arguments = {name: tensor.clone() for name, tensor in given.items()}
        if self.batch_size is None:
            extra, batches = (LR,), [torch.arange(size)]
        else:
            given["order"], arguments["order"] = order, order.clone()
            step = 1 if self.sample else self.batch_size
            extra, batches = ((LR,) if self.sample else (self.batch_size, LR)), list(order.split(step))
        result = call(subject(function, "function"), layer, standins.Loss(), *arguments.values(), *extra)
        changed = [name for name, tensor in given.items() if not torch.equal(arguments[name], tensor)]
        return Run(layer, inputs, targets, batches, result, changed)

    def runs(self, function, trials):
        """Runs on the fixed sizes and `trials` of them again with values nobody knows in advance."""
        fixed = [self.run(function, size, seed) for seed, size in enumerate(self.sizes)]
        fresh = [case.seed for case in cases(trials)[len(cases()) :]]
        return fixed + [
            self.run(function, self.sizes[i % len(self.sizes)], seed) for i, seed in enumerate(fresh)
        ]


def _batch(run, rows):
    """Inputs and targets of one update, in the shapes that the stand-in layer takes."""
    if run.layer.weights.ndim == 1:
        return run.inputs[rows[0]], run.targets[rows[0], 0]
    return run.inputs[rows], run.targets[rows]


def _loss(run, rows, parameters):
    inputs, targets = _batch(run, rows)
    return reference.mean_squared_error(reference.affine(inputs, *parameters), targets)


def _right_path(run):
    """The parameters before each update and, last, after all of them, when everything is right."""
    weights, bias = run.layer.initial
    path = [(weights, bias)]
    for rows in run.batches:
        inputs, targets = _batch(run, rows)
        dldy = reference.loss_gradient(reference.affine(inputs, weights, bias), targets)
        gradients = reference.layer_gradients(inputs, weights, bias, dldy)
        weights, bias = weights - LR * gradients["dw"], bias - LR * gradients["db"]
        path.append((weights, bias))
    return path


def losses_check(loop):
    """The reported losses: one per update, in order, each taken before its update.

    They are right if they are those of a right run, or of the parameters that the learner's own updates
    led through: a wrong update costs the points of `parameters` alone.
    """

    def judge(function, trials):
        for run in loop.runs(function, trials):
            losses = _losses(run.result, scalar=loop.batch_size is None)
            if len(losses) != len(run.batches):
                raise Stop(Verdict.SHAPE, text("loop.count", got=len(losses), expected=len(run.batches)))
            right = torch.stack(
                [_loss(run, rows, point) for rows, point in zip(run.batches, _right_path(run), strict=False)]
            )
            if close(losses, right) or close(losses, _losses_on_own_path(run)):
                continue
            raise Stop(Verdict.WRONG, _explain_losses(run, losses, right))
        return Row(Verdict.OK)

    return judge


def _losses(result, scalar):
    if result is None:
        raise Stop(Verdict.UNDONE, text("value.not_returned", name="losses"))
    values = [result] if scalar else result
    if not isinstance(values, (list, tuple, torch.Tensor)):
        raise Stop(Verdict.WRONG, text("loop.not_list", type=type(result).__name__))
    losses = [as_tensor(value, "loss") for value in values]
    if any(loss.numel() != 1 for loss in losses):
        wrong = next(loss for loss in losses if loss.numel() != 1)
        raise Stop(Verdict.SHAPE, text("loop.not_scalar", shape=shape_text(wrong)))
    return torch.tensor([loss.item() for loss in losses], dtype=torch.float64)


def _losses_on_own_path(run):
    if len(run.layer.seen) != len(run.batches):
        return torch.full((len(run.batches),), torch.nan)
    return torch.stack(
        [_loss(run, rows, point) for rows, point in zip(run.batches, run.layer.seen, strict=True)]
    )


def _explain_losses(run, losses, right):
    path = _right_path(run)
    after = torch.stack([_loss(run, rows, point) for rows, point in zip(run.batches, path[1:], strict=True)])
    own = torch.stack([_loss(run, rows, path[0]) for rows in run.batches])
    in_file_order = torch.sort(torch.cat([rows for rows in run.batches]))[0].split(len(run.batches[0]))
    slips = {
        "loop.after": after,
        "loop.frozen": own,
        "loop.averaged": right.mean().expand_as(right),
        "loop.running_mean": right.cumsum(0) / torch.arange(1, len(right) + 1),
        "loop.summed": right * torch.tensor([len(rows) for rows in run.batches]),
        "loop.order": torch.stack([_loss(run, rows, path[0]) for rows in in_file_order])[:1].expand_as(right),
    }
    for key, slip in slips.items():
        if not close(right, slip) and close(losses, slip):
            return text(key)
    if len(losses) > 1 and relative_error(losses[:1], right[:1]) > 1e-6:
        return text("loop.first_loss", got=f"{losses[0]:.4g}", expected=f"{right[0]:.4g}")
    return text("loop.losses", error=error_text(relative_error(losses, right)))


def parameters_check(loop):
    """The parameters after the epoch; the data and `order` are left as they were."""

    def judge(function, trials):
        for run in loop.runs(function, trials):
            if run.changed:
                raise Stop(Verdict.WRONG, text("pure.argument", name=", ".join(run.changed)))
            right = _right_path(run)[-1]
            for name, expected in zip(("weights", "bias"), right, strict=True):
                got = as_tensor(getattr(run.layer, name), name)
                if got.shape != expected.shape:
                    raise Stop(
                        Verdict.SHAPE,
                        text("value.shape", name=name, yours=shape_text(got), expected=shape_text(expected)),
                    )
                if not close(got, expected):
                    raise Stop(Verdict.WRONG, _explain_parameters(run))
        return Row(Verdict.OK)

    return judge


def _explain_parameters(run):
    updates, expected = len(run.layer.seen), len(run.batches)
    if torch.equal(run.layer.weights, run.layer.initial[0]):
        return text("loop.no_step")
    if updates != expected:
        return text("loop.updates", got=updates, expected=expected)
    return text("loop.parameters")


def both_check(loop):
    """Losses and parameters at once, for sizes that need a check of their own."""
    checks = losses_check(loop), parameters_check(loop)

    def judge(function, trials):
        rows = [check(function, trials) for check in checks]
        return rows[-1]

    return judge


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
    remainder=both_check(REMAINDER),
)
gd_step = Topic(
    "gd_step", loss=losses_check(BATCH), parameters=parameters_check(BATCH), outputs=both_check(OUTPUTS)
)

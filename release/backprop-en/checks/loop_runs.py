"""Runs of the learner's training loops on the stand-in layer, which remembers what it was given."""

from dataclasses import dataclass

import torch

from . import reference, standins
from .calls import subject
from .cases import Case, Size, cases
from .scripts import asked

LR = 0.05


@dataclass
class Run:
    """One call of the learner's loop: what it was given, what it returned and left behind."""

    layer: standins.WatchedLayer
    given: dict  # the tensors X, y and maybe order
    batches: list  # the row numbers of each update, in the right order
    size: int  # rows in a whole batch
    unsaid: frozenset = frozenset()  # keys of messages about what the learner's task does not have
    result: object = None
    changed: tuple = ()  # names of arguments that are no longer what they were

    @property
    def inputs(self):
        return self.given["X"]

    @property
    def targets(self):
        return self.given["y"]

    def may_say(self, message):
        """Whether the learner's task has what this message speaks of."""
        return message.key not in self.unsaid

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

    `function` is the loop's name, `model` the stand-in for the learner's class.
    `sample`: the layer takes one row (m,) and gives a number. `outputs`: how many outputs the layer has.
    """

    function: str
    model: type
    sizes: list
    batch_size: int | None
    sample: bool = False
    outputs: int = 1
    unsaid: frozenset = frozenset()  # keys of messages about what the loop's own task does not have

    def _draw(self, size, seed):
        """A Run on random data of `size` that has not begun, and its script."""
        case = Case(Size(size, 3, self.outputs), seed)
        inputs, targets = case.normal(size, 3), case.normal(size, self.outputs)
        parameters = ((3,), ()) if self.sample else ((3, self.outputs), (self.outputs,))
        layer = self.model(*(case.normal(*shape) for shape in parameters))
        order = case.permutation(size)
        given = {"X": inputs, "y": targets}
        if self.batch_size is None:
            extra, batches = (LR,), [torch.arange(size)]
        else:
            given["order"] = order
            extra = (LR,) if self.sample else (self.batch_size, LR)
            batches = list(order.split(self.batch_size))
        criterion = standins.WatchedSampleLoss() if self.sample else standins.WatchedLoss()
        run = Run(layer, given, batches, self.batch_size or size, self.unsaid)
        return run, [("called", layer, criterion, *given.values(), *extra), ("given",)]

    def runs(self, function, trials):
        """Runs on the fixed sizes, or `trials` runs on them with values nobody knows in advance."""
        seeds = [case.seed for case in cases(trials)] if trials else range(len(self.sizes))
        drawn = [self._draw(self.sizes[i % len(self.sizes)], seed) for i, seed in enumerate(seeds)]
        runs, scripts = zip(*drawn, strict=True)
        for run, answer in zip(runs, asked(subject(function, self.function), scripts), strict=True):
            run.result = answer()
            left = zip(run.given.items(), answer(), strict=True)
            run.changed = tuple(name for (name, tensor), now in left if not torch.equal(now, tensor))
        return runs

"""Runs of the learner's training loops on the stand-in layer, which remembers what it was given."""

from dataclasses import dataclass

import torch

from . import reference, standins
from .calls import call, subject
from .cases import Case, Size, cases

LR = 0.05


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
    unsaid: frozenset = frozenset()  # keys of messages about what the learner's task does not have

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

    def run(self, function, size, seed):
        """Run the learner's `function` once on random data of `size`."""
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
        arguments = {name: tensor.clone() for name, tensor in given.items()}
        criterion = standins.WatchedSampleLoss() if self.sample else standins.WatchedLoss()
        result = call(subject(function, self.function), layer, criterion, *arguments.values(), *extra)
        changed = [name for name, tensor in given.items() if not torch.equal(arguments[name], tensor)]
        whole = self.batch_size or size
        return Run(layer, inputs, targets, batches, whole, result, changed, self.unsaid)

    def runs(self, function, trials):
        """Runs on the fixed sizes, or `trials` runs on them with values nobody knows in advance."""
        seeds = [case.seed for case in cases(trials)] if trials else range(len(self.sizes))
        return [self.run(function, self.sizes[i % len(self.sizes)], seed) for i, seed in enumerate(seeds)]

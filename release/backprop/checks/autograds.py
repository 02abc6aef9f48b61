"""Checks of `autograd_gradients`, the learner's own comparison with torch.autograd."""

import torch

from . import reference
from .calls import call, subject
from .cases import cases
from .layers import COLUMN, DENSE, SAMPLE
from .messages import text
from .outcome import Row, Stop, Verdict
from .topic import Topic
from .values import Comparison, as_tensor, error_text, shape_text

ARGUMENTS = ("inputs", "y_true", "weights", "bias")


def gradients_check(shapes, names):
    """The dict has exactly the right gradients; arguments keep their values, flags and grads."""

    def judge(function, trials):
        for case in cases(trials):
            values = shapes.draw(case)
            y_true = case.normal(*shapes.outputs(case.size))
            given = [values["inputs"], y_true, values["weights"], values["bias"]]
            arguments = [tensor.clone() for tensor in given]
            with torch.enable_grad():
                result = call(subject(function, "autograd_gradients"), *arguments)
            _check_untouched(arguments, given)
            _check_values(result, _expected(names, *given))
        return Row(Verdict.OK)

    return judge


def _expected(names, inputs, y_true, weights, bias):
    y_pred = reference.affine(inputs, weights, bias)
    dypred = reference.loss_gradient(y_pred, y_true)
    gradients = {"dypred": dypred, **reference.layer_gradients(inputs, weights, bias, dypred)}
    return {name: gradients[name] for name in names}


def _check_values(result, expected):
    if result is None:
        raise Stop(Verdict.UNDONE, text("value.not_returned", name="dict"))
    if not isinstance(result, dict) or not expected.keys() <= result.keys():
        raise Stop(Verdict.WRONG, text("autograd.keys", keys=", ".join(f'"{name}"' for name in expected)))
    for name, value in expected.items():
        comparison = Comparison(as_tensor(result[name], name), value)
        if not comparison.same_shape:
            raise Stop(
                Verdict.SHAPE,
                text("value.shape", name=name, yours=shape_text(comparison.got), expected=shape_text(value)),
            )
        if not comparison.ok:
            raise Stop(Verdict.WRONG, text("autograd.value", name=name, error=error_text(comparison.error)))


def _check_untouched(arguments, given):
    for name, argument, before in zip(ARGUMENTS, arguments, given, strict=True):
        if not torch.equal(argument.detach(), before):
            raise Stop(Verdict.WRONG, text("pure.argument", name=name))
        if argument.requires_grad or argument.grad is not None:
            raise Stop(Verdict.WRONG, text("autograd.flag", name=name))


def autograd_topic(shapes, names):
    return Topic("autograd_gradients", gradients=gradients_check(shapes, names))


sample_autograd = autograd_topic(SAMPLE, ("dypred", "dw", "db"))
batch_autograd = autograd_topic(COLUMN, ("dypred", "dw", "db"))
dense_autograd = autograd_topic(DENSE, ("dypred", "dw", "db", "dx"))

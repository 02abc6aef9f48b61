"""Checks of `autograd_gradients`, the learner's own comparison with torch.autograd."""

import inspect

import torch

from . import by_hand, examples, loss_slips, reference
from .calls import call, subject
from .cases import cases
from .diagnosis import verdict
from .messages import text
from .outcome import Row, Stop, Verdict
from .shapes import COLUMN, DENSE, SAMPLE
from .topic import Topic
from .values import Comparison, as_tensor

ARGUMENTS = ("inputs", "y_true", "weights", "bias")


def gradients_check(shapes, names):
    """The dict has exactly the right gradients; arguments keep their values, flags and grads."""

    def judge(function, trials):
        drawn, results, engines = [], [], []
        for case in cases(trials):
            values = shapes.draw(case)
            y_true = case.normal(*shapes.outputs(case.size))
            given = [values["inputs"], y_true, values["weights"], values["bias"]]
            with torch.inference_mode(False), torch.enable_grad():
                arguments = [tensor.clone() for tensor in given]
                learners = subject(function, "autograd_gradients")
                result, engine_calls = call(by_hand.engine_calls, learners, *arguments)
            _check_untouched(arguments, given)
            drawn.append(given)
            results.append(_tensors(result, names))
            engines.append(engine_calls)
        for name in names:
            _check_value(name, drawn, [result[name] for result in results], names)
        if inspect.isfunction(function) and not all(engines):
            raise Stop(Verdict.WRONG, text("autograd.by_hand"))
        return Row(Verdict.OK)

    return judge


def _tensors(result, names):
    """name → the learner's gradient. Raises Stop when the result is not a dict with all of them."""
    if result is None:
        raise Stop(Verdict.UNDONE, text("autograd.none"))
    if not isinstance(result, dict) or not set(names) <= result.keys():
        raise Stop(Verdict.WRONG, text("autograd.keys", keys=", ".join(f'"{name}"' for name in names)))
    for name in names:
        if result[name] is None:
            raise Stop(Verdict.UNDONE, text("autograd.no_grad", name=name))
    return {name: as_tensor(result[name], name) for name in names}


def _gradients(names, inputs, y_true, weights, bias, dypred=None):
    """The gradients `names` for the right ∂L/∂Ŷ or for another one."""
    if dypred is None:
        dypred = reference.loss_gradient(reference.affine(inputs, weights, bias), y_true)
    gradients = {"dypred": dypred, **reference.layer_gradients(inputs, weights, bias, dypred)}
    return {name: gradients[name] for name in names}


def _check_value(name, drawn, answers, names):
    """Raises Stop, with the slip that fits if there is one, when an answer is wrong in some case."""
    comparisons = [
        Comparison(got, _gradients(names, *given)[name]) for given, got in zip(drawn, answers, strict=True)
    ]
    row = verdict(name, comparisons, (_slips(name, names, *given) for given in drawn))
    if not row.ok:
        raise Stop(row.verdict, row.message)


def _slips(name, names, inputs, y_true, weights, bias):
    """What a learner with each typical slip would return under `name`."""
    right = _gradients(names, inputs, y_true, weights, bias)
    y_pred = reference.affine(inputs, weights, bias)
    dypreds = loss_slips.autograd(
        inputs, y_true, weights, bias, lambda target: reference.loss_gradient(y_pred, target)
    )
    losses = {
        key: _gradients(names, inputs, y_true, weights, bias, dypred)[name] for key, dypred in dypreds.items()
    }
    arguments = dict(zip(ARGUMENTS, (inputs, y_true, weights, bias), strict=True))
    return (
        losses
        | {f"autograd_argument/{argument}": value for argument, value in arguments.items()}
        | {f"autograd_swapped/{other}": right[other] for other in names if other != name}
        | {
            "autograd_is_loss": reference.mean_squared_error(y_pred, y_true),
            "autograd_is_prediction": y_pred,
            "autograd_extra_axis": right[name][None],
            "squeezed": right[name].squeeze(),
            "transposed": right[name].T if right[name].ndim == 2 else right[name],
        }
    )


def _check_untouched(arguments, given):
    for name, argument, before in zip(ARGUMENTS, arguments, given, strict=True):
        if not torch.equal(argument.detach(), before):
            raise Stop(Verdict.WRONG, text("pure.argument", name=name))
        if argument.requires_grad or argument.grad is not None:
            raise Stop(Verdict.WRONG, text("autograd.flag", name=name))


def autograd_topic(shapes, names):
    """The check of `autograd_gradients` that has to return the gradients `names`."""
    return Topic(
        "autograd_gradients",
        example=examples.autograd(shapes, names),
        gradients=gradients_check(shapes, names),
    )


sample_autograd = autograd_topic(SAMPLE, ("dypred", "dw", "db"))
batch_autograd = autograd_topic(COLUMN, ("dypred", "dw", "db"))
dense_autograd = autograd_topic(DENSE, ("dypred", "dw", "db", "dx"))

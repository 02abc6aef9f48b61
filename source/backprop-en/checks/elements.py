"""Checks of `dw_element` and `dx_element`: one number of a gradient, before it becomes a matrix.

Every element of the gradient is asked for; the answers together are compared with torch's.
"""

import itertools
from dataclasses import replace
from functools import partial

import torch

from . import examples, reference, slips
from .calls import subject
from .cases import Case, Size, cases
from .diagnosis import scaled, verdict
from .messages import text
from .outcome import Stop, Verdict
from .scripts import asked
from .shapes import COLUMN, DENSE
from .topic import Topic
from .values import Comparison, as_tensor, close, is_numeric, shape_text, type_name

# Here no index is out of range, so swapped indices give numbers that tell what was swapped.
SQUARE = Size(4, 4, 4)


def element_check(name, gradient, shapes, arguments, slips_of):
    """Every element of `gradient` ("dw" or "dx"); `arguments` are the names of what the function is given."""

    def judge(function, trials):
        learners = subject(function, name)
        drawn = [Case(SQUARE, len(arguments)), *cases()] if not trials else cases(trials)
        drawn = [shapes.draw(case) for case in drawn]
        rights = [reference.layer_gradients(**values)[gradient] for values in drawn]
        rights = [right[:, 0] if right.shape[1] == 1 and shapes is COLUMN else right for right in rights]
        given = [[values[argument] for argument in arguments] for values in drawn]
        scripts = [
            [("answers", one, _places(right)), ("given",)] for one, right in zip(given, rights, strict=True)
        ]
        answers = asked(learners, scripts)
        comparisons, compared, shown = [], [], None
        for values, expected, one, answer in zip(drawn, rights, given, answers, strict=True):
            try:
                got = _read(name, answer, one, expected.shape)
            except Stop:
                if all(comparison.ok for comparison in comparisons):
                    raise
                break  # what was wrong before is the cause
            shown = shown or shape_text(got[(0,) * expected.ndim])
            comparisons.append(Comparison(got, expected))
            compared.append((values, expected))
        row = verdict(name, comparisons, (_slips(slips_of, *case) for case in compared), brackets="()")
        if row.message and row.message.key == "value.shape":
            row = replace(row, message=text("element.shape", yours=shown))
        return replace(row, yours=shown, torch="()")

    return judge


def _places(gradient):
    return list(itertools.product(*map(range, gradient.shape)))


def _read(name, answer, arguments, shape):
    """The learner's answers for all indices of `shape`, as a tensor (*shape, *shape of one answer)."""
    answers = [_number(name, one) for one in answer()]
    for argument, before in zip(answer(), arguments, strict=True):
        if not close(argument, before):
            raise Stop(Verdict.WRONG, text("element.argument"))
    if all(answer.numel() == 1 for answer in answers):
        answers = [answer.reshape(()) for answer in answers]
    if any(answer.shape != answers[0].shape for answer in answers):
        raise Stop(Verdict.SHAPE, text("element.shape", yours=shape_text(answers[0])))
    return torch.stack([answer.to(torch.float64) for answer in answers]).reshape(*shape, *answers[0].shape)


def _slips(slips_of, values, expected):
    """Answers of one entry each are numbers, whatever their axes, as `_read` takes them."""
    found = slips_of(values, expected).items()
    return {
        key: slip.reshape(expected.shape) if slip.numel() == expected.numel() else slip for key, slip in found
    }


def _number(name, answer):
    """One answer as a tensor. Raises Stop when nothing was returned, or nothing numeric."""
    if answer is None:
        raise Stop(Verdict.UNDONE, text("element.none", name=name))
    if not is_numeric(answer):
        raise Stop(Verdict.WRONG, text("element.type", name=name, type=type_name(answer)))
    return as_tensor(answer, name)


def column_dw(values, expected):
    """Slips of ∂L/∂w_p for X (k, m) and G (k, 1); expected (m,)."""
    inputs, dldy = values["inputs"], values["dldy"]
    k, m = inputs.shape

    def of(**changed):
        return slips.gradient_of("dw", values, **changed)[:, 0]

    terms = slips.by_row("dw", values)[..., 0].T
    found = _dw_terms(terms) | {
        "element_table": of(inputs=inputs.sum(0).expand_as(inputs)),
        "element_table/2": (inputs.T[:, None, :] * dldy).reshape(m, k, k),
        "element_no_inputs": dldy.sum().expand(m),
        "element_no_inputs/2": dldy[:, 0].expand(m, k),
        "element_no_inputs/3": dldy.expand(m, k, 1),
        "upstream_ones": of(dldy=torch.ones_like(dldy)),
        "upstream_squared": of(dldy=dldy**2),
        "dw_inputs_squared": of(inputs=inputs**2),
        "dw_absolute": of(inputs=inputs.abs()),
        "element_ignores": expected.sum().expand(m),
        "element_ignores/2": expected[0].expand(m),
        "element_neighbour": expected.roll(-1),
        "element_neighbour/2": expected.roll(1),
        "element_whole": expected.expand(m, m),
        "element_whole/2": expected[:, None].expand(m, m, 1),
    }
    if k == m:
        found |= {
            "element_row": inputs.sum(1) * dldy.sum(),
            "element_row/2": of(inputs=inputs.T),
        }
    if k >= m:
        found["element_one_row"] = terms.diagonal()
    return scaled(expected, k=k) | found


def dense_dw(values, expected):
    """Slips of ∂L/∂W_pj for X (k, m) and G (k, n); expected (m, n)."""
    inputs, dldy = values["inputs"], values["dldy"]
    (k, m), n = inputs.shape, dldy.shape[1]
    of = partial(slips.gradient_of, "dw", values)
    found = _dw_terms(slips.by_row("dw", values).movedim(0, -1)) | {
        "dw_product_of_sums": of(inputs=inputs.sum(0).expand_as(inputs)),
        "element_no_inputs": slips.gradient_of("db", values).expand(m, n),
        "upstream_ones": of(dldy=torch.ones_like(dldy)),
        "upstream_squared": of(dldy=dldy**2),
        "dw_inputs_squared": of(inputs=inputs**2),
        "dw_absolute": of(inputs=inputs.abs()),
        "dw_outputs_summed": expected.sum(1, keepdim=True).expand(m, n),
        "dw_features_summed": expected.sum(0).expand(m, n),
        "element_ignores": expected.sum().expand(m, n),
        "element_ignores/2": expected[:, :1].expand(m, n),
        "element_ignores/3": expected[:1].expand(m, n),
    }
    if k == m == n:
        found |= {
            "element_swapped": expected.T,
            "element_rows_for_columns": of(inputs=inputs.T, dldy=dldy.T),
        }
    return scaled(expected, k, n) | found | _whole(expected)


def dense_dx(values, expected):
    """Slips of ∂L/∂X_ip for G (k, n) and W (m, n); expected (k, m)."""
    dldy, weights = values["dldy"], values["weights"]
    (k, n), m = dldy.shape, len(weights)
    of = partial(slips.gradient_of, "dx", values)
    terms = slips.by_output("dx", values)
    found = {
        "element_unsummed_outputs": terms.movedim(0, -1),
        "first_output": terms[0],
        "element_last_output": terms[-1],
        "dx_outputs_summed": of(dldy=dldy.sum(1, keepdim=True).expand_as(dldy)),
        "element_no_weights": dldy.sum(1, keepdim=True).expand(k, m),
        "upstream_ones": of(dldy=torch.ones_like(dldy)),
        "upstream_squared": of(dldy=dldy**2),
        "dx_weights_squared": of(weights=weights**2),
        "dx_summed": expected.sum(0).expand(k, m),
        "dx_averaged": expected.mean(0).expand(k, m),
        "dx_features_summed": expected.sum(1, keepdim=True).expand(k, m),
        "element_ignores": expected.sum().expand(k, m),
    }
    if k == m == n:
        found |= {
            "element_swapped": expected.T,
            "element_weights_column": of(weights=weights.T),
            "element_one_weight": dldy * weights.diagonal(),
        }
    return scaled(expected, n=n) | found | _whole(expected)


def _dw_terms(terms):
    """Slips of a sum over the rows; `terms` (…, k) are the products of each row."""
    return {
        "element_unsummed": terms,
        "element_unsummed/2": terms[..., None],
        "first_row": terms[..., 0],
        "last_row": terms[..., -1],
        "no_last_row": terms[..., :-1].sum(-1),
        "no_first_row": terms[..., 1:].sum(-1),
    }


def _whole(expected):
    """The whole matrix, its row or its column in place of one element."""
    rows, columns = expected.shape
    return {
        "element_whole": expected.expand(rows, columns, rows, columns),
        "element_whole/2": expected[:, None, :].expand(rows, columns, columns),
        "element_whole/3": expected.T.expand(rows, columns, rows),
    }


def element_topic(name, *definition):
    """The check of a function called `name`."""
    gradient, shapes, arguments, _ = definition
    example = examples.element(name, gradient, shapes.outputs, arguments)
    return Topic(name, example=example, element=element_check(name, *definition))


column_dw_element = element_topic("dw_element", "dw", COLUMN, ("inputs", "dldy"), column_dw)
dense_dw_element = element_topic("dw_element", "dw", DENSE, ("inputs", "dldy"), dense_dw)
dense_dx_element = element_topic("dx_element", "dx", DENSE, ("dldy", "weights"), dense_dx)

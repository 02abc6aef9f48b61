"""Real slips, run: each exception gets the sentence of its kind, with the learner's line and names."""

import linecache
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from checks import calls, cells, messages, raised, standins, warned, wirings
from checks.outcome import Stop, Verdict

# the body of a learner's function → the key of what is said of it
SLIPS = {
    "v ^ v": "raised.power",
    "Z & (Z > 0)": "raised.bitwise",
    "~Z": "raised.bitwise",
    "1 - (v > 0)": "raised.mask_minus",
    "-(v > 0)": "raised.mask_minus",
    "X @ X": "call.matmul",
    "X @ y": "call.matmul",
    "torch.dot(v, y)": "call.matmul",
    "array @ array": "raised.numpy_matmul",
    "v @ n": "raised.product_number",
    "torch.dot(X, X)": "raised.product_axes",
    "torch.mm(v, v)": "raised.product_axes",
    "torch.outer(X, v)": "raised.product_axes",
    "X * y": "raised.broadcast",
    "array * numpy.ones(4)": "raised.broadcast",
    "v.add_(torch.ones(2, 3))": "raised.in_place_shape",
    "v.__setitem__(slice(2), y)": "raised.assigned_shape",
    "X.reshape(4, 4)": "raised.reshape",
    "max(v, 0)": "raised.truth",
    "1 if v > 0 else 0": "raised.truth",
    "v.sum().backward()": "raised.no_graph",
    "torch.autograd.grad(leaf.sum(), leaf.clone())": "raised.unused",
    "[loss.backward() for loss in [(leaf * leaf).sum()] for _ in range(2)]": "raised.second_backward",
    "(2 * leaf).backward()": "raised.not_scalar",
    "leaf.add_(1)": "raised.leaf",
    "leaf.numpy()": "raised.requires_numpy",
    "X @ X.T.double()": "raised.dtype",
    "whole.mean()": "raised.mean_integer",
    "whole.add_(0.5)": "raised.cast",
    "X.sum(dim=2)": "raised.axis",
    "array.sum(axis=2)": "raised.numpy_axis",
    "v[7]": "raised.index",
    "v[0, 0]": "raised.too_many",
    "n[0]": "raised.zero_dim",
    "len(n)": "raised.zero_dim",
    "[i for i in n]": "raised.zero_dim",
    "v[0.5]": "raised.float_index",
    "[1, 2][1.0]": "raised.float_index",
    "range(2.0)": "raised.fraction",
    "v.item()": "raised.one_number",
    "float(v)": "raised.one_number",
    "X.shape[2]": "raised.list_index",
    "[1][3]": "raised.list_index",
    "{'dw': 1}['dW']": "raised.key",
    "1 / 0": "raised.zero_division",
    "slip()": "raised.recursion",
    "weights": "call.name",
    "Empty(1, 2)": "raised.no_init",
    "layer.forward(v, v)": "raised.given_call",
    "layer.backward(v)": "raised.lacking_method",
    "Full()": "raised.lacking_call",
    "layer.step(rate=1)": "raised.keyword",
    "sum(v, dim=0)": "raised.keyword",
    "numpy.sum(X, axis=0)": "raised.numpy_on_tensor",
    "layer.step(1, lr=1)": "raised.twice",
    "torch.max(X, 0) @ X": "raised.pair",
    "layer(v)": "raised.not_callable",
    "None(v)": "raised.not_callable_none",
    "2(v)": "raised.not_callable_number",
    "X.T()": "raised.not_callable_number",
    "[1](0)": "raised.not_callable_list",
    "layer[0]": "raised.subscript",
    "None[0]": "raised.subscript_none",
    "v.sum[0]": "raised.subscript_function",
    "[i for i in 3]": "raised.iterate",
    "[i for i in None]": "raised.iterate_none",
    "len(3)": "raised.length",
    "{} + 1": "raised.list_arithmetic",
    "[1] * 0.5": "raised.list_arithmetic",
    "'a' - 1": "raised.operands",
    "None - v": "raised.operands_none",
    "2 / v.numel": "raised.operands_function",
    "torch.maximum(v, 0)": "raised.argument_type",
    "torch.pow(v)": "raised.torch_arguments",
    "None.forward(v)": "raised.none_attribute",
    "None.append(v)": "raised.none_append",
    "X.transpose() @ X": "raised.transpose",
    "{dw: v}": "raised.unquoted",
    "{'db': v, dw: v}": "raised.unquoted",
    "torch.maen(v)": "raised.module",
    "layer.nothing": "raised.attribute",
    "{}.append(1)": "raised.attribute_builtin",
    "layer.weight": "raised.attribute",
    "[a for a, b in [(1, 2, 3)]]": "raised.unpack",
    "__import__('nosuch')": "raised.no_module",
    "exit_(1)": "raised.exit",
    "assert_(v)": None,
}
BROKEN = {
    "for i in range(3)": "raised.colon",
    "x = (1": "raised.bracket",
    "x = 1)": "raised.bracket",
    "def f():\nreturn 1": "raised.indent",
    "x = 'a": "raised.quote",
    "x = 1 − 2": "raised.character",
    "return 1": "raised.return_outside",
    "x = [1; 2]": "raised.syntax",
    "f(x, lr=0,01)": "raised.leading_zero",
    "f(x, lr=0,5)": "raised.after_keyword",
    "x = {'db': 21,0, 'dw': 3}": "raised.dict_colon",
    "x = 2.mean()": "raised.syntax",
}


class Empty:
    """Takes no arguments."""


class Full:
    """Takes one."""

    def __init__(self, weights):
        self.weights = weights


def stop_of(body, **names):
    """The Stop of a learner's function with this body."""
    names |= {"torch": torch, "numpy": np, "Empty": Empty, "Full": Full}
    names |= {"X": torch.ones(3, 2), "Z": torch.ones(2), "y": torch.ones(5), "v": torch.ones(3)}
    names |= {"n": torch.tensor(1.0), "whole": torch.tensor([1, 2]), "array": np.ones((3, 2))}
    names |= {
        "leaf": torch.ones(3, requires_grad=True),
        "layer": standins.Layer(torch.ones(3), torch.tensor(0.0)),
    }
    names["exit_"] = lambda code: (_ for _ in ()).throw(SystemExit(code))
    names["assert_"] = lambda value: (_ for _ in ()).throw(AssertionError("own"))
    code = f"def slip():\n    return {body}\n"
    linecache.cache["<slip>"] = (len(code), None, code.splitlines(keepends=True), "<slip>")
    exec(compile(code, "<slip>", "exec"), names)
    with pytest.raises(Stop) as caught:
        calls.call(names["slip"])
    return caught.value


@pytest.mark.parametrize("body", [body for body, key in SLIPS.items() if key])
def test_each_slip_gets_its_sentence(body):
    stop = stop_of(body)
    assert stop.message.key == SLIPS[body]
    assert f"return {body}"[:50] in stop.message
    assert stop.original


@pytest.mark.parametrize("body", [body for body, key in SLIPS.items() if not key])
def test_what_has_no_words_is_told_as_python_tells_it(body):
    stop = stop_of(body)
    assert stop.message.key == "call.raised"
    assert stop.original in stop.message


@pytest.mark.parametrize("source", BROKEN)
def test_each_cell_that_does_not_parse_gets_its_sentence(source):
    with pytest.raises(SyntaxError) as caught:
        compile(source, "<cell>", "exec")
    assert raised.sentence(raised.of(caught.value)).key == BROKEN[source]
    assert calls.place(caught.value)[1] >= 1


def test_every_kind_has_a_slip_here():
    kinds = tomllib.loads((Path(raised.__file__).with_suffix(".toml")).read_text(encoding="utf-8"))["kind"]
    shown = {*SLIPS.values(), *BROKEN.values()}
    elsewhere = {"raised.unbound", "raised.given", "raised.lacking", "raised.not_for_type"}  # below
    assert {kind["key"] for kind in kinds} - shown <= elsewhere


def test_the_line_of_a_comprehension_is_its_functions():
    assert "Это случилось в slip, строка 2" in stop_of("[max(0, row) for row in X]").message
    assert "Это случилось в slip, строка 2" in stop_of("(lambda: v[7])()").message


def test_a_definition_is_told_from_a_call():
    def one(first):
        return first

    class Neuron:
        def forward(inputs):  # noqa: N805
            return inputs

        def step(self, lr, extra):
            return lr

    said = {}
    for name, call, given in (
        ("raised.given", one, (1, 2)),
        ("raised.given_method", Neuron().forward, (1,)),
        ("raised.lacking", Neuron().step, (1,)),
    ):
        with pytest.raises(Stop) as caught:
            calls.call(call, *given)
        said[name] = caught.value.message.key
    assert all(name == key for name, key in said.items())


def test_a_name_read_too_early():
    def slip():
        total += 1  # noqa: F821
        return total

    with pytest.raises(Stop) as caught:
        calls.call(slip)
    assert caught.value.message.key == "raised.unbound"
    assert "total" in caught.value.message


def test_an_operation_that_torch_lacks_for_a_type():
    error = NotImplementedError("\"tril\" not implemented for 'Bool'")
    assert raised.sentence(raised.of(error)).key == "raised.not_for_type"


def test_only_a_line_that_raises_is_a_stub():
    assert stop_of("torch.ones(2) ^ 2").verdict is Verdict.RAISED
    code = "def stub():\n    raise NotImplementedError\n"
    linecache.cache["<stub>"] = (len(code), None, code.splitlines(keepends=True), "<stub>")
    names = {}
    exec(compile(code, "<stub>", "exec"), names)
    assert stop_of("stub()", stub=names["stub"]).message.key == "call.undone"


def test_shapes_of_the_line_are_told_without_asking_the_objects():
    class Trap:
        def __getattr__(self, name):
            raise SystemExit

    said = stop_of("(lambda X, trap: X @ X if trap else trap.weights)(X, trap)", trap=Trap()).message
    assert "X (3, 2)." in said


def test_the_checks_own_classes_have_the_learners_names():
    layer = wirings.InnerLayer(torch.ones(3), torch.tensor(0.0))
    stop = stop_of("inner(v)", inner=layer)
    assert "DenseLayer" in stop.message
    assert "DenseLayer" in stop.original
    assert "InnerLayer" not in stop.message + stop.original


def test_an_attribute_nearly_right_is_named():
    assert messages.text("raised.near", near="weights") in stop_of("layer.weight").message


@pytest.mark.parametrize(("name", "near"), [("dw", "dW"), ("dypred", "dy_pred"), ("weights", "weight")])
def test_a_near_name_is_found(name, near):
    assert raised.near_name(name, ["other", near]) == near


@pytest.mark.parametrize(
    ("name", "other"), [("dw", "db"), ("layer1", "layer2"), ("dx", "x"), ("minus", "min")]
)
def test_another_name_is_not_near(name, other):
    assert raised.near_name(name, [other]) is None


def test_a_warning_is_told_once_and_in_words(capsys):
    leaf = torch.ones(3, requires_grad=True)
    warned.anew()
    for _ in range(2):
        calls.call(lambda: (2 * leaf).grad)
    assert capsys.readouterr().out == f"⚠ {messages.text('warned.leaf')}\n"


def test_an_error_without_a_text_is_told():
    class Mute(Exception):
        def __str__(self):
            raise ValueError

    stop = stop_of("mute()", mute=lambda: (_ for _ in ()).throw(Mute()))
    assert stop.message.key == "call.raised"


def test_a_record_is_told_like_the_error_itself():
    namespace = {}
    cells.note(namespace, "fig = 1 / 0", ZeroDivisionError("division by zero"))
    row = cells._row(namespace, ["fig"])
    assert str(messages.text("raised.zero_division")) in row.message

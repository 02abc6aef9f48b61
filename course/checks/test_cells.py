"""A check that rests on a cell that has stopped names that cell's error, in a notebook and in grading."""

import checks
import pytest
from checks import cells

TRAINING = "history = []\nfor epoch in range(20):\n    history.append(epochs)"
UNFINISHED = "def loss():\n    raise NotImplementedError\n"


@pytest.fixture
def shell(shell):
    """A shell as in a notebook, with the checks imported."""
    cells.watch(shell)
    shell.run_cell("import checks")
    return shell


def key_of(shell, source="checks.history.table(history)"):
    error = shell.run_cell(source).error_in_exec
    return getattr(error, "key", type(error).__name__), str(error)


def test_the_error_and_its_line_are_told(shell, capsys):
    shell.run_cell(TRAINING)
    key, said = key_of(shell)
    assert key == "cause.cell"
    assert "epochs" in said
    assert "history.append(epochs)" in said
    assert key_of(shell, "assert checks.history.result(history)")[0] == "cause.cell"


def test_a_cell_that_does_not_parse_is_told(shell, capsys):
    shell.run_cell("history = [1, 2")
    assert key_of(shell)[0] == "cause.cell"


def test_a_cell_that_was_not_run_is_told(shell, capsys):
    assert key_of(shell)[0] == "cause.no_name"


def test_what_is_mended_is_judged_again(shell, capsys):
    shell.run_cell(TRAINING)
    shell.run_cell(TRAINING.replace("epochs", "epoch"))
    assert key_of(shell)[0] == "history.grows"


def test_a_right_value_passes_whatever_its_cell_did_later(shell, capsys):
    shell.run_cell("history = [20.0 - epoch for epoch in range(20)]\nprint(nosuch)")
    assert key_of(shell)[0] == "NoneType"


def test_a_class_that_is_whole_is_judged_by_its_own(shell, capsys):
    shell.run_cell("class MSELoss:\n    def forward(self, a, b):\n        return 1.0\nprint(nosuch)")
    assert key_of(shell, "checks.mse_loss.table(MSELoss)")[0] not in ("cause.cell", "NoneType")


def test_the_first_of_several_causes_is_told(shell, capsys):
    shell.run_cell("class NeuralNetwork:\n    def forward(self, x:\n        return x")
    shell.run_cell("network = NeuralNetwork()\nhistory = []")
    key, said = key_of(shell)
    assert key == "cause.cell"
    assert "def forward(self, x:" in said


def test_an_untouched_stub_is_undone_and_not_an_error(shell, capsys):
    shell.run_cell("history = None\nraise NotImplementedError")
    assert key_of(shell)[0] == "call.undone"


def test_a_stub_further_up_is_named(shell, capsys):
    shell.run_cell(UNFINISHED)
    shell.run_cell("history = None\nhistory = [loss() for _ in range(20)]")
    key, said = key_of(shell)
    assert key == "cause.undone"
    assert "loss" in said


GOOD = {
    "names": ["history"],
    "error": "E",
    "message": "m",
    "function": "",
    "number": 1,
    "line": "",
    "near": "",
}
HOSTILE = [
    None, 5, "text", [None], [[]], [{}], [GOOD | {"names": [1]}], [GOOD | {"error": None}],
    [GOOD | {"line": ["a"]}], [GOOD | {"number": "1"}], {"names": []}, [GOOD] * 10_000,
    [GOOD | {"message": "name '" + "a" * 10**6}],
    [GOOD | {"error": "NameError", "message": "name 'history' is not defined"}],
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_records_are_not_trusted(value, capsys):
    namespace = {"checks": checks, "history": [], cells.NAME: value}
    with pytest.raises(checks.CheckFailed) as caught:
        exec("checks.history.table(history)", namespace)
    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1\nc, (d, *e) = f", {"a", "b", "c", "d", "e"}),
        ("for i in x:\n    if i:\n        j = 1", {"i", "j"}),
        ("class A:\n    b = 1\ndef c():\n    d = 1", {"A", "c"}),
        ("with open(f) as g: pass", {"g"}),
        ("x.y = 1\nz[0] = 2", set()),
    ],
)
def test_names_that_a_cell_binds(source, names):
    assert cells.bound(source) == names


@pytest.mark.parametrize("source", ["history = [1\n", "class history\n", "history, b = (\n"])
def test_names_of_a_cell_that_does_not_parse(source):
    assert "history" in cells.bound(source)

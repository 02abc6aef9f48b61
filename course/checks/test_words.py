"""Every message has a task that can show it, and the names in it exist in that task's notebook."""

import json
import re
import tomllib
import types
from functools import partial
from pathlib import Path

import checks
import pytest
import torch
from checks import by_hand, diagnosis, loops, network_slips, scripts, test_examples, wirings
from checks.topic import Topic
from checks.values import close

HERE = Path(__file__).parent
TASKS = {path.parent.name: path for path in (HERE.parent / "tasks").glob("*/text.md")}
SHARED = {path.name: path.read_text(encoding="utf-8") for path in (HERE.parent / "shared").iterdir()}
SAID = json.loads((HERE / "messages" / "ru.json").read_text(encoding="utf-8"))
# Not sentences of a check: titles, columns, and the words of pictures.
CHROME = (
    "verdict.", "hint.", "table.", "behaviour.", "row.", "picture.", "measured.", "example.",
    "bring.", "progress.", "saved.", "torch.", "page.",
)  # fmt: skip
# A network behaves so when its learner has put a ReLU into it.
OWN = {"task-5-linear-network": {"ReLU"}}
# Whatever a check calls or reads may end in one of these.
EVERYWHERE = ("call.", "raised.", "warned.", "cause.", "value.", "by_hand.")
# Names that the contract gives to one task and not to another; `k` and `n` are told by their meaning.
NAMES = re.compile(
    r"\b(batch_size|order|autograd_gradients|numerical_gradient|dw_element|dx_element|criterion|neuron|layer1|layer2"
    r"|ReLU|history|snapshots|coef|fig|dx|dypred|dldy|by_hand|gd_step|function|SquaredLoss|MSELoss|Neuron"
    r"|пакет|эпох|парабол)"
)


def notebook(task):
    """The text of a task with what it includes."""
    text = TASKS[task].read_text(encoding="utf-8")
    for name in re.findall(r'include "shared/(\S+)"', text):
        text += SHARED[name]
    if "m.regression_test" in text:
        text += " coef"
    return text + " ".join(SHARED[name] for name in ("macros.md",) if "parabola" in text)


def topics(task):
    """The names of the topics that the task's notebook asks."""
    text = TASKS[task].read_text(encoding="utf-8")
    found = set(re.findall(r"checks\.(\w+)\.table", text)) | set(re.findall(r'"(\w+_training)"', text))
    return {name for name in found if isinstance(getattr(checks, name, None), Topic)}


def reachable(topic):
    """The literal message keys in the code that a topic's judges can reach."""
    waiting = [check._judge for check in topic._checks.values()]
    seen, strings = set(), set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, types.CodeType):
            strings |= {const for const in one.co_consts if isinstance(const, str)}
            waiting += [const for const in one.co_consts if isinstance(const, types.CodeType)]
        elif isinstance(one, types.FunctionType) and one.__module__.startswith("checks."):
            waiting += [one.__code__, *(cell.cell_contents for cell in one.__closure__ or ())]
            names = read_names(one.__code__)
            waiting += [one.__globals__[name] for name in names if name in one.__globals__]
            modules = [one.__globals__.get(name) for name in names]
            waiting += [
                getattr(module, name)
                for module in modules
                if isinstance(module, types.ModuleType) and module.__name__.startswith("checks.")
                for name in names
                if hasattr(module, name)
            ]
        elif isinstance(one, type) and one.__module__.startswith("checks."):
            waiting += [value for value in vars(one).values() if callable(value)]
        elif isinstance(one, partial):
            waiting += [one.func, *one.args]
        elif isinstance(one, (list, tuple)):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
    return strings & SAID.keys()


def read_names(code):
    """The names that a piece of code and what is nested in it read."""
    nested = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return {*code.co_names, *(name for one in nested for name in read_names(one))}


def numerical_gradient(function, values, step=1e-4):
    found = torch.zeros(values.numel(), dtype=values.dtype)
    for number in range(values.numel()):
        shift = torch.zeros_like(found)
        shift[number] = step
        shift = shift.reshape(values.shape)
        found[number] = (function(values + shift) - function(values - shift)) / (2 * step)
    return found.reshape(values.shape)


def right_subject(name):
    """What passes all checks of a topic of formulas."""
    networks_ = {"relu_network": test_examples.Rectified, "linear_network": test_examples.Linear}
    title = getattr(checks, name)._title
    elements = {"dw_element": test_examples.dw_element, "dx_element": test_examples.dx_element}
    others = {"numerical_gradient": numerical_gradient, "by_hand": PAPER}
    return (networks_ | others | elements | test_examples.RIGHT | test_examples.FUNCTIONS).get(
        name if name in networks_ else title
    )


@pytest.fixture(scope="module")
def slips():
    """topic → the slips that its checks compare an answer with, for the sizes of that topic."""
    found, current, judged = {}, [], diagnosis.verdict

    def recording(name, comparisons, given, brackets="[]"):
        given = list(given)
        for key in given[0] if given else ():
            for comparison, slip in zip(comparisons, [case.get(key) for case in given], strict=True):
                if slip is not None and not close(
                    slip.to(torch.float64), comparison.expected.to(torch.float64)
                ):
                    found.setdefault(current[-1], set()).add(f"slip.{key.partition('/')[0]}")
        return judged(name, comparisons, given, brackets)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_hand, "only", torch.enable_grad)  # stand-ins differentiate
        for module in vars(checks).values():
            if isinstance(module, types.ModuleType) and getattr(module, "verdict", None) is judged:
                patch.setattr(module, "verdict", recording)
        for name in sorted({name for task in TASKS for name in topics(task)}):
            current.append(name)
            subject = right_subject(name)
            if subject is not None:
                for check in getattr(checks, name)._checks.values():
                    check.row(subject)
    for name, relu in (("linear_network", False), ("relu_network", True)):
        found[name] = found.get(name, set()) | network_keys(relu)
    return found


PAPER = {"y_pred": 21, "loss": 256, "dypred": 32, "db": 32, "dw": [64, 96]}


def network_keys(relu):
    """The slips of a network."""
    keys = set()
    for wiring in wirings.wirings(relu, 0):
        learners = test_examples.Rectified if relu else test_examples.Linear
        (answer,) = scripts.asked(learners, [[wiring.built(), *wiring.passes(watched=False)]])
        network, _, _ = answer(), answer(), answer()
        keys |= network_slips.forward(wiring).keys() | network_slips.input_gradient(wiring, network).keys()
        for layer in ("layer1", "layer2"):
            keys |= network_slips.layer_upstream(wiring, network, layer).keys()
            keys |= network_slips.layer_inputs(wiring, layer).keys()
            for name in ("dw", "db"):
                keys |= network_slips.layer_gradient(wiring, layer, name).keys()
    return {f"slip.{key.partition('/')[0]}" for key in keys}


LOOPS = {"sgd_epoch": loops.SGD, "minibatch_epoch": loops.REMAINDER, "gd_step": loops.OUTPUTS}


def shown(name, slips):
    """The messages that a topic can show."""
    if name in LOOPS:
        known = {key for key in SAID if key.startswith(("loop.", "standin."))}
        known -= LOOPS[name].unsaid
    else:
        known = {key for key in reachable(getattr(checks, name)) if not key.startswith("loop.")}
    return known | slips.get(name, set())


@pytest.fixture(scope="module")
def pairs(slips):
    """(task, key) for every message of a check that a task can show."""
    return {(task, key) for task in TASKS for name in topics(task) for key in shown(name, slips)}


def diagnoses(path):
    """The messages that the mistakes of a task show."""
    return [
        key
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
        for key in entry["diagnosis"]
    ]


def test_every_message_has_a_task(pairs):
    keys = {key for _, key in pairs}
    keys |= {key for path in TASKS.values() for key in diagnoses(path.with_name("wrong.toml"))}
    lonely = {key for key in SAID if key not in keys and not key.startswith((*CHROME, *EVERYWHERE))}
    assert lonely == set()


def test_the_names_in_a_message_exist_in_its_task(pairs):
    foreign = []
    for task, key in sorted(pairs):
        if key.startswith(CHROME + EVERYWHERE):
            continue
        words = set(NAMES.findall(SAID[key])) - OWN.get(task, set())
        foreign += [(task, key, word) for word in words if word not in notebook(task)]
    assert foreign == []


def test_what_is_said_everywhere_names_nothing_of_a_single_task():
    only_here = re.compile(r"\b(batch_size|order|criterion|layer1|layer2|history|snapshots|dx|dypred|coef)\b")
    universal = {key: said for key, said in SAID.items() if key.startswith(EVERYWHERE)}
    assert {key for key, said in universal.items() if only_here.search(said)} == set()
    assert "criterion" in notebook("seminar-2-sgd")
    assert "batch_size" not in notebook("task-4-batch-gd")


def test_a_loop_says_nothing_of_another_task():
    said = {name: {key for key in shown(name, {}) if key.startswith("loop.")} for name in LOOPS}
    assert "loop.order" in said["sgd_epoch"]
    assert "loop.order" not in said["gd_step"]
    assert "loop.single_rows" not in said["sgd_epoch"]


def test_stand_ins_are_named_as_the_learner_knows_them():
    learners = ("InnerLayer", "WatchedLayer", "InnerReLU", "WatchedNeuron")
    assert not [key for key, said in SAID.items() if any(name in said for name in learners)]

"""What is refused while a backward runs, what leaves it, and what is no work at all."""

from contextlib import suppress

import checks
import numpy as np
import pytest
import torch
from checks import by_hand
from checks.outcome import CheckFailed, Stop
from checks.values import Foreign


class Dense:
    """A right dense layer whose parts the tests change."""

    def __init__(self, weights, bias):
        self.weights, self.bias = weights, bias

    def forward(self, inputs):
        return inputs @ self.weights + self.bias

    def backward(self, inputs, dldy):
        self.dw, self.db, self.dx = inputs.T @ dldy, dldy.sum(0), dldy @ self.weights.T
        return self.dx

    def step(self, lr):
        self.weights, self.bias = self.weights - lr * self.dw, self.bias - lr * self.db


class Zeros(Dense):
    """Its backward computes nothing."""

    def backward(self, inputs, dldy):
        self.dw, self.db = torch.zeros_like(self.weights), torch.zeros_like(self.bias)
        self.dx = torch.zeros_like(inputs)
        return self.dx


class Idle(Zeros):
    """Its gradients nobody can set, and its step does nothing."""

    dw = property(lambda self: torch.zeros_like(self.weights))
    db = property(lambda self: torch.zeros_like(self.bias))

    def backward(self, inputs, dldy):
        return None

    def step(self, lr):
        pass


class Late(Dense):
    """Its gradient comes from autograd, when somebody looks at it."""

    def backward(self, inputs, dldy):
        self.todo = inputs.clone(), dldy.clone()

    @property
    def dw(self):
        weights = self.weights.clone().requires_grad_()
        with torch.enable_grad():
            (self.todo[0] @ weights).backward(self.todo[1])
        return weights.grad


class LateTensor(torch.Tensor):
    """A tensor that could compute when it is looked at."""


class Subclass(Dense):
    """It stores a tensor of its own kind."""

    def backward(self, inputs, dldy):
        super().backward(inputs, dldy)
        self.dw = self.dw.as_subclass(LateTensor)
        return self.dx


class DeadReLU:
    """Its backward computes nothing."""

    def forward(self, inputs):
        return inputs.clamp(min=0)

    def backward(self, inputs, dldy):
        return torch.zeros_like(dldy)


def key(judge, subject):
    """The key of the sentence with which a check fails."""
    with pytest.raises(CheckFailed) as failed:
        judge(subject)
    return failed.value.key


def test_the_layer_is_right():
    for name in ("dw", "db", "dx", "step", "pure"):
        getattr(checks.dense_layer, name)(Dense)


def test_a_backward_of_zeros_gets_nothing_for_spoiling_nothing():
    assert key(checks.dense_layer.pure, Zeros) == "pure.zeros"
    assert key(checks.relu.pure, DeadReLU) == "pure.zeros"


def test_a_step_that_does_nothing_is_not_right_for_gradients_of_zero():
    assert key(checks.dense_layer.step, Idle) == "step.zero"


def test_what_an_attribute_computes_is_computed_under_the_watch():
    assert key(checks.dense_layer.dw, Late) == "by_hand.autograd"


def test_a_tensor_of_another_class_is_no_answer():
    assert key(checks.dense_layer.dw, Subclass) == "value.type"


@pytest.mark.parametrize("value", [True, 2, 2.5, np.float64(2.5), None])
def test_numbers_leave_as_they_are(value):
    assert by_hand.plain(value) is value


def test_tensors_and_arrays_leave_as_copies():
    for value in (torch.ones(2), np.ones(2)):
        copy = by_hand.plain(value)
        value[0] = 5
        assert type(copy) is type(value)
        assert copy.tolist() == [1, 1]


@pytest.mark.parametrize(
    "value", [type("Late", (float,), {})(1), torch.ones(1).as_subclass(LateTensor), "1", [1]]
)
def test_anything_else_leaves_as_its_name(value):
    assert isinstance(by_hand.plain(value), Foreign)


def work(line):
    """What `by_hand.only` says when a learner's function runs `line`."""
    code = "import numpy as np\nimport torch\ndef f(x):\n    " + line.replace("\n", "\n    ")
    namespace = {"__name__": "__main__"}
    exec(code, namespace)
    with by_hand.only():
        namespace["f"](torch.ones(30, 30, dtype=torch.float64))


@pytest.mark.parametrize(
    "line",
    [
        "for i in range(100): x @ (x + i)",
        "for i in range(100): x.numpy() @ (x.numpy() + i)",
        "y = np.array(x.tolist())\nfor i in range(100): y.dot(y + i)",
        "y = np.stack([row.tolist() for row in x])\nfor i in range(100): y @ (y + i)",
        "y = np.zeros((30, 30)) + np.ones(30)\nfor i in range(100): np.einsum('ij,jk->ik', y, y + i)",
        "y = np.add.outer(x.flatten().tolist(), 0.0)\nfor i in range(100): y * (y + i)",
        "y = x.tolist()\nfor i in range(100):\n    y[0][0] = i\n    np.dot(y, y)",
        "for i in range(100): torch.stack([x, x + i]).prod(0)",
        "for i in range(100): (x.log() + (x + i).log()).exp()",
        "for i in range(100): torch.add(x, x, alpha=i)",
        "for i in range(100): torch.nn.functional.mse_loss(x, x + i)",
        "for i in range(100): x * (x + i).to(torch.bfloat16)",
        "def deep():\n    try: deep()\n    except Exception: pass\ndeep()",
        "y = [[float(v) for v in row] for row in x]\nfor _ in range(99): sum(v * v for r in y for v in r)",
        "y = x.tolist()\ntry:\n    for _ in range(99): [v * v for r in y for v in r]\nexcept Exception: pass",
    ],
)
def test_work_is_counted_wherever_it_is_done(line):
    with pytest.raises(Stop) as refused:
        work(line)
    assert refused.value.message.key == "by_hand.work"


@pytest.mark.parametrize(
    "line", ["x * 1j", "x.numpy().astype('c16') + 1", "np.sqrt(np.array(-1, 'D')) * x.numpy()"]
)
def test_complex_numbers_are_refused(line):
    with pytest.raises(Stop) as refused:
        work(line)
    assert refused.value.message.key == "by_hand.complex"


@pytest.mark.parametrize(
    "line",
    [
        "x @ x",
        "np.multiply.outer(x.numpy(), [1.0])",
        "torch.from_numpy(x.numpy() @ x.numpy())",
        "torch.outer(x.flatten(), x.flatten())",
        "for i in range(100): (x.T @ x)[0, 0]",
        "for i in range(100): (2 * x.numpy() * x.numpy())[0]",
        "y = x.tolist()\nfor i in range(100): np.dot(y, y)",
    ],
)
def test_a_formula_is_not(line):
    work(line)


class WastefulForward(Dense):
    """Its forward goes through all pairs, its backward is right."""

    def forward(self, inputs):
        return sum(x * w for x in inputs.flatten() for w in self.weights.flatten())


class RememberedDifferences(Dense):
    """Its forward finds the derivatives one by one, for a backward that knows no formula."""

    def forward(self, inputs):
        self.found = []
        for number in range(self.weights.numel()):
            other = self.weights.clone()
            other.view(-1)[number] += 1
            self.found.append(torch.zeros(len(inputs), self.weights.shape[1]))
            with suppress(Exception):
                self.found[-1] = inputs @ other - inputs @ self.weights

    def backward(self, inputs, dldy):
        self.dw = torch.stack([(one * dldy).sum() for one in self.found]).reshape(self.weights.shape)


def test_work_in_forward_costs_no_gradient_unless_backward_lives_on_it():
    for name in ("dw", "db", "dx"):
        getattr(checks.dense_layer, name)(WastefulForward)
    assert key(checks.dense_layer.dw, RememberedDifferences) == "by_hand.work"


def test_everything_is_as_it_was_afterwards():
    before = np.dot, torch.Tensor.numpy, torch.autograd._engine_run_backward
    with pytest.raises(ZeroDivisionError), by_hand.only():
        raise ZeroDivisionError
    assert (np.dot, torch.Tensor.numpy, torch.autograd._engine_run_backward) == before

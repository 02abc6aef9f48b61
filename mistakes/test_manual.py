"""What a person is asked to look at: ways round the derivation, and no right alternative."""

import pytest

from grading.course import Course
from grading.record import manual

from . import catalogue
from .run import _cells

# Routes that no check can be sure about, or whose watch in the learner's process could be disarmed.
ROUTES = [
    "(inputs @ self.weights).grad_fn(dldy)",
    "getattr(inputs, 'grad_fn')(dldy)",
    "torch._C._ImperativeEngine().run_backward(inputs)",
    "torch.autograd.Variable._execution_engine.run_backward(inputs)",
    "torch.func.vjp(self.forward, inputs)",
    "__import__('functorch').grad(self.forward)(inputs)",
    "torch.autograd.forward_ad.make_dual(inputs, dldy)",
    "torch.ops.aten.threshold_backward(dldy, inputs, 0)",
    "inputs.clone().requires_grad_()",
    "self.forward(inputs.tolist()[0][0] + 1e-20j)",
    "complex(inputs[0, 0], 1e-20)",
    "threading.Thread(target=self.forward).start()",
    "torch.utils._python_dispatch._disable_current_modes()",
    "eval('inputs.T @ dldy')",
]


def asked(notebook, cells, extra=()):
    """The tests of a notebook that are flagged; `cells` by grade id replace the reference's."""
    settings = Course().settings
    tests = {name: source for name, source, graded in _cells(notebook) if graded}
    named = [("own", source) for source in extra] + list((catalogue.reference(notebook) | cells).items())
    names = settings.suspicious_names, settings.suspicious_except_in
    return manual.questions(named, tests, *names)[0]


@pytest.mark.parametrize("entry", catalogue.alternatives(), ids=lambda entry: entry.name)
def test_right_alternatives_are_not_asked_about(entry):
    assert asked(entry.notebook, entry.cells, entry.extra) == set()


@pytest.mark.parametrize("route", ROUTES)
def test_each_route_is_asked_about_where_tests_rest_on_it(route):
    layer = catalogue.reference("task-3-dense-layer")["dense-layer"]
    cells = {"dense-layer": layer.replace("self.dw = inputs.T @ dldy", f"self.dw = {route}")}
    names = {"forward", "dw", "db", "dx", "step", "pure"}
    assert asked("task-3-dense-layer", cells) == {f"dense-{name}" for name in names}


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_in_a_helper_of_another_cell_is_asked_about(route):
    helper = f"import torch\n\ndef helper(self, inputs, dldy):\n    return {route}"
    relu = catalogue.reference("task-6-relu-network")["classes"]
    cells = {"classes": relu.replace("return dldy * (inputs > 0)", "return helper(self, inputs, dldy)")}
    assert {"relu-dx", "relu-pure"} <= asked("task-6-relu-network", cells, [helper])


@pytest.mark.parametrize("route", ROUTES[:-1])
def test_the_exercise_on_autograd_may_use_autograd(route):
    notebook = "task-3-dense-layer"
    code = catalogue.reference(notebook)["autograd"] + f"\n    self = {route}"
    expected = {"autograd-gradients"} if "__import__" in route else set()
    assert asked(notebook, {"autograd": code}) == expected

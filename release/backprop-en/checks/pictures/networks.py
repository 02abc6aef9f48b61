"""The graph of a two-layer network: what the learner's wiring gives to each part, forward and back."""

from itertools import pairwise

import torch

from .. import at_once, reference, standins
from ..calls import MISSING, call, subject
from ..messages import text
from ..outcome import Stop, Verdict
from .attempts import Failed, agrees, as_numbers, attempt, attribute, shape
from .figure import picture
from .flow import MARKS, Step, flow

SIZES = {"X": (4, 2), "W₁": (2, 3), "b₁": (3,), "W₂": (3, 1), "b₂": (1,), "∂L/∂Ŷ": (4, 1)}


class _Watched:
    """A stand-in that keeps what each method was last given, and what came out."""

    def __init__(self, *parameters):
        super().__init__(*parameters)
        self.seen = {}  # "forward" or "backward" → [*arguments, result]

    def forward(self, inputs):
        return self._kept("forward", inputs)

    def backward(self, inputs, dldy):
        return self._kept("backward", inputs, dldy)

    def _kept(self, method, *arguments):
        self.seen[method] = [*arguments, None]
        self.seen[method][-1] = getattr(super(), method)(*arguments)
        return self.seen[method][-1]


class WatchedLayer(_Watched, standins.Layer):
    """A stand-in layer for the picture."""


class WatchedReLU(_Watched, standins.ReLU):
    """A stand-in ReLU for the picture."""


@picture
def network(network_class):
    """X → H → Ŷ, with Z before a ReLU: shapes, and what each `backward` was given."""
    generator = torch.Generator().manual_seed(2)
    values = {
        name: torch.randn(size, generator=generator, dtype=torch.float64) for name, size in SIZES.items()
    }
    layer1, layer2 = WatchedLayer(values["W₁"], values["b₁"]), WatchedLayer(values["W₂"], values["b₂"])
    relu, parts = WatchedReLU(), {"layer1": layer1, "layer2": layer2}
    built = call(at_once.built, subject(network_class, "NeuralNetwork"), (layer1, layer2), {})
    route = ["X", "H", "Ŷ"]
    if attribute(built, "relu") is not MISSING:
        call(at_once.built, lambda: built, (), {"relu": relu})
        parts, route = {"layer1": layer1, "relu": relu, "layer2": layer2}, ["X", "Z", "H", "Ŷ"]
    steps = _forward(built, parts, route, values) + _backward(built, parts, route, values)
    nodes = {name: (3.6 * place, 0) for place, name in enumerate(route)}
    nodes |= {"W₁": (3.6, 2), "W₂": (3.6 * len(route) - 3.6, 2)}
    edges = [*pairwise(route), ("W₁", route[1]), ("W₂", "Ŷ")]
    known = {name: f"{name} {shape(values[name])}" for name in ("X", "W₁", "W₂")}
    names = {name: name for name in route} | known
    return flow("network_title", nodes, edges, names, steps)


def _forward(built, parts, route, values):
    """A step for each part's forward; `values` gets what came out."""
    outcome = attempt(built.forward, values["X"].clone())
    if isinstance(outcome, Failed) and outcome.undone:
        raise Stop(Verdict.UNDONE, text("call.undone"))
    steps = []
    for (name, part), source, target in zip(parts.items(), route, route[1:], strict=False):
        weights = {"layer1": "W₁", "layer2": "W₂"}.get(name)
        right = (
            reference.affine(values[source], part.weights, part.bias)
            if weights
            else values[source].clamp(min=0)
        )
        given, result = part.seen.get("forward", (MISSING, MISSING))
        values[target] = right if as_numbers(result) is None else result
        lines = [text("picture.call_forward", part=name), *_given({source: given}, values, outcome)]
        if given is not MISSING:
            lines.append(f"→ {target} {shape(result)}")
        ok = agrees(given, values[source])
        edges = dict.fromkeys([(source, target), *([(weights, target)] if weights else [])], ok)
        steps.append(Step(edges, False, lines, {target: f"{target} {shape(result)}"}))
    return steps


def _backward(built, parts, route, values):
    """A step for each part's backward, the last part first."""
    outcome = attempt(built.backward, values["X"].clone(), values["∂L/∂Ŷ"].clone())
    steps = []
    for (name, part), source, target in reversed([*zip(parts.items(), route, route[1:], strict=False)]):
        arriving, leaving = f"∂L/∂{target}", f"∂L/∂{source}"
        given, dldy, result = part.seen.get("backward", (MISSING, MISSING, MISSING))
        lines = [text("picture.call_backward", part=name)]
        lines += _given({source: given, arriving: dldy}, values, outcome)
        upstream_ok = agrees(dldy, values[arriving])
        inputs_ok = upstream_ok and agrees(given, values[source])
        weights = {"layer1": "W₁", "layer2": "W₂"}.get(name)
        shown = {
            target: f"{target} {shape(values[target])}<br>{arriving} {shape(dldy)}",
            source: f"{source} {shape(values[source])}<br>{leaving} {shape(result)}",
        }
        edges = {(target, source): upstream_ok if weights else inputs_ok}
        if weights:
            edges[target, weights] = inputs_ok
            shown[weights] = f"{weights} {shape(part.weights)}<br>dw {shape(part.dw)}"
        made = f"dw {shape(part.dw)}, db {shape(part.db)}, " if weights else ""
        if given is not MISSING:
            lines.append(f"→ {made}{leaving} {shape(result)}")
        values[leaving] = (
            _right(part, values[source], values[arriving]) if as_numbers(result) is None else result
        )
        steps.append(Step(edges, True, lines, shown))
    ok = agrees(outcome, values["∂L/∂X"])
    if isinstance(outcome, Failed):
        end = text("picture.stopped", mark=MARKS[ok])
    else:
        end = text("picture.returned", value=_recognised(outcome, "∂L/∂X", values), mark=MARKS[ok])
    steps[-1].caption.append(end)
    return steps


def _right(part, inputs, dldy):
    """What the part's backward would have returned."""
    if isinstance(part, WatchedReLU):
        return reference.relu_gradient(inputs, dldy)
    return reference.layer_gradients(inputs, part.weights, part.bias, dldy)["dx"]


def _given(arguments, values, outcome):
    """A line for each argument: what was given, and what belongs there."""
    if MISSING in arguments.values():
        reason = f": {outcome.words}" if isinstance(outcome, Failed) else ""
        return [text("picture.not_called", reason=reason)]
    lines = []
    for label, (wanted, value) in zip(("inputs", "dldy"), arguments.items(), strict=False):
        ok = agrees(value, values[wanted])
        need = "" if ok else text("picture.needed", name=f"{wanted} {shape(values[wanted])}")
        lines.append(f"{label} = {_recognised(value, wanted, values)} {MARKS[ok]}{need}")
    return lines


def _recognised(value, wanted, values):
    """The name of a value, if it is one that passes through this network, and its shape."""
    names = [wanted, *(name for name in values if name != wanted)]
    name = next((name for name in names if agrees(value, values[name])), "")
    return f"{name} {shape(value)}".strip()

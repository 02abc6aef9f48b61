"""A graph of computation, gone through forward and back, edge by edge."""

from dataclasses import dataclass, field

from ..messages import text
from .figure import BLUE, GREY, LIGHT, ORANGE, RED, caption, hidden_axis, labels, rectangle, strokes
from .moving import animated

WIDTH, HEIGHT = 1.35, 0.6  # half a box
SCREEN = 2.2  # times wider than high
BACK, MARK = 0.16, 0.46  # how far beside the way forward the way back lies, and a mark
MARKS = {True: "✓", False: "✗"}


@dataclass
class Step:
    """One step: a dict of its edges (from, to) → whether what passes there is right, and what is said.

    `names` are the boxes' new words: dict of node → text.
    """

    edges: dict
    back: bool
    caption: list
    names: dict = field(default_factory=dict)


def flow(title, nodes, edges, names, steps):
    """The figure: `nodes` is a dict of name → centre, `names` what stands in a box before the first step."""
    known, frames = dict(names), {}
    for count, step in enumerate(steps, start=1):
        known |= step.names
        frames[str(count)] = _frame(nodes, edges, known, steps[:count])
    across, up = _ranges(nodes)
    axes = {"xaxis": hidden_axis(*across), "yaxis": hidden_axis(*up)}
    layout = {"height": 520, "margin": {"t": 90, "b": 90, "l": 10, "r": 10}, **axes}
    return animated(title, [], frames, text("picture.step") + " ", smooth=False, **layout)


def _frame(nodes, edges, names, steps):
    """The traces of one step: ways not yet gone, gone, broken and being gone; boxes, marks, words."""
    now = steps[-1]
    gone, active, heads, marks, reached = {}, {}, [], [], {}
    for step in steps:
        for edge, ok in step.edges.items():
            colour = RED if not ok else ORANGE if step.back else BLUE
            shaft, head = _arrow(nodes, edge, BACK * step.back)
            ways = active if step is now else gone
            ways.setdefault(colour, []).append(shaft)
            heads += [head] if colour == RED else []  # a dashed head would not be seen
            ways[colour] += [head] if colour != RED else []
            if step.back or not ok:
                marks.append((*_middle(nodes, edge), MARKS[ok]))
            if step is now:
                reached[edge[1]] = min(reached.get(edge[1], True), ok)
    passed = {edge for step in steps for edge in step.edges}
    waiting = [path for edge in edges if edge not in passed for path in _arrow(nodes, edge)]
    kinds = {BLUE: "forward", ORANGE: "back", RED: "broken"}
    dashes = {BLUE: "solid", ORANGE: "solid", RED: "dash"}
    boxes = {right: [_box(nodes[node]) for node, ok in reached.items() if ok == right] for right in MARKS}
    x, y = zip(*nodes.values(), strict=True)
    return [
        strokes(waiting, color=LIGHT, width=2),
        *(
            strokes(gone.get(c, []), text(f"picture.{kinds[c]}"), color=c, width=2, dash=dashes[c])
            for c in kinds
        ),
        *(strokes(active.get(c, []), color=c, width=5, dash=dashes[c]) for c in kinds),
        strokes(heads, color=RED, width=3),
        strokes([_box(place) for place in nodes.values()], color=GREY, width=1),
        strokes(boxes[True], color=ORANGE if now.back else BLUE, width=3),
        strokes(boxes[False], color=RED, width=3),
        labels(marks, textfont={"size": 18}),
        labels([(*nodes[node], said) for node, said in names.items()], textfont={"size": 14}),
        caption((min(x) + max(x)) / 2, min(y) - HEIGHT - 1.1, now.caption),
    ]


def _ranges(nodes):
    """What the axes hold: the boxes, and room for words below them."""
    x, y = zip(*nodes.values(), strict=True)
    return (min(x) - WIDTH - 0.1, max(x) + WIDTH + 0.1), (min(y) - HEIGHT - 2.1, max(y) + HEIGHT + 0.1)


def _aspect(nodes):
    """How much longer a unit of x is on the screen than one of y."""
    (left, right), (low, high) = _ranges(nodes)
    return SCREEN * (high - low) / (right - left)


def _box(place):
    x, y = place
    return rectangle(x - WIDTH, x + WIDTH, y - HEIGHT, y + HEIGHT)


def _ends(nodes, edge, aside):
    """Where a way leaves one box and reaches the other, so far to its right hand."""
    (x1, y1), (x2, y2) = (nodes[node] for node in edge)
    across, up, aspect = x2 - x1, y2 - y1, _aspect(nodes)
    cut = min(WIDTH / abs(across) if across else 9, HEIGHT / abs(up) if up else 9) + 0.03
    long = (across**2 + (up / aspect) ** 2) ** 0.5
    x, y = -aside * up / aspect / long, aside * aspect * across / long
    return (x1 + cut * across + x, y1 + cut * up + y), (x2 - cut * across + x, y2 - cut * up + y)


def _arrow(nodes, edge, aside=0):
    """A way and its head."""
    (x1, y1), (x2, y2) = _ends(nodes, edge, aside)
    aspect = _aspect(nodes)
    across, up = x2 - x1, (y2 - y1) / aspect
    long = (across**2 + up**2) ** 0.5
    across, up = 0.16 * across / long, 0.16 * up / long
    left = (x2 - across - 0.6 * up, y2 + aspect * (0.6 * across - up))
    right = (x2 - across + 0.6 * up, y2 - aspect * (0.6 * across + up))
    return [(x1, y1), (x2, y2)], [left, (x2, y2), right]


def _middle(nodes, edge):
    """The place of a way's mark."""
    (x1, y1), (x2, y2) = _ends(nodes, edge, MARK)
    return (x1 + x2) / 2, (y1 + y2) / 2

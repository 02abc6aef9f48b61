"""One element of a gradient: which products it is the sum of, and what the learner's backward has there."""

import torch

from .. import reference
from ..calls import call, subject
from ..messages import text
from ..outcome import Stop, Verdict
from .attempts import Failed, agrees, as_numbers, attempt, attribute, factor, number, shape
from .figure import BLUE, LIGHT, ORANGE, RED, caption, hidden_axis, labels, picture, rectangle, strokes
from .flow import MARKS
from .moving import animated

SIZES = {"dw": (4, 3, 2), "dx": (2, 3, 4)}  # k, m, outputs: four products and few elements
TITLES = {"dw": "element_dw", "dx": "element_dx"}
WIDE, PRODUCT = 1.7, 4.6  # a cell of the gradient, a product: units, where a cell of a factor has one
SHADE = "rgba(255,127,14,0.18)"


@picture
def element(layer_class, of="dw", outputs=None):
    """dw[p, j] or dx[i, p]: the column or row of each factor, their products, the sum in its place.

    `outputs` is the layer's number of outputs: 1 for a Neuron.
    """
    k, m, n = SIZES[of]
    n = outputs or n
    generator = torch.Generator().manual_seed(11)
    X, W, G = (_digits(size, generator) for size in ((k, m), (m, n), (k, n)))
    layer = call(subject(layer_class, "DenseLayer"), W.clone(), torch.zeros(n, dtype=torch.float64))
    result = attempt(layer.backward, X.clone(), G.clone())
    if isinstance(result, Failed) and result.undone:
        raise Stop(Verdict.UNDONE, text("call.undone"))
    yours = result if isinstance(result, Failed) else attribute(layer, of)
    right = reference.layer_gradients(X, W, torch.zeros(n, dtype=torch.float64), G)[of]
    frames = {}
    for row, column in torch.cartesian_prod(*map(torch.arange, right.shape)).tolist():
        draw = _of_weights if of == "dw" else _of_inputs
        frames[f"{of}[{row}, {column}]"] = draw(row, column, X, W, G, yours, right)
    height = 7.2 if of == "dw" else 8.6
    across = m + n + (1.2 if of == "dw" else -m + 0.6) + PRODUCT + WIDE * right.shape[1] + 0.5
    axes = {"xaxis": hidden_axis(-0.2, across), "yaxis": hidden_axis(height, -0.4)}
    layout = {"height": 560, "margin": {"t": 95, "b": 90, "l": 10, "r": 10}, **axes}
    return animated(TITLES[of], [], frames, "", smooth=False, **layout)


def _digits(size, generator):
    """Whole numbers from −3 to 3 without 0."""
    drawn = torch.randint(1, 7, size, generator=generator).to(torch.float64)
    return torch.where(drawn > 3, 3 - drawn, drawn)


def _of_weights(p, j, X, W, G, yours, right):
    """The frame of dw[p, j] = Σᵢ X[i, p] · G[i, j]."""
    k, m = X.shape
    after = m + 0.6
    places = {"X": (X, 0, 0), "dldy": (G, after, 0)}
    lit = [rectangle(p, p + 1, 0.5, 0.5 + k), rectangle(after + j, after + j + 1, 0.5, 0.5 + k)]
    formula = f"dw[{p}, {j}] = Σᵢ X[i, {p}] · dldy[i, {j}]"
    products = zip(X[:, p].tolist(), G[:, j].tolist(), strict=True)
    left = after + G.shape[1] + 0.3
    return _frame(places, lit, [*products], left, ("dw", p, j), yours, right, formula)


def _of_inputs(i, p, X, W, G, yours, right):
    """The frame of dx[i, p] = Σⱼ G[i, j] · W[p, j]: the factors stand one above the other."""
    k, n = G.shape
    below = k + 1.2
    places = {"dldy": (G, 0, 0), "W": (W, 0, below)}
    lit = [rectangle(0, n, 0.5 + i, 1.5 + i), rectangle(0, n, below + 0.5 + p, below + 1.5 + p)]
    formula = f"dx[{i}, {p}] = Σⱼ dldy[{i}, j] · W[{p}, j]"
    products = zip(G[i].tolist(), W[p].tolist(), strict=True)
    return _frame(places, lit, [*products], n + 0.3, ("dx", i, p), yours, right, formula)


def _frame(places, lit, products, left, element, yours, right, formula):
    """Factors, products from `left` on, their sum, and behind them the learner's gradient."""
    name, row, column = element
    grid, digits = [], []
    for title, (matrix, x, y) in places.items():
        grid += _grid(x, y, *matrix.shape)
        digits.append((x + matrix.shape[1] / 2, y, f"<b>{title} {shape(matrix)}</b>"))
        digits += [
            (x + c + 0.5, y + r + 1, number(value))
            for r, line in enumerate(matrix.tolist())
            for c, value in enumerate(line)
        ]
    middle, end = left + PRODUCT / 2, left + PRODUCT + 0.3
    terms = [
        (middle, r + 1, f"{factor(a)} · {factor(b)} = {number(a * b)}") for r, (a, b) in enumerate(products)
    ]
    bottom = len(products) + 0.6
    total = right[row, column]
    terms.append((middle, bottom + 0.5, f"<b>{text('picture.sum', value=number(total.item()))}</b>"))
    grid += _grid(end, 0, *right.shape, WIDE)
    digits.append((end + WIDE * right.shape[1] / 2, 0, f"<b>{text('picture.your', name=name)}</b>"))
    tensor = as_numbers(yours)
    readable = tensor is not None and tensor.shape == right.shape
    for r, c in torch.cartesian_prod(*map(torch.arange, right.shape)).tolist():
        shown = f"{tensor[r, c].item() + 0.0:.3g}".replace("-", "−") if readable else "—"
        wrong = readable and not agrees(tensor[r, c], right[r, c])
        digits.append((end + WIDE * (c + 0.5), r + 1, f"{shown} ✗" if wrong else shown))
    ok = readable and agrees(tensor[row, column], total)
    x = end + WIDE * (column + 0.5)
    foot = right.shape[0] + 0.6
    way = [(middle + 1.5, bottom + 0.5), (x, bottom + 0.5), (x, foot)]
    head = [(x - 0.2, foot + 0.3), (x, foot), (x + 0.2, foot + 0.3)]
    cell = rectangle(x - WIDE / 2, x + WIDE / 2, row + 0.5, row + 1.5)
    place = f"{name}[{row}, {column}]"
    if readable:
        value = number(tensor[row, column].item())
        verdict = text("picture.element_same" if ok else "picture.element_differs", name=place, value=value)
    else:
        got = yours.words if isinstance(yours, Failed) else shape(yours)
        verdict = text("picture.element_odd", name=name, value=got, right=shape(right))
    lowest = max(y + matrix.shape[0] for matrix, _, y in places.values())
    below = max(lowest, bottom + 0.5) + 1.3
    return [
        strokes(grid, color=LIGHT, width=1),
        {**strokes(lit, text("picture.taken"), color=BLUE, width=3), "fill": "toself", "fillcolor": SHADE},
        strokes([[(left + 0.4, bottom), (left + PRODUCT - 0.4, bottom)]], color=LIGHT, width=2),
        strokes([way, head, cell] if ok else [], text("picture.right_sum"), color=ORANGE, width=3),
        strokes([] if ok else [way, head, cell], text("picture.broken"), color=RED, width=3, dash="dash"),
        labels(digits, textfont={"size": 15}),
        labels(terms, meta="caption", textfont={"size": 15}),  # the words of a step tell the products too
        caption((end + WIDE * right.shape[1]) / 2, below, [formula, f"<b>{verdict} {MARKS[ok]}</b>"]),
    ]


def _grid(x, y, rows, columns, wide=1):
    """The lines of a matrix whose first row is centred at y + 1."""
    across = [[(x, y + r + 0.5), (x + wide * columns, y + r + 0.5)] for r in range(rows + 1)]
    down = [[(x + wide * c, y + 0.5), (x + wide * c, y + rows + 0.5)] for c in range(columns + 1)]
    return across + down

"""Which of the three hints under a table helps with a failed row, if any does."""

from .outcome import Verdict

# The sentence is about Python and not about the subject: a hint on gradients would lead astray.
PLAIN = (
    "raised.", "call.raised", "call.name", "call.unreadable", "cause.", "pure.", "paper.", "standin.",
    "history.",
    "value.no_return", "value.not_stored", "value.only_returned", "value.near", "value.missing",
    "value.class",
    "value.pair", "value.list", "value.function", "value.type", "value.not_returned", "value.precision",
    "value.stored_differs", "value.returned_differs", "value.empty_field", "value.complex", "slip.integer",
    "autograd.keys", "autograd.none", "snapshots.keys", "snapshots.dict", "figure.type",
    "element.none", "element.type", "numerical.none", "loop.not_list", "loop.not_number",
)  # fmt: skip
# Raised because of shapes: where they come from is what the formula shows.
SHAPES = (
    "call.matmul",
    "raised.broadcast",
    "raised.product_axes",
    "raised.product_number",
    "raised.in_place_shape",
)


def helpful(row):
    """The step of the hints, "idea" or "formula", for a failed row; None when no hint is about it.

    «Almost code» is never offered: a learner opens it after the other two.
    """
    key = row.message.key
    if not row.hinted or (key.startswith(PLAIN) and key not in SHAPES):
        return None
    nothing_typical = key in ("value.wrong", "slip.zeros")
    return "idea" if nothing_typical or row.verdict is Verdict.UNDONE else "formula"

"""What is asked of the gradients of every class, whatever they are gradients of."""

from .messages import text
from .outcome import Stop, Verdict
from .values import as_tensor, close


def check_both_places(name, stored, result, expected):
    """Raises Stop when the right gradient was stored but not returned, or returned but not stored."""
    if not close(stored, expected):
        if result is not None and close(as_tensor(result, name), expected):
            raise Stop(Verdict.WRONG, text("value.stored_differs", name=name))
    elif result is None:
        raise Stop(Verdict.UNDONE, text("value.not_returned", name=name))
    elif not close(as_tensor(result, name), expected):
        raise Stop(Verdict.WRONG, text("value.returned_differs", name=name))


def raised_later(stop, stored, name, expected):
    """Whether backward had stored the right gradient when it raised: then another gradient is to blame."""
    return (
        stop.verdict is not Verdict.REFUSED
        and stored is not None
        and close(as_tensor(stored, name), expected)
    )


def check_derived(comparison):
    """Raises Stop for a gradient that is right elsewhere and wrong among huge numbers that it ignores."""
    if not comparison.ok:
        raise Stop(Verdict.REFUSED, text("by_hand.drowned"))


def check_computed(computed):
    """Raises Stop for a backward all of whose gradients are zeros: it can spoil nothing, and does nothing."""
    if not computed:
        raise Stop(Verdict.UNDONE, text("pure.zeros"))

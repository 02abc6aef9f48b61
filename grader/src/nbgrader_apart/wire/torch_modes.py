"""torch's modes, which are the test's while the learner's code runs for it."""

import sys


def modes() -> list | None:
    """The default dtype and whether gradients are recorded; None when torch is not in use."""
    torch = sys.modules.get("torch")
    return [str(torch.get_default_dtype()).removeprefix("torch."), torch.is_grad_enabled()] if torch else None


def take_modes(wanted: list | None) -> None:
    """Set the modes to what `modes()` has returned, here earlier or on the other side."""
    torch = sys.modules.get("torch")
    if torch and wanted and wanted != modes():
        dtype, grad = wanted
        torch.set_default_dtype(getattr(torch, dtype))
        torch.set_grad_enabled(grad)

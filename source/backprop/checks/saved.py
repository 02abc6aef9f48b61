"""The notebooks of the folder that the learner works in, as they were last saved."""

from pathlib import Path

from .messages import text
from .outcome import CheckFailed
from .report import wrap


def names():
    """The notebooks of the course in this folder, without their endings, in the order of the course."""
    return sorted(path.stem for kind in ("seminar", "task") for path in Path().glob(f"{kind}-*.ipynb"))


def read(name):
    """The saved notebook. Raises CheckFailed when it is not there or is no notebook."""
    import nbformat  # a notebook of a single file works where it is not installed

    path = Path(f"{name}.ipynb")
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise failed("saved.missing", file=path.name, others=", ".join(names()) or "—") from None
    # what nbformat raises for other JSON
    except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
        raise failed("saved.unreadable", file=path.name, reason=type(error).__name__) from None


def failed(key, **values):
    """A CheckFailed that says the sentence `key`, without an offer of a hint."""
    message = text(key, **values)
    return CheckFailed(wrap(message), message.key)

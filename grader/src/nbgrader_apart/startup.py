"""Skips what imports do and grading does not need, so that processes start sooner."""

import gc
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


def without_address_parser() -> None:
    """Keep jsonschema from building its parser of internationalised addresses: notebooks have none.

    It would take more than a second when nbformat is first imported; without it jsonschema checks no IRI.
    """
    # None makes an import fail; the annotations know only of modules
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def without_alembic_command() -> None:
    """Let nbgrader read the version of its tables in this process when it makes a gradebook.

    It would ask the command `alembic`, which imports nbgrader once more: two seconds.
    """
    from alembic.script import ScriptDirectory  # after without_address_parser()
    from nbgrader import api, dbutil

    api.get_alembic_version = ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head


def without_autoflush_warnings() -> None:
    """Say nothing of what nbgrader 0.9, written for an older SQLAlchemy, does at each new submission."""
    from sqlalchemy.exc import SAWarning

    known = r"Object of type <\w+> not in session, add operation along"
    warnings.filterwarnings("ignore", known, SAWarning, "nbgrader.api")


@contextmanager
def without_collections() -> Iterator[None]:
    """Let no garbage be collected while modules are imported: a quarter of the time would go into it.

    What is there afterwards stays, for this process and for its forks.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

"""`apart`, which says in one sentence when a package is missing."""

import sys

from nbgrader_apart.messages import text
from nbgrader_apart.startup import without_address_parser, without_collections


def main() -> None:
    """The command. Exits with 1 and one sentence when a package is missing."""
    without_address_parser()
    try:
        with without_collections():
            from nbgrader_apart.cli import app

        app(prog_name="apart")
    except ModuleNotFoundError as error:
        absent = text("doctor.not_installed", name=error.name)
        sys.exit(text("doctor.packages", wrong=absent, files="nbgrader-apart"))


if __name__ == "__main__":
    main()

"""`python -m grading`: the instructor's commands beside nbgrader's own."""

from pathlib import Path
from typing import Annotated

import typer

from .batch.command import grade

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)
app.command()(grade)


@app.callback()
def commands():
    """Run in the course's folder, where nbgrader_config.py is."""


@app.command()
def report(
    assignment: Annotated[str, typer.Argument(help="The assignment, as in the gradebook.")],
    to: Annotated[
        Path | None, typer.Option(help="Folder of the report.  [default: report/ASSIGNMENT]")
    ] = None,
):
    """Write a page about the class, and its data as CSV."""
    from .report.command import main  # nbgrader and plotly take seconds to import

    raise typer.Exit(main(assignment, to))


@app.command()
def doctor():
    """Say what of the course's set-up is missing or mis-set, and how to mend it."""
    from .doctor import main  # nbgrader and its database take seconds to import

    raise typer.Exit(0 if main() else 1)

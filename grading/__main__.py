"""`python -m grading`: the instructor's commands beside nbgrader's own."""

import typer

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def commands():
    """Run in the course's folder, where nbgrader_config.py is."""


@app.command()
def doctor():
    """Say what of the course's set-up is missing or mis-set, and how to mend it."""
    from .doctor import main  # nbgrader and its database take seconds to import

    raise typer.Exit(0 if main() else 1)


if __name__ == "__main__":
    app(prog_name="python -m grading")

"""`python -m grading`: the instructor's commands beside nbgrader's own."""

import typer

from .batch.command import grade

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False, no_args_is_help=True)
app.command()(grade)


@app.callback()
def commands():
    """Run in the course's folder, where nbgrader_config.py is."""


if __name__ == "__main__":
    app(prog_name="python -m grading")

"""python -m authoring build | check."""

import typer

from . import cells, readme, release, source

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Generate the notebooks of the course, or prove that they are fresh.",
)


@app.command()
def build():
    """Write source/ (executed) and release/ from authoring/."""
    _stop_at(cells.problems())
    source.write()
    release.write()
    readme.write()
    _stop_at(release.leaks())


@app.command()
def check():
    """Fail when something generated is stale, leaks, or when a test cell breaks a rule."""
    _stop_at(cells.problems())
    _stop_at([f"source/backprop/{name}.ipynb is stale: run make build" for name in source.stale()])
    _stop_at([f"release/backprop/{path} is stale: run make build" for path in release.stale()])
    _stop_at(release.leaks())
    _stop_at([f"the table of notebooks in {name} is stale: run make build" for name in readme.stale()])
    typer.echo("The notebooks are fresh, the release gives nothing away, every test cell keeps the rules.")


def _stop_at(problems):
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()

"""python -m mistakes [NOTEBOOK …]: run both catalogues and fail when anything is off."""

import time

import typer

from . import catalogue, report, run


def main(notebooks: list[str] = typer.Argument(None)):  # noqa: B008  typer's own way
    """Run every mistake and every right alternative against the notebooks' own test cells."""
    start = time.monotonic()
    entries = catalogue.mistakes() + catalogue.alternatives()
    if notebooks:
        entries = [entry for entry in entries if entry.notebook in notebooks]
    totals = report.compare(run.run_all(entries))
    for problem in totals.problems:
        typer.echo(problem, err=True)
    typer.echo(f"{totals.sentence()} ({time.monotonic() - start:.0f} s)")
    if totals.problems:
        raise typer.Exit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()

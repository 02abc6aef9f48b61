"""python -m mistakes run [NOTEBOOK …] | page."""

import time
from typing import Annotated

import typer

from authoring import readme

from . import catalogue, page, report
from . import run as runner

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, help="Prove the checks on the catalogues."
)


@app.command()
def run(notebooks: Annotated[list[str] | None, typer.Argument()] = None):
    """Run both catalogues against the notebooks' own test cells; fail if anything is off."""
    start = time.monotonic()
    entries = catalogue.mistakes() + catalogue.alternatives()
    entries = [entry for entry in entries if not notebooks or entry.notebook in notebooks]
    totals = report.compare(runner.run_all(entries))
    if not notebooks:
        totals.problems += [
            f"{name} is stale: it must say «{totals.sentence()}»"
            for name in readme.COLUMNS
            if totals.sentence() not in (readme.ROOT / name).read_text(encoding="utf-8")
        ]
    for problem in totals.problems:
        typer.echo(problem, err=True)
    typer.echo(f"{totals.sentence()} ({time.monotonic() - start:.0f} s)")
    if totals.problems:
        raise typer.Exit(1)


@app.command("page")
def write_page():
    """Write the learners' page of typical mistakes and the table «mistake × check»."""
    page.write()


if __name__ == "__main__":
    app()

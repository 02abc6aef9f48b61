"""Writes an edition's source: executed notebooks, the checks, the two pages beside them; says what is stale."""

import filecmp
import json
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from course.build import mistakes_page, notebook_text, start_page, tasks
from course.build.editions import ORIGINAL, Edition
from course.build.paths import CHECKS

UNSHIPPED = shutil.ignore_patterns("__pycache__", "test_*.py", "conftest.py", "*.json")


def write(edition: Edition, names: Sequence[str] = ()) -> list[str]:
    """Write the edition's source anew and return the names of the notebooks that were executed, two at a time.

    These are the `names`; without any, those whose cells have changed, or all when the checks have. Raises
    ValueError for a name that no task has and nbclient's CellExecutionError when a cell of a reference
    solution fails; then nothing is written.
    """
    unknown = set(names) - set(tasks.names())
    if unknown:
        raise ValueError(f"course/tasks has no {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / edition.assignment
        fresh.mkdir()  # everybody may read it, unlike the temporary folder
        _lay_out(edition, fresh)
        checks_changed = set(_differing(edition, fresh)) - {notebook_text.MISTAKES_PAGE, start_page.NAME}
        changed = list(names) or (tasks.names() if checks_changed else _stale_notebooks(edition))
        known = [name for name in changed if name in tasks.names()]
        with ThreadPoolExecutor(max_workers=2) as pool:
            executed = list(pool.map(partial(_execute, edition=edition, folder=fresh), known))
        for name, notebook in zip(known, executed, strict=True):
            nbformat.write(notebook, fresh / f"{name}.ipynb")
        for name in tasks.names():
            stored = edition.source / f"{name}.ipynb"
            if name not in known and stored.exists():
                shutil.copy(stored, fresh)
        shutil.rmtree(edition.source, ignore_errors=True)
        shutil.copytree(fresh, edition.source, ignore=shutil.ignore_patterns("__pycache__"))
    return known


def _lay_out(edition: Edition, folder: Path) -> None:
    """What lies beside the notebooks: the checks without their tests, where to start, typical mistakes."""
    language = edition.language
    shutil.copytree(CHECKS, folder / CHECKS.name, ignore=UNSHIPPED)
    sentences = json.dumps(notebook_text.messages(language), ensure_ascii=False, indent=1)
    (folder / CHECKS.name / "messages" / f"{language}.json").write_text(f"{sentences}\n", encoding="utf-8")
    (folder / notebook_text.MISTAKES_PAGE).write_text(mistakes_page.render(language), encoding="utf-8")
    (folder / start_page.NAME).write_text(start_page.render(language), encoding="utf-8")


def _execute(name: str, edition: Edition, folder: Path) -> NotebookNode:
    notebook = notebook_text.build(name, edition.language)
    NotebookClient(
        notebook,
        timeout=60,
        force_raise_errors=True,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    notebook.metadata = notebook_text.metadata(edition.language)  # the kernel adds its own version
    return notebook


def read(name: str, edition: Edition = ORIGINAL) -> NotebookNode:
    """The stored notebook `name` of an edition, as the current notebook format."""
    return nbformat.read(edition.source / f"{name}.ipynb", as_version=4)


def stale(edition: Edition) -> list[str]:
    """Names in the edition's source of what differs from the texts and checks in more than outputs."""
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(edition, Path(folder))
        return [f"{name}.ipynb" for name in _stale_notebooks(edition)] + _differing(edition, Path(folder))


def _stale_notebooks(edition: Edition) -> list[str]:
    stored = {path.stem for path in edition.source.glob("*.ipynb")}
    differing = {
        name
        for name in stored & set(tasks.names())
        if _inputs(read(name, edition)) != _inputs(notebook_text.build(name, edition.language))
    }
    return sorted(differing | stored ^ set(tasks.names()))


def _inputs(notebook: NotebookNode) -> list[tuple]:
    """Everything of a notebook but outputs and execution counts."""
    cells = [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    return [("", "", "", notebook.metadata), *cells]


def _differing(edition: Edition, fresh: Path) -> list[str]:
    """What lies beside the notebooks and is not the same in `fresh` and in the source, as relative paths."""
    names = {str(path.relative_to(root)) for root in (fresh, edition.source) for path in beside(root)}
    _, differing, missing = filecmp.cmpfiles(fresh, edition.source, names, shallow=False)
    return sorted(differing + missing)


def files(folder: Path) -> list[Path]:
    """All files of an assignment's folder."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]


def beside(folder: Path) -> list[Path]:
    """Those of them that are no notebooks."""
    return [path for path in files(folder) if path.suffix != ".ipynb"]

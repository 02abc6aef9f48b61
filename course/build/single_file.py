"""Writes an edition's single files: every released notebook with the checks inside, for a place without a folder."""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from functools import partial

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from course.build import notebook_text, public, source_notebooks, tasks
from course.build.editions import Edition
from course.build.paths import CHECKS

PACKED = re.compile(r'^PACKED = "([\w+/=]+)"$', re.MULTILINE)
PAGE = re.compile(r"\[([^\]]*)\]\(([\w-]+\.md)(#[^)]*)?\)")
UNPACK = '''\
# @title {title}
import base64
import json
import pathlib
import sys
import tempfile
import zlib

PACKED = "{packed}"
try:
    import checks
except ModuleNotFoundError:
    unpacked = pathlib.Path(tempfile.mkdtemp(prefix="checks-"))
    for name, content in json.loads(zlib.decompress(base64.b64decode(PACKED))).items():
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_text(content, encoding="utf-8")
    sys.path.insert(0, str(unpacked))
del PACKED

try:
    import nbformat
except ModuleNotFoundError:  # plotly asks for it before it shows a figure
    from IPython.display import display
    from plotly.basedatatypes import BaseFigure

    get_ipython().display_formatter.ipython_display_formatter.for_type(
        BaseFigure,
        lambda figure: display({{"application/vnd.plotly.v1+json": json.loads(figure.to_json())}}, raw=True),
    )

{imports}'''


def write(edition: Edition) -> None:
    """Write the single files of the released notebooks anew."""
    folder = edition.single_file
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name in tasks.names():
        nbformat.write(_fresh(edition, name), folder / f"{name}.ipynb")


def stale(edition: Edition) -> list[str]:
    """Names of the single files that are not what the release says. How the checks are pressed is no matter."""
    stored = {path.name for path in edition.single_file.glob("*")}
    fresh = {f"{name}.ipynb": _fresh(edition, name) for name in tasks.names()}
    differing = {
        name
        for name in stored & fresh.keys()
        if _meaning(nbformat.read(edition.single_file / name, as_version=4)) != _meaning(fresh[name])
    }
    return sorted(differing | stored ^ fresh.keys())


def unpacked(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """(name, contents) of the files that a notebook holds."""
    for cell in notebook.cells:
        if match := PACKED.search(cell.source):
            yield from json.loads(zlib.decompress(base64.b64decode(match[1]))).items()


def _fresh(edition: Edition, name: str) -> NotebookNode:
    notebook = nbformat.read(edition.release / f"{name}.ipynb", as_version=4)
    sentences = notebook_text.messages(edition.language)
    cell = next(cell for cell in notebook.cells if cell.cell_type == "code")  # a locked one, with the imports
    cell.source = UNPACK.format(
        title=sentences["page.unpack"], packed=_packed(_checks(edition)), imports=cell.source
    )
    cell.metadata.nbgrader.checksum = compute_checksum(cell)
    cell.metadata["jupyter"] = {"source_hidden": True}  # JupyterLab and VS Code fold it,
    cell.metadata["cellView"] = "form"  # and so does Colab
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = PAGE.sub(partial(_public_link, edition, sentences), cell.source)
    return notebook


def _public_link(edition: Edition, sentences: Mapping[str, str], link: re.Match) -> str:
    """A link to a public page of the course, or, as nothing lies beside a single file, words without one."""
    words, page, place = link.groups(default="")
    address = public.address()
    if address:
        return f"[{words}]({address}/{(edition.source / page).relative_to(edition.root)}{place})"
    return sentences["page.beside"].format(words=words, page=page)


def _checks(edition: Edition) -> dict[str, str]:
    """{name: contents} of the checks as they are released."""
    files = source_notebooks.files(edition.release / CHECKS.name)
    return {str(path.relative_to(edition.release)): path.read_text(encoding="utf-8") for path in files}


def _packed(files: Mapping[str, str]) -> str:
    text = json.dumps(files, ensure_ascii=False, sort_keys=True)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _meaning(notebook: NotebookNode) -> list[tuple]:
    """What two files have to have in common: zlib presses the same text in several ways."""
    cells = []
    for cell in notebook.cells:
        metadata = json.loads(json.dumps(cell.metadata))
        if PACKED.search(cell.source):
            metadata["nbgrader"].pop("checksum")
        cells.append((cell.id, cell.cell_type, PACKED.sub("", cell.source), metadata))
    return [*cells, *unpacked(notebook)]

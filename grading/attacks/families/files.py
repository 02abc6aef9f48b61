"""Broken, forged and unusual submissions. Accidents of an honest learner keep the points."""

import json
import os
import shutil

from ..case import WRONG, Attack
from ..fixture import LAYER

ATTACKS = []
NOTEBOOK = "layer.ipynb"


def attack(family, tries, expect="wrong", code=WRONG, shown=(), hidden=None):
    """Enter a function that changes the submission's folder as an attack of its own name."""

    def enter(mutate):
        extra = {} if hidden is None else {"hidden": hidden}
        name = mutate.__name__.strip("_").replace("_", "-")
        ATTACKS.append(Attack(name, family, tries, code, mutate, expect, shown, **extra))
        return mutate

    return enter


def honest(tries, expect="full"):
    return attack("accidents", tries, expect, LAYER)


def forged(tries, expect="wrong"):
    return attack("forged notebooks", tries, expect)


def edit(folder, change):
    """Rewrite the notebook's JSON by `change(notebook, cells by id)`."""
    path = folder / NOTEBOOK
    notebook = json.loads(path.read_text())
    change(notebook, {cell["id"]: cell for cell in notebook["cells"]})
    path.write_text(json.dumps(notebook))


def encode(folder, **how):
    path = folder / NOTEBOOK
    path.write_bytes(path.read_text().encode(**how))


@honest("a byte order mark")
def bom(folder):
    encode(folder, encoding="utf-8-sig")


@honest("UTF-16")
def utf_16(folder):
    encode(folder, encoding="utf-16")


@honest("the browser's name for a second download")
def renamed_copy(folder):
    (folder / NOTEBOOK).rename(folder / "layer (1).ipynb")


@honest("a name of the learner's own; the loop notebook is beside it")
def renamed_freely(folder):
    (folder / NOTEBOOK).rename(folder / "Иванов, первое задание.ipynb")
    (folder / "loop.ipynb").write_text("{}")


@honest("another extension, and another notebook")
def renamed_extension(folder):
    (folder / NOTEBOOK).rename(folder / "layer.ipynb.txt")
    (folder / "loop.ipynb").write_text("{}")


@honest("a folder in the folder")
def nested(folder):
    (folder / "sheet").mkdir()
    (folder / NOTEBOOK).rename(folder / "sheet" / NOTEBOOK)
    (folder / "loop.ipynb").write_text("{}")


@honest("all metadata stripped, as some editors do")
def stripped(folder):
    edit(folder, lambda nb, _: [cell.update(metadata={}, id=f"c{n}") for n, cell in enumerate(nb["cells"])])


@honest("the metadata and ids lost, and a cell of one's own added above")
def stripped_and_added(folder):
    def change(nb, _):
        for number, cell in enumerate(nb["cells"]):
            cell.update(metadata={}, id=f"c{number}")
        nb["cells"].insert(1, {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "моё"})

    edit(folder, change)


@honest("test cells deleted")
def deleted_tests(folder):
    def change(nb, _):
        nb["cells"] = [cell for cell in nb["cells"] if not cell["id"].startswith("layer-")]

    edit(folder, change)


@honest("a test cell copied")
def copied_test(folder):
    edit(folder, lambda nb, by: nb["cells"].append({**by["layer-db"], "id": "copy"}))


@honest("the learner's cell copied, the old one is empty")
def copied_answer(folder):
    def change(nb, by):
        at = nb["cells"].index(by["dense-layer"])
        nb["cells"].insert(at, {**by["dense-layer"], "id": "copy", "source": "class DenseLayer: pass"})

    edit(folder, change)


@honest("the learner's cell turned into Markdown")
def converted(folder):
    def change(nb, by):
        by["dense-layer"]["cell_type"] = "markdown"
        del by["dense-layer"]["outputs"], by["dense-layer"]["execution_count"]

    edit(folder, change)


@honest("helpers in a cell of one's own above the answer")
def helper_cell(folder):
    def change(nb, by):
        helper = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None}
        at = nb["cells"].index(by["dense-layer"])
        nb["cells"].insert(at, {**helper, "source": "import torch\ndef total(x):\n    return x.sum(0)"})
        by["dense-layer"]["source"] = LAYER.replace("dldy.sum(0)", "total(dldy)")

    edit(folder, change)


@honest("the format of 2013, nbformat 3")
def nbformat_3(folder):
    def change(nb, _):
        cells = [{**cell, "input": cell["source"]} for cell in nb.pop("cells")]
        nb.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": cells}])

    edit(folder, change)


@honest("a format of the future")
def nbformat_99(folder):
    edit(folder, lambda nb, _: nb.update(nbformat=99))


@honest("an unknown nbgrader schema")
def schema(folder):
    edit(
        folder,
        lambda nb, by: [c["metadata"].get("nbgrader", {}).update(schema_version=99) for c in by.values()],
    )


@honest("a kernel that is not installed")
def kernelspec(folder):
    edit(
        folder,
        lambda nb, _: nb["metadata"].update(
            kernelspec={"name": "matlab", "display_name": "M", "language": "m"}
        ),
    )


@honest("old outputs of 20 MB")
def old_outputs(folder):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 20_000_000}
    edit(folder, lambda nb, by: by["visible"].update(outputs=[output]))


@honest("a lone surrogate in a comment")
def surrogate(folder):
    edit(folder, lambda nb, by: by["dense-layer"].update(source="# \ud800\n" + LAYER))


@honest("Windows line ends")
def line_ends(folder):
    edit(folder, lambda nb, by: by["dense-layer"].update(source=LAYER.replace("\n", "\r\n")))


@honest("a bad time stamp")
def timestamp(folder):
    (folder / "timestamp.txt").write_text("вчера вечером")


@honest("a time stamp that is a named pipe")
def timestamp_fifo(folder):
    os.mkfifo(folder / "timestamp.txt")


@honest("a torch.py beside the notebook shadows torch")
def shadow(folder):
    (folder / "torch.py").write_text("raise SystemExit('CANARY')")
    (folder / "checks").mkdir()
    (folder / "checks" / "layer.py").write_text("def gradient(*a, **k): pass")


@honest("links, pipes and folders beside the notebook")
def odd_files(folder):
    (folder / "data.csv").symlink_to("/etc/shadow")
    os.mkfifo(folder / "pipe.csv")
    (folder / "loop2.ipynb").mkdir()
    (folder / "дата\n.csv").write_text("1,2")


@honest("warnings, prints and a changed default dtype")
def noisy(folder):
    noise = "import warnings, sys, torch\nwarnings.warn('x')\nprint('0')\nprint('1', file=sys.stderr)\n"
    noise += "torch.set_default_dtype(torch.float32)\ntorch.set_grad_enabled(False)\n"
    loud = LAYER.replace("        self.db", "        print(1); warnings.warn('y')\n        self.db")
    edit(folder, lambda nb, by: by["dense-layer"].update(source=noise + loud))


@honest("a magic and a shell escape")
def magics(folder):
    edit(folder, lambda nb, by: by["dense-layer"].update(source="%matplotlib inline\n!true\n" + LAYER))


@forged("skip-execution on a test")
def skip_tag(folder):
    edit(folder, lambda nb, by: by["layer-db"]["metadata"].update(tags=["skip-execution"]))


@forged("more points for a test")
def points(folder):
    edit(folder, lambda nb, by: by["layer-forward"]["metadata"]["nbgrader"].update(points=1000))


@forged("an empty test")
def empty_test(folder):
    edit(folder, lambda nb, by: by["layer-db"].update(source="pass"))


@forged("a test that became the learner's cell")
def test_as_solution(folder):
    edit(folder, lambda nb, by: by["layer-db"]["metadata"]["nbgrader"].update(solution=True, locked=False))


@forged("a learner's cell that became a test of another id")
def answer_as_test(folder):
    edit(folder, lambda nb, by: by["dense-layer"]["metadata"]["nbgrader"].update(grade=True, points=100))


@forged("a test's id on a cell that passes")
def stolen_id(folder):
    def change(nb, by):
        by["visible"]["metadata"] = {"nbgrader": {**by["layer-db"]["metadata"]["nbgrader"]}}

    edit(folder, change)


@forged("a test moved above the answer")
def moved_test(folder):
    edit(folder, lambda nb, by: nb["cells"].insert(0, nb["cells"].pop(nb["cells"].index(by["layer-db"]))))


@forged("a test turned into Markdown")
def test_as_markdown(folder):
    edit(folder, lambda nb, by: by["layer-db"].update(cell_type="markdown"))


@forged("odd types everywhere in the metadata")
def odd_types(folder):
    def change(nb, by):
        nb["metadata"] = ["x"]
        by["layer-db"]["metadata"] = {"nbgrader": {"grade_id": {"a": 1}, "points": "NaN"}}
        by["head"].update(source=17, metadata=None)
        nb["cells"] += ["text", None, 5, {}]

    edit(folder, change)


@forged("a cell added after the tests that defines everything anew")
def added_check(folder):
    cell = {"cell_type": "code", "id": "n", "metadata": {}, "outputs": [], "execution_count": None}
    patch = "class Kind:\n    def __getattr__(self, n):\n        return lambda *a, **k: None\ncheck = Kind()"
    edit(folder, lambda nb, by: nb["cells"].insert(2, {**cell, "source": patch}))


@forged("outputs that say «верно», and grading's own metadata")
def own_metadata(folder):
    def change(nb, by):
        nb["metadata"]["grading"] = {"refused": "", "manual": []}
        by["layer-db"]["outputs"] = [
            {"output_type": "execute_result", "data": {"text/plain": "2"}, "metadata": {}}
        ]

    edit(folder, change)


def broken(tries, shown=()):
    return attack("broken files", tries, "zero", shown=shown)


@broken("not JSON", ("испорченный JSON",))
def not_json(folder):
    (folder / NOTEBOOK).write_text("<html>404</html>")


@broken("an empty file", ("испорченный JSON",))
def empty(folder):
    (folder / NOTEBOOK).write_text("")


@broken("half a file", ("испорченный JSON",))
def truncated(folder):
    text = (folder / NOTEBOOK).read_text()
    (folder / NOTEBOOK).write_text(text[: len(text) // 2])


@broken("JSON nested a million deep")
def deep_json(folder):
    (folder / NOTEBOOK).write_text("[" * 1_000_000)


@broken("40 MB of JSON", ("больше",))
def huge_json(folder):
    (folder / NOTEBOOK).write_text('{"cells": [], "x": "' + "x" * 40_000_000 + '"}')


@broken("a million cells")
def many_cells(folder):
    (folder / NOTEBOOK).write_text('{"cells": [' + ",".join(["{}"] * 1_000_000) + "]}")


@broken("a number of a million digits")
def huge_number(folder):
    (folder / NOTEBOOK).write_text('{"cells": ' + "9" * 1_000_000 + "}")


@broken("a link to the source notebook", ("не обычный файл",))
def link_to_source(folder):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to(folder.parents[2] / "source" / "sheet" / NOTEBOOK)


@broken("a link to a device", ("не обычный файл",))
def link_to_device(folder):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to("/dev/zero")


@broken("a named pipe", ("не обычный файл",))
def fifo(folder):
    (folder / NOTEBOOK).unlink()
    os.mkfifo(folder / NOTEBOOK)


@broken("a folder of the notebook's name", ("не обычный файл",))
def directory(folder):
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()


@broken("an empty folder", ("нет такой тетради",))
def nothing(folder):
    (folder / NOTEBOOK).unlink()


@broken("the whole folder is a link to a neighbour's")
def linked_folder(folder):
    shutil.rmtree(folder)
    folder.symlink_to(folder.parents[1] / "aaa-control" / "sheet")


@broken("two files that could be it", ("сразу несколько",))
def ambiguous(folder):
    shutil.copy(folder / NOTEBOOK, folder / "layer (1).ipynb")
    (folder / NOTEBOOK).rename(folder / "layer (2).ipynb")
    (folder / "loop.ipynb").write_text("{}")


SCRIPT = "<script>alert('CANARY')</script><img src=x onerror=alert(1)><svg onload=alert(1)></svg><iframe src=x></iframe>"
RUNS = ("<script>alert", "onerror=", "<svg onload", "<iframe src=x")


def hostile(tries, mime):
    """A display of `mime` with active content; nothing of it may reach the feedback."""

    def mutate(folder):
        show = f"from IPython.display import display\ndisplay({{{mime!r}: {SCRIPT!r}, 'text/plain': 'x'}}, raw=True)\n"
        edit(folder, lambda nb, by: by["dense-layer"].update(source=show + WRONG))

    mutate.__name__ = "feedback-" + mime.split("/")[1].split("+")[0]
    attack("feedback", tries, "wrong", hidden=RUNS)(mutate)


for kind in ("html", "markdown", "latex", "javascript"):
    hostile(
        f"active content as text/{kind}", f"text/{kind}" if kind != "javascript" else "application/javascript"
    )
hostile("an SVG with a handler", "image/svg+xml")
hostile("a picture whose data ends the attribute", "image/png")


@attack("feedback", "a script in a Markdown cell", "wrong", hidden=RUNS)
def markdown_cell(folder):
    cell = {
        "cell_type": "markdown",
        "id": "m",
        "metadata": {},
        "source": SCRIPT + "\n[x](javascript:alert(1))",
    }
    edit(folder, lambda nb, by: nb["cells"].insert(1, cell))


@attack("feedback", "a script in the tick box's cell", "wrong", hidden=RUNS)
def box_cell(folder):
    edit(folder, lambda nb, by: by["box"].update(source="- [x] " + SCRIPT))


@attack("feedback", "a script in a file name", "zero", hidden=RUNS)
def file_name(folder):
    (folder / NOTEBOOK).rename(folder / "<script>alert(1)<script>layer.ipynb")
    (folder / "<img src=x onerror=alert(1)>layer.ipynb").write_bytes(
        (folder / "<script>alert(1)<script>layer.ipynb").read_bytes()
    )
    (folder / "loop.ipynb").write_text("{}")

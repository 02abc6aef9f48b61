"""What happens to honest learners' files. They keep their points."""

import os

from nbgrader_apart.testing.small_course import LAYER
from proof.attacks.families.register import NOTEBOOK, attack, edit


def honest(tries, expect="full"):
    return attack("accidents", tries, expect, LAYER)


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
    edit(folder, lambda nb, by: by["dense-layer"].update(source="%precision 3\n!true\n" + LAYER))

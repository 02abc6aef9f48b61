"""Notebooks whose tests, points or metadata were changed, and files that are no notebooks."""

import os
import shutil

from proof.attacks.families.register import NOTEBOOK, attack, edit


def forged(tries, expect="wrong"):
    return attack("forged notebooks", tries, expect)


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

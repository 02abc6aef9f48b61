"""Reading, matching and rebuilding of submitted notebooks."""

import json
import os
from types import SimpleNamespace

import pytest

from grading.assignment import contents, files_of
from grading.attacks.fixture import LAYER, RIGHT, answer, notebooks
from grading.settings import Grading
from grading.take_in.files import Refused, read_bytes, regular_files
from grading.take_in.reading import read_notebook
from grading.take_in.rebuild import rebuild
from grading.take_in.staging import choose, keeps, read, take_in

SOURCE = SimpleNamespace(given={})


def cells_of(notebook):
    return read_notebook(json.dumps(notebook).encode(), "x")


def rebuilt(notebook, notes=None):
    return rebuild(notebooks()["layer"], cells_of(notebook), [] if notes is None else notes)


def learners_source(notebook):
    return next(
        c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "dense-layer"
    )


def test_the_answer_is_kept_and_the_hidden_tests_are_not_there():
    got = rebuilt(answer(RIGHT["layer"], "layer"))
    assert learners_source(got) == LAYER
    assert "СЕКРЕТ" not in str(got)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_encodings(encoding):
    text = json.dumps(answer(RIGHT["layer"], "layer"), ensure_ascii=False)
    assert any(cell.source == LAYER for cell in read_notebook(text.encode(encoding), "x"))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"[" * 200_000, b'{"cells": 5}', b'{"cells": []}', b"9" * 10_000]
)
def test_no_notebooks(data):
    with pytest.raises(Refused):
        read_notebook(data, "x")


def test_the_last_copy_of_an_answer_counts_and_the_first_still_runs():
    notebook = answer(RIGHT["layer"], "layer")
    copy = json.loads(json.dumps(notebook.cells[2])) | {"id": "copy", "source": "first = 1"}
    notebook.cells.insert(2, copy)
    got = rebuilt(notebook)
    assert learners_source(got) == LAYER
    assert "first = 1" in [cell.source for cell in got.cells]


def test_an_answer_without_metadata_is_found_by_its_place():
    notebook = answer(RIGHT["layer"], "layer")
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"n{number}"
    notes = []
    assert learners_source(rebuilt(notebook, notes)) == LAYER
    assert "dense-layer" in notes[0]


def test_the_tick_is_taken_over():
    notebook = answer(RIGHT["layer"], "layer")
    notebook.cells[-1].source = "- [X] что угодно"
    assert rebuilt(notebook).cells[-1].source == "- [x] Хочу обратную связь"


def test_special_files_are_neither_followed_nor_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    (tmp_path / "data.csv").write_text("1")
    assert dict(regular_files(tmp_path)) == {"data.csv": None, "link.csv": "special", "pipe.csv": "special"}
    for name in ("pipe.csv", "link.csv"):
        with pytest.raises(OSError):  # noqa: PT011  any reason will do
            read_bytes(tmp_path / name, 10)


def test_a_renamed_notebook_is_found_when_it_is_the_only_one(tmp_path):
    text = json.dumps(answer(RIGHT["layer"], "layer"))
    (tmp_path / "Копия.ipynb").write_text(text)
    chosen, _ = choose(read(tmp_path, SOURCE, Grading()), notebooks(), Grading())
    assert chosen["layer"][0] == "Копия.ipynb"
    (tmp_path / "Копия 2.ipynb").write_text(text)
    chosen, problems = choose(read(tmp_path, SOURCE, Grading()), notebooks(), Grading())
    assert not chosen
    assert "layer" in problems


@pytest.mark.parametrize(
    ("name", "kept"), [("a.csv", True), ("torch.py", False), ("x/b.json", True), ("c.pt", False)]
)
def test_data_files(name, kept):
    assert keeps(name, Grading()) is kept


def test_only_files_of_the_learners_own_are_remarked_on(tmp_path):
    shipped, submitted = tmp_path / "source", tmp_path / "ann" / "backprop"
    for folder in (shipped, submitted):
        (folder / "checks").mkdir(parents=True)
        (folder / "checks" / "__init__.py").write_text("shipped = True")
        (folder / "checks" / "changed.py").write_text(folder.name)
    (submitted / "my_helper.py").write_text("")
    (submitted / "layer.ipynb").write_text(json.dumps(answer(RIGHT["layer"], "layer")))
    source = SimpleNamespace(sources=notebooks(), given=contents(shipped, files_of(shipped)))
    taken, _ = take_in(read(submitted, source, Grading()), source, Grading())
    note = taken["layer"]["cells"][0]["source"]
    assert r"checks/changed.py, my\_helper.py" in "".join(note)
    assert "init" not in "".join(note)

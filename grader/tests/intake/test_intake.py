"""Reading, matching and rebuilding of submitted notebooks."""

import json
import os
import shutil
from types import SimpleNamespace

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from nbgrader_apart.intake.dropped_outputs import without_outputs
from nbgrader_apart.intake.notebook_reader import SubmittedCell, read_notebook
from nbgrader_apart.intake.rebuild import rebuild, refused
from nbgrader_apart.intake.staging import choose, keeps, read, submitted_at, take_in
from nbgrader_apart.intake.submitted_files import Changed, Refused, entries, read_submission
from nbgrader_apart.messages import text
from nbgrader_apart.model.assignment import contents, files_of
from nbgrader_apart.model.disk import read_bytes
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.testing.small_course import LAYER, RIGHT, answer, notebooks

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


def with_copies(*sources, metadata=True):
    """The right notebook whose answer's cell stands there once for each source, one below the other."""
    notebook = answer(RIGHT["layer"], "layer")
    place = next(n for n, cell in enumerate(notebook.cells) if cell.id == "dense-layer")
    original = json.loads(json.dumps(notebook.cells[place]))
    copies = [original | {"id": f"copy-{n}", "source": source} for n, source in enumerate(sources)]
    if not metadata:
        copies = [copy | {"metadata": {}} for copy in copies]
    notebook.cells[place : place + 1] = copies
    return notebook


STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


@pytest.mark.parametrize("metadata", [True, False])
@pytest.mark.parametrize(
    "sources",
    [[LAYER, STUB], [STUB, LAYER], [LAYER, ""], ["first = 1", LAYER, STUB], [LAYER, f"\n{STUB}\n", STUB]],
)
def test_an_untouched_copy_neither_counts_nor_runs(sources, metadata):
    if not metadata:
        sources = [source for source in sources if source != "first = 1"]
    got = rebuilt(with_copies(*sources, metadata=metadata))
    assert learners_source(got) == LAYER
    assert not [cell for cell in got.cells if "NotImplementedError" in cell.source]


def test_an_untouched_copy_at_the_end_is_none_of_another_answer():
    notebook = answer(RIGHT["loop"], "loop")
    lost = next(cell for cell in notebook.cells if cell.id == "train")
    copy = json.loads(json.dumps(next(cell for cell in notebook.cells if cell.id == "dense-layer")))
    lost.update(copy | {"id": "copy", "source": STUB})
    got = rebuild(notebooks()["loop"], cells_of(notebook), notes := [])
    assert "train" in notes[0]
    assert STUB not in [cell.source for cell in got.cells]


def test_a_stub_is_what_the_course_says_it_is():
    config = Config({"ClearSolutions": {"code_stub": {"python": "pass  # ВАШ КОД"}}})
    cells = cells_of(with_copies(LAYER, "pass  # ВАШ КОД"))
    got = rebuild(notebooks()["layer"], cells, [], Grading(config=config))
    assert learners_source(got) == LAYER


def test_an_answer_without_metadata_is_found_by_its_place():
    notebook = answer(RIGHT["layer"], "layer")
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"n{number}"
    notes = []
    assert learners_source(rebuilt(notebook, notes)) == LAYER
    assert "dense-layer" in notes[0]


def test_a_locked_cell_with_lines_before_it_is_that_cell_even_without_metadata():
    notebook = answer(RIGHT["layer"], "layer")
    locked = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("locked"))
    original = locked.source
    locked.source = f"PACKED = {'x' * 50_000!r}\n\n{original}"
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"n{number}"
    got = rebuilt(notebook)
    assert "PACKED" not in str(got)
    assert original in [cell.source for cell in got.cells]


def test_the_tick_is_taken_over():
    notebook = answer(RIGHT["layer"], "layer")
    notebook.cells[-1].source = "- [X] что угодно"
    assert rebuilt(notebook).cells[-1].source == "- [x] Хочу обратную связь"


CONFLICT = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n"


def test_a_merge_conflict_is_named():
    notebook = json.dumps(answer(RIGHT["layer"], "layer"), indent=1)
    line = next(line for line in notebook.splitlines() if "dldy.sum" in line)
    conflict = notebook.replace(line, CONFLICT.format(line, line))
    with pytest.raises(Refused, match="слияния в git"):
        read_notebook(conflict.encode(), "x")
    with pytest.raises(Refused, match=text("intake.bad_json")):
        read_notebook(notebook.replace(line, "====== no conflict").encode(), "x")


def test_a_merge_conflict_inside_of_a_cell_is_named_and_the_others_are_graded():
    rebuilt(answer({"dense-layer": CONFLICT.format(LAYER, LAYER)}, "layer"), notes := [])
    assert notes == [text("intake.conflict_in_cells")]
    rebuilt(answer({"dense-layer": f"# =======\n# {'<' * 7}\n{LAYER}"}, "layer"), notes := [])
    assert notes == []


ODD_OUTPUTS = [
    {"text/plain": 'x"] }\\ \\" [{'},
    {"application/json": {"outputs": [{"outputs": []}], "a": [1, None, float("nan")]}},
    {"text/html": '<td>\\"</td>' * 1000},
]


@pytest.mark.parametrize("indent", [None, 1])
def test_outputs_are_dropped_and_nothing_else(indent):
    notebook = answer(RIGHT["layer"], "layer")
    plain = json.dumps(notebook, indent=indent)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source += '\nprint("\\"outputs\\": [", \'"outputs": [\')'
            cell.outputs = [new_output("display_data", data) for data in ODD_OUTPUTS]
        else:
            cell.attachments = {"a.png": {"image/png": "iVBOR" * 100}}
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {"a": [{}]}}}
    data = json.dumps(notebook, indent=indent, ensure_ascii=False).encode()
    dropped = without_outputs(data, len(data))
    assert len(dropped) < len(plain) + 2000
    assert read_notebook(dropped, "x") == read_notebook(data, "x")
    assert not any(cell.get("outputs") for cell in json.loads(dropped)["cells"])


@pytest.mark.parametrize("data", [b'{"outputs": [', b'{"outputs": ["]}', b'{"outputs": [{"a": 1'])
def test_what_does_not_end_is_not_searched_for_more(data):
    with pytest.raises(ValueError, match="no end"):
        without_outputs(data, 100)


def test_a_notebook_is_measured_without_its_outputs(tmp_path):
    folder = tmp_path / "ann" / "sheet"
    folder.mkdir(parents=True)
    notebook = answer(RIGHT["layer"], "layer")
    notebook.cells[1].outputs = [new_output("stream", text="x" * 3_000_000)]
    large = json.dumps(notebook)
    (folder / "layer.ipynb").write_text(large)
    (folder / "long.ipynb").write_text(json.dumps(answer({"dense-layer": "#" * 2_000_000}, "layer")))
    (folder / "data.json").write_text(large)
    (folder / "huge.ipynb").write_text(" " * 9_000_000)
    found = {file.name: file for file in read_submission(folder, 1 << 20, 8 << 20, lambda name: True)}
    assert read_notebook(found["layer.ipynb"].data, "x") == read_notebook(large.encode(), "x")
    for name in ("long.ipynb", "data.json", "huge.ipynb"):
        assert found[name].data is None
        assert found[name].problem == "intake.too_big"


def test_special_files_are_neither_followed_nor_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    (tmp_path / "data.csv").write_text("1")
    found = {entry.name: entry.kind for entry in entries(tmp_path)}
    assert found == {"data.csv": None, "link.csv": "special", "pipe.csv": "special"}
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


def test_the_mark_scheme_of_a_task_stays_for_whoever_grades_it():
    about = {"grade": True, "grade_id": "t", "locked": False, "points": 2, "schema_version": 3}
    scheme = "Draw.\n=== BEGIN MARK SCHEME ===\nA curve: 2\n=== END MARK SCHEME ==="
    task = new_markdown_cell(scheme, id="t", metadata={"nbgrader": about | {"solution": False, "task": True}})
    source = new_notebook(cells=[task])
    given = SubmittedCell("markdown", "Draw.", "t", "t")
    for got in (rebuild(source, [given], []), rebuild(source, [], []), refused(source, "x")):
        assert [cell.source for cell in got.cells if cell.get("id") == "t"] == [scheme]
    assert len(rebuild(source, [given], []).cells) == 1


@pytest.mark.parametrize(
    ("name", "kept"), [("a.csv", True), ("torch.py", False), ("x/b.json", True), ("c.pt", False)]
)
def test_data_files(name, kept):
    assert keeps(name, Grading()) is kept


def test_the_exchanges_secret_is_kept_whatever_else_is():
    settings = Grading(data_files=[])
    assert keeps("submission_secret.txt", settings)
    assert not keeps("notes.txt", settings)


def test_only_files_of_the_learners_own_are_remarked_on(tmp_path):
    shipped, submitted = tmp_path / "source", tmp_path / "ann" / "backprop"
    for folder in (shipped, submitted):
        (folder / "checks").mkdir(parents=True)
        (folder / "checks" / "__init__.py").write_text("shipped = True")
        (folder / "checks" / "changed.py").write_text(folder.name)
    (submitted / "my_helper.py").write_text("")
    (submitted / "layer.ipynb").write_text(json.dumps(answer(RIGHT["layer"], "layer")))
    (submitted / "scratch.ipynb").write_text(json.dumps(new_notebook(cells=[new_code_cell("1")])))
    source = SimpleNamespace(sources=notebooks(), given=contents(shipped, files_of(shipped)))
    taken, _ = take_in(read(submitted, source, Grading()), source, Grading())
    note = taken["layer"]["cells"][0]["source"]
    assert r"checks/changed.py, my\_helper.py, scratch.ipynb" in "".join(note)
    assert "init" not in "".join(note)


def disappear(folder):
    (folder / "b.csv").unlink()


def grow(folder):
    (folder / "a.csv").write_text("1,2,3")


def become_a_link(folder):
    (folder / "b.csv").unlink()
    (folder / "b.csv").symlink_to("a.csv")


def vanish(folder):
    shutil.rmtree(folder)


@pytest.mark.parametrize("change", [disappear, grow, become_a_link, vanish])
def test_a_submission_that_changes_while_it_is_read_is_not_taken_for_what_was_handed_in(tmp_path, change):
    folder = tmp_path / "ann" / "sheet"
    folder.mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text("1")

    def wanted(name):
        if name == "b.csv":
            change(folder)
        return True

    with pytest.raises(Changed):
        read_submission(folder, 100, 100, wanted)


def test_a_folder_of_very_many_entries_is_not_looked_through(tmp_path, monkeypatch):
    monkeypatch.setattr("nbgrader_apart.intake.submitted_files.SEEN", 10)
    for number in range(4):
        for inner in range(4):
            (tmp_path / f"{number}" / f"{inner}").mkdir(parents=True)
    (tmp_path / "layer.ipynb").write_text("{}")
    looked_at = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: looked_at.append(path) or scandir(path))
    assert [entry.name for entry in entries(tmp_path)] == ["layer.ipynb"]
    assert len(looked_at) < 10


def test_no_descriptor_is_left_open_by_what_is_no_file(tmp_path):
    before = psutil.Process().num_fds()
    for _ in range(3):
        with pytest.raises(OSError, match="not a regular file"):
            read_bytes(tmp_path, 10)
    assert psutil.Process().num_fds() == before


def test_the_time_in_the_exchange_is_found_for_a_name_with_a_plus(tmp_path):
    folder, inbound = tmp_path / "a+b" / "sheet", tmp_path / "inbound"
    (inbound / "a+b+sheet+2026-03-01 10:00:00 UTC+x7").mkdir(parents=True)
    assert f"{submitted_at(folder, inbound, 'a+b', 'sheet')}" == "2026-03-01 10:00:00"


def test_the_time_is_that_of_the_submission_that_was_collected(tmp_path):
    """A later one in the exchange that nobody has collected costs the earlier one nothing; forging does."""
    inbound, folder = tmp_path / "inbound", tmp_path / "submitted"
    for day in (1, 2):
        entry = inbound / f"ann+sheet+2026-03-0{day} 12:00:00 UTC+abc"
        entry.mkdir(parents=True)
        (entry / "layer.ipynb").write_text(f"version {day}")
    folder.mkdir()
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    for version, day in (("version 1", 1), ("version 2", 2), ("another one", 2)):
        (folder / "layer.ipynb").write_text(version)
        assert submitted_at(folder, inbound, "ann", "sheet").day == day
    (folder / "loop.ipynb").write_text("more")
    assert submitted_at(folder, inbound, "ann", "sheet").day == 2

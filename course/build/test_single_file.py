"""The single files hold the released checks and nothing else, and are found stale; badges need an address."""

from dataclasses import replace

import nbformat
import pytest

from course.build import leaks, public, readme_table, single_file, source_notebooks
from course.build.editions import ORIGINAL

NAME = "task-3-dense-layer"


@pytest.fixture
def edition(tmp_path):
    """The original edition in a folder of its own, released, without single files."""
    copy = replace(ORIGINAL, root=tmp_path)
    copy.release.parent.mkdir()
    copy.release.symlink_to(ORIGINAL.release)
    return copy


@pytest.fixture
def written(edition):
    """A folder with the single files of the released notebooks."""
    single_file.write(edition)
    return edition.single_file


def read(folder):
    return nbformat.read(folder / f"{NAME}.ipynb", as_version=4)


def write(folder, notebook):
    nbformat.write(notebook, folder / f"{NAME}.ipynb")


def test_it_holds_the_released_checks_and_no_others(written, edition):
    held = dict(single_file.unpacked(read(written)))
    shipped = source_notebooks.files(ORIGINAL.release / "checks")
    assert held == {str(path.relative_to(ORIGINAL.release)): path.read_text("utf-8") for path in shipped}
    assert not [name for name in held if "test_" in name or "conftest" in name]


def test_nothing_but_the_first_code_cell_and_the_broken_link_differs(written, edition):
    ours, released = read(written), nbformat.read(ORIGINAL.release / f"{NAME}.ipynb", as_version=4)
    differing = [a.id for a, b in zip(ours.cells, released.cells, strict=True) if a.source != b.source]
    assert differing == [f"{NAME}-1", "imports"]
    assert "typical-mistakes.md)" not in ours.cells[0].source.replace("(typical-mistakes.md в папке курса)", "")
    first = next(cell for cell in ours.cells if cell.cell_type == "code")
    assert first.id == "imports"
    assert first.metadata.jupyter.source_hidden
    assert first.source.endswith(next(cell.source for cell in released.cells if cell.id == "imports"))


def test_what_differs_from_the_release_is_stale(written, edition):
    assert single_file.stale(edition) == []
    notebook = read(written)
    notebook.cells[-1].source += " "
    write(written, notebook)
    (written / "task-9-gone.ipynb").write_text("{}")
    assert single_file.stale(edition) == [f"{NAME}.ipynb", "task-9-gone.ipynb"]
    single_file.write(edition)
    assert single_file.stale(edition) == []


def test_other_checks_inside_are_stale_and_otherwise_pressed_ones_are_not(written, edition, monkeypatch):
    monkeypatch.setattr(single_file.zlib, "compress", lambda data, level, own=single_file.zlib.compress: own(data, 1))
    assert single_file.stale(edition) == []
    files = dict(single_file.unpacked(read(written))) | {"checks/topic.py": "changed"}
    notebook = read(written)
    cell = next(cell for cell in notebook.cells if cell.id == "imports")
    cell.source = single_file.PACKED.sub(f'PACKED = "{single_file._packed(files)}"', cell.source)
    write(written, notebook)
    assert single_file.stale(edition) == [f"{NAME}.ipynb"]


def test_leaks_are_found_inside(written, edition, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    code = "def f():\n    ### BEGIN SOLUTION\n    return first.T @ second\n    ### END SOLUTION"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), source / "task.ipynb")
    assert leaks.problems([written], [source], []) == []
    notebook = read(written)
    cell = next(cell for cell in notebook.cells if cell.id == "imports")
    packed = single_file._packed({"checks/odd.py": "answer = first.T @ second"})
    cell.source = single_file.PACKED.sub(f'PACKED = "{packed}"', cell.source)
    write(written, notebook)
    assert leaks.problems([written], [source], []) == ["checks/odd.py: solution line «first.T @ second»"]


def test_without_a_public_address_there_is_no_badge(tmp_path, monkeypatch):
    monkeypatch.setattr(public, "SETTINGS", tmp_path / "settings.toml")
    public.SETTINGS.write_text('public_address = ""')
    assert public.badges(ORIGINAL, NAME) == ""
    assert "badge" not in readme_table._table("README.ru.md")
    public.SETTINGS.write_text('public_address = "https://github.com/an/other-course/blob/main/"')
    place = f"an/other-course/blob/main/release/single-file/backprop/{NAME}.ipynb"
    assert f"](https://colab.research.google.com/github/{place})" in public.badges(ORIGINAL, NAME)
    assert f"](https://kaggle.com/kernels/welcome?src=https://github.com/{place})" in public.badges(ORIGINAL, NAME)
    assert public.badges(ORIGINAL, NAME) in readme_table._table("README.ru.md")


def test_an_address_of_another_kind_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(public, "SETTINGS", tmp_path / "settings.toml")
    public.SETTINGS.write_text('public_address = "github.com/an/other"')
    with pytest.raises(ValueError, match="settings.toml"):
        public.address()


def test_the_public_page_of_mistakes_is_linked(written, edition, tmp_path, monkeypatch):
    monkeypatch.setattr(public, "SETTINGS", tmp_path / "settings.toml")
    public.SETTINGS.write_text('public_address = "https://github.com/an/other/blob/main"')
    single_file.write(edition)
    page = "https://github.com/an/other/blob/main/source/backprop/typical-mistakes.md"
    assert f"({page}#{NAME})" in read(written).cells[0].source

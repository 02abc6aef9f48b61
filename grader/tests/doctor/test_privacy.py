"""Who can read a file, by its mode bits and those of the folders above it."""

import tempfile
from pathlib import Path

import pytest

from nbgrader_apart.doctor import privacy
from nbgrader_apart.messages import text

EVERYBODY, NOBODY = "doctor.everybody", ""


@pytest.fixture
def folder():
    """A folder in one that everybody can enter."""
    if privacy.readers(Path(tempfile.gettempdir())) != text(EVERYBODY):
        pytest.skip("nobody else can enter the folder for temporary files")
    with tempfile.TemporaryDirectory() as above:
        path = Path(above, "course")
        path.mkdir()
        (path / "gradebook.db").touch()
        yield path


@pytest.mark.parametrize(
    ("above", "course", "book", "folder_open", "book_open"),
    [
        (0o755, 0o755, 0o644, EVERYBODY, EVERYBODY),
        (0o711, 0o711, 0o644, EVERYBODY, EVERYBODY),  # names are known
        (0o755, 0o755, 0o600, EVERYBODY, NOBODY),
        (0o755, 0o700, 0o644, NOBODY, NOBODY),
        (0o700, 0o777, 0o666, NOBODY, NOBODY),
        (0o755, 0o750, 0o640, NOBODY, NOBODY),  # nobody else is in the group
    ],
)
def test_everybody(folder, above, course, book, folder_open, book_open):
    folder.parent.chmod(above)
    folder.chmod(course)
    (folder / "gradebook.db").chmod(book)
    assert privacy.readers(folder) == (folder_open and text(folder_open))
    assert privacy.readers(folder / "gradebook.db") == (book_open and text(book_open))


def test_a_group_with_somebody_else_in_it(folder, monkeypatch):
    monkeypatch.setattr(privacy, "members", lambda group: {folder.owner(), "ann"})
    folder.parent.chmod(0o755)
    folder.chmod(0o750)
    assert privacy.readers(folder) == text("doctor.group", name=folder.group())
    folder.chmod(0o705)
    assert privacy.readers(folder) == text("doctor.everybody")
    folder.chmod(0o700)
    assert privacy.readers(folder) == ""


def test_members_are_those_of_the_list_and_those_whose_own_group_it_is():
    assert "root" in privacy.members(0)

"""A hostile archive is refused by a sentence, in bounded time and memory, and the others are taken in."""

import io
import resource
import stat
import struct
import zipfile

import pytest
from lms.conftest import ANN, BOB, packed

from nbgrader_apart.lms import archive
from nbgrader_apart.lms.submissions import Outcome
from nbgrader_apart.model.course import CourseError

GOOD = {f"{BOB}/layer.ipynb": b"good"}
LIMIT = 32 << 20  # of the settings


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(data):
    """The zip with the flag «encrypted» at its first file, in both places."""
    data = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def bomb(size):
    return packed({"layer.ipynb": b"\0" * size})


def squeezed(method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        made.writestr("layer.ipynb", b"good")
    return stream.getvalue()


def many(count):
    """A zip of so many empty files, made without zipfile, which would take minutes."""
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * count
    numbers = 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(local), 0
    return local + directory + struct.pack("<4s4H2IH", b"PK\5\6", *numbers)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("../../up.ipynb", b"", "имя ведёт за пределы"),
        ("/etc/layer.ipynb", b"", "имя ведёт за пределы"),
        ("C:\\layer.ipynb", b"", "имя ведёт за пределы"),
        ("d\\..\\..\\layer.ipynb", b"", "имя ведёт за пределы"),
        ("a\u202eb.ipynb", b"", "непечатаемые"),
        ("a" * 300, b"", "слишком длинное"),
        (link("layer.ipynb"), b"/etc/passwd", "не обычный файл"),
        ("inner.zip", packed({"layer.ipynb": b""}), "архив в архиве"),
        ("work.rar", b"Rar!", "архив такого вида"),
    ],
)
def test_a_bad_file_of_a_learners_archive_is_told_and_left_out(take_in, submitted, name, data, reason):
    inner = packed({name: data, "train.ipynb": b"1"})
    done = take_in({f"{ANN}/work.zip": inner, **GOOD})
    assert reason in "\n".join(done.refused["ann"])
    assert submitted("ann") == {"train.ipynb": b"1"}
    assert submitted("bob") == {"layer.ipynb": b"good"}
    assert not done.is_whole()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no zip at all", "это не архив zip"),
        (packed({"layer.ipynb": b"1" * 9})[:40], "это не архив zip"),
        (encrypted(packed({"layer.ipynb": b"1"})), "зашифрован"),
        (bomb(LIMIT + 1), "больше 32 МБ"),
        (packed({str(number): b"" for number in range(2001)}), "слишком много файлов"),
        (many(500_000), "слишком много файлов"),
        (squeezed(zipfile.ZIP_LZMA), "сжат способом"),
    ],
    ids=["no-zip", "cut", "encrypted", "bomb", "2001", "millions", "lzma"],
)
def test_a_bad_archive_is_told_and_the_others_go_on(take_in, submitted, data, reason):
    done = take_in({f"{ANN}/work.zip": data, **GOOD})
    assert done.outcomes == {"ann": Outcome.NOTHING, "bob": Outcome.NEW}
    assert reason in "\n".join(done.refused["ann"])
    assert "ann: ни одного файла принять не удалось" in done.problems[0]
    assert submitted("ann") == {}


def test_broken_contents_are_told(take_in, submitted):
    inner = bytearray(packed({"layer.ipynb": bytes(range(256)) * 9}))
    inner[60:90] = b"\xff" * 30
    done = take_in({f"{ANN}/work.zip": bytes(inner), **GOOD})
    assert "повреждён" in done.refused["ann"][0]
    assert submitted("bob") == {"layer.ipynb": b"good"}


def test_all_files_of_a_learner_together_have_a_limit(take_in, monkeypatch):
    monkeypatch.setattr("nbgrader_apart.lms.submissions.WHOLE", 1)
    done = take_in({f"{ANN}/{number}.csv": b"\0" * (LIMIT // 3) for number in range(5)})
    assert len(done.refused["ann"]) == 2


def test_a_directory_of_millions_is_never_read(take_in):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CourseError, match="слишком много файлов"):
        take_in(many(2_000_000))
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000
    )  # kB; the zip itself takes 94 MB


def test_links_and_names_that_lead_away_are_refused_in_the_outer_archive_too(take_in, submitted, course):
    files = {link(f"{ANN}/layer.ipynb"): b"/etc/passwd", f"{ANN}/../../x.ipynb": b"", **GOOD}
    done = take_in(files)
    assert submitted("ann") == {}
    assert submitted("bob") == {"layer.ipynb": b"good"}
    said = "\n".join(done.lines())
    assert "не обычный файл" in said
    assert "имя ведёт за пределы" in said
    assert not list(course.rglob("x.ipynb"))


def test_many_refused_files_of_one_learner_fill_no_screens(take_in):
    inner = packed({f"../{number}": b"" for number in range(500)})
    lines = take_in({f"{ANN}/work.zip": inner}).lines()
    assert len(lines) < 10
    assert "ещё 495" in lines[-1]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("слой.ipynb".encode("cp866"), "слой.ipynb"),
        ("слой.ipynb".encode(), "слой.ipynb"),
        (b"a.ipynb", "a.ipynb"),
    ],
)
def test_names_of_old_programs_are_read_as_cp866(raw, name):
    info = zipfile.ZipInfo(raw.decode("cp437"))
    assert archive.name_of(info) == name


def test_a_submission_that_is_a_link_is_not_followed(take_in, submitted, course, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("kept")
    (course / "submitted" / "ann").mkdir(parents=True)
    (course / "submitted" / "ann" / "sheet").symlink_to(elsewhere)
    done = take_in({f"{ANN}/layer.ipynb": b"1"}, update=True)
    assert done.outcomes["ann"] is Outcome.REPLACED
    assert (elsewhere / "mine").read_text() == "kept"
    assert submitted("ann") == {"layer.ipynb": b"1"}


def test_a_folder_that_cannot_be_written_is_told_and_the_others_go_on(take_in, submitted, course):
    (course / "submitted").mkdir()
    (course / "submitted" / "ann").write_text("a file where a folder should be")
    done = take_in({f"{ANN}/layer.ipynb": b"1", **GOOD})
    assert list(done.outcomes) == ["bob"]
    assert "ann" in done.refused["ann"][0]

"""What is exported comes back from the readers that people use, and no text in it can run."""

import csv
import dataclasses
import re

import openpyxl
import pandas
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading import export, forked, synthetic
from grading.export.files import ExportError, inert, plain_text
from grading.marks import Mark, State

MARK = Mark("sheet", "s1", "Анна", "Ким", "s1@example.org", State.FINAL, 7.5, 1, 12, None, synthetic.DUE, 60)
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def table(path, **options):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, strict=True, **options))


def written(tmp_path, exporter, marks, **settings):
    target = tmp_path / exporter.file_name
    exporter(**settings).write(target, marks)
    return target


@given(names)
@example('=HYPERLINK("http://x";"y")')
@example(" \t=1")
@example("Ким;=1+1")
@example('Ким";@SUM(1)')
@example("+79161234567")
@example("\r\n-1+1")
def test_no_text_begins_a_formula_under_any_separator(name):
    safe = inert(name)
    for separator in ",;|\t\n":
        for piece in safe.split(separator):
            text = piece.strip().strip('"').strip()
            assert not text.startswith(FORMULA) or re.fullmatch(r"[+-]?\d+([.,]\d+)?", safe)
    assert safe.replace("'", "") == plain_text(name).replace("'", "")


@settings(deadline=None, max_examples=60)
@given(first=names, last=names)
@example(first="\uffff\x0b", last="=1+1")
@example(first="NA", last="None")
def test_a_name_comes_back_from_csv_and_xlsx(tmp_path_factory, first, last):
    folder = tmp_path_factory.mktemp("out", numbered=True)
    marks = [dataclasses.replace(MARK, first_name=first, last_name=last), MARK]
    path = written(folder, export.CsvExporter, marks)
    rows = table(path)
    assert [len(row) for row in rows] == [12, 12, 12]
    assert rows[1][4:6] == [inert(last), inert(first)]
    frame = pandas.read_csv(path, keep_default_na=False, dtype={"first_name": str, "last_name": str})
    assert frame.first_name.tolist() == [inert(first), "Анна"]
    assert frame.score.tolist() == [6.5, 6.5]
    sheet = openpyxl.load_workbook(written(folder, export.XlsxExporter, marks)).active
    cells = sheet[2][4:6]
    assert [cell.value or "" for cell in cells] == [plain_text(last), plain_text(first)]
    assert "f" not in [cell.data_type for cell in cells]
    assert (sheet["J2"].value, sheet["C2"].value) == (6.5, synthetic.DUE)


def test_the_plain_table_has_nbgraders_columns_and_the_state(tmp_path):
    rows = table(written(tmp_path, export.CsvExporter, [MARK]))
    assert rows[0][:-1] == [
        *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
        *("raw_score", "late_submission_penalty", "score", "max_score"),
    ]
    assert rows[1] == [
        *("sheet", "", "2024-03-01 20:59:00", "s1", "Ким", "Анна", "s1@example.org"),
        *("7.5", "1", "6.5", "12", "final"),
    ]


def test_moodle_has_an_identifier_and_a_mark_in_every_row(tmp_path):
    marks = [dataclasses.replace(MARK, student=str(state), state=state) for state in State]
    assert table(written(tmp_path, export.MoodleExporter, marks, column="Лист 1")) == [
        ["Email address", "First name", "Last name", "Лист 1"],
        ["s1@example.org", "Анна", "Ким", "6.5"],
    ]
    more = {"provisional": True, "missing_as_zero": True, "identify_by": "login"}
    rows = table(written(tmp_path, export.MoodleExporter, marks, **more))
    assert [row[0] for row in rows] == ["Username", "final", "provisional", "missing"]


def test_canvas_has_its_own_columns_and_a_row_of_points(tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id,login,canvas_id,section\ns1,kim.a,4711,Группа 1\ns9,nobody,1,\n", "utf-8")
    fooling = dataclasses.replace(MARK, student="s2", first_name="", last_name="Points Possible")
    marks = [MARK, fooling]
    rows = table(written(tmp_path, export.CanvasExporter, marks, column="Лист (42)"))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Лист (42)"],
        ["    Points Possible", "", "", "", "", "12"],
        ["Ким, Анна", "", "", "s1", "", "6.5"],
        ["s2", "", "", "s2", "", "6.5"],
    ]
    rows = table(written(tmp_path, export.CanvasExporter, [MARK], roster=str(roster)))
    assert rows[2] == ["Ким, Анна", "4711", "", "kim.a", "Группа 1", "6.5"]


@pytest.mark.parametrize(
    ("roster", "says"),
    [
        ("student_id,email\ns2,a@b\n", "no row for 's1'"),
        ("student_id,mail\ns1,a@b\n", "has the columns 'student_id', 'mail'"),
        ("email\na@b\n", "needs 'student_id'"),
        ("", "has the columns none"),
        ("student_id,email\ns1,a@b\ns1,c@d\n", "row 3: 's1' stands there twice"),
        ("student_id,email\ns1,a@b\ns2,a@b\n", "the same email 'a@b'"),
        ("student_id,email\ns1\n", "row 2: 2 fields were expected"),
        ("student_id,email\ns1,\n", "has no email in the roster"),
        ("student_id,email\ns1,=cmd|x\n", "would run as a formula"),
        ('student_id,email\ns1,"a\n', "is not a CSV file"),
        ("student_id;email\ns1;a@b\n", "has the columns 'student_id;email'"),
        (b"student_id,email\ns1,\xff\n", "is not a CSV file in UTF-8"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_bad_roster_is_refused_in_one_sentence(tmp_path, roster, says):
    path = tmp_path / "roster.csv"
    if roster is not None:
        path.write_bytes(roster if isinstance(roster, bytes) else roster.encode())
    with pytest.raises(ExportError) as refused:
        export.MoodleExporter(roster=str(path)).write(tmp_path / "out.csv", [MARK])
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("column", ["canvas_id", "login"])
def test_canvas_wants_an_identifier_that_it_knows(tmp_path, column):
    path = tmp_path / "roster.csv"
    path.write_text(f"student_id,{column}\ns1,{'x' if column == 'canvas_id' else ''}\n")
    with pytest.raises(ExportError):
        export.CanvasExporter(roster=str(path)).write(tmp_path / "out.csv", [MARK])


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    target = tmp_path / "grades.csv"
    target.write_text("old")
    broken = dataclasses.replace(MARK, first_name="\ud800")  # nothing can encode it
    with pytest.raises(UnicodeEncodeError):
        export.CsvExporter().write(target, [MARK, broken])
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(ExportError, match="cannot be written: No such file"):
        export.CsvExporter().write(tmp_path / "absent" / "grades.csv", [MARK])


CONFIG = """
import sys
from pathlib import Path
sys.path.insert(0, {package!r})
import grading
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "synthetic"
grading.use(c)
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory, sheet, request):
    room = synthetic.make(tmp_path_factory.mktemp("class"), sheet, 40)
    config = CONFIG.format(package=str(request.config.rootpath), root=str(room.root))
    (room.root / "nbgrader_config.py").write_text(config)
    return room


def nbgrader(room, *words):
    """(exit code, what was said) of `nbgrader export` with `words`, in the course's folder."""
    # In a real course the package lies in the course's folder, which nbgrader puts on the path.
    done = forked.run(room.root, forked.environment(), "nbgrader", "export", *words)
    return done.returncode, done.stderr


def test_the_command_exports_the_safe_table_by_default(room):
    code, _ = nbgrader(room)
    assert code == 0
    rows = table(room.root / "grades.csv")
    assert len(rows) == 1 + 40
    assert rows[0][-1] == "state"


def test_the_command_takes_an_exporter_with_its_settings(room):
    words = "--exporter=grading.export.MoodleExporter", "--assignment", "sheet", "--to", "m.csv"
    code, said = nbgrader(room, *words, "--MoodleExporter.identify_by=login")
    assert code == 0
    assert "m.csv: 36 marks, left out 2 missing, left out 2 provisional" in said
    assert len(table(room.root / "m.csv")) == 37


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--student", "nobody"], "no student 'nobody'"),
        (["--assignment", "none"], "no assignment 'none'"),
        (["--exporter=grading.export.CanvasExporter", "--LmsExporter.roster=absent.csv"], "absent.csv"),
    ],
)
def test_the_command_refuses_in_one_sentence(room, words, says):
    before = set(room.root.iterdir())
    code, said = nbgrader(room, *words, "--to", "refused.csv")
    assert code == 1
    assert says in said
    assert "Traceback" not in said
    assert set(room.root.iterdir()) == before

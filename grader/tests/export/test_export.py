"""What is exported comes back from the readers that people use, and no text in it can run."""

import csv
import dataclasses
import re
from datetime import timedelta

import openpyxl
import pandas
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbgrader_apart import export
from nbgrader_apart.export.grades_exporter import listed
from nbgrader_apart.export.written_files import ExportError, inert, plain_text
from nbgrader_apart.messages import speaking
from nbgrader_apart.model.marks import Mark, NotebookMark, State
from nbgrader_apart.testing import forked
from support import made_up_class

MARK = Mark(
    "sheet", "s1", "Анна", "Ким", "s1@example.org", State.FINAL, 12,
    (NotebookMark("part-1", 5, 0.5, 1, 8), NotebookMark("part-2", 2.5, 0, 0, 4)),
    made_up_class.DUE, None, made_up_class.DUE + timedelta(minutes=1),
)  # fmt: skip
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
    assert [len(row) for row in rows] == [14, 14, 14]
    assert rows[1][4:6] == [inert(last), inert(first)]
    frame = pandas.read_csv(path, keep_default_na=False, dtype={"first_name": str, "last_name": str})
    assert frame.first_name.tolist() == [inert(first), "Анна"]
    assert frame.score.tolist() == [6.5, 6.5]
    sheet = openpyxl.load_workbook(written(folder, export.XlsxExporter, marks)).active
    cells = sheet[2][4:6]
    assert [cell.value or "" for cell in cells] == [plain_text(last), plain_text(first)]
    assert "f" not in [cell.data_type for cell in cells]
    assert (sheet["J2"].value, sheet["B2"].value) == (6.5, made_up_class.DUE)


def test_the_plain_table_has_nbgraders_columns_and_the_state(tmp_path):
    rows = table(written(tmp_path, export.CsvExporter, [MARK]))
    assert rows[0] == [
        *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
        *("raw_score", "late_submission_penalty", "score", "max_score"),
        *("state", "extra_credit", "seconds_late"),
    ]
    assert rows[1] == [
        *("sheet", "2024-03-01 20:59:00", "2024-03-01 21:00:00", "s1", "Ким", "Анна", "s1@example.org"),
        *("7.5", "1", "6.5", "12", "final", "0.5", "60.0"),
    ]


@pytest.mark.parametrize("state", [State.UNGRADED, State.MISSING])
def test_where_there_is_no_mark_there_is_no_0(tmp_path, state):
    nothing = dataclasses.replace(MARK, state=state, notebooks=())
    assert table(written(tmp_path, export.CsvExporter, [nothing]))[1][7:10] == ["", "", ""]
    sheet = openpyxl.load_workbook(written(tmp_path, export.XlsxExporter, [nothing])).active
    assert [cell.value for cell in sheet[2][7:10]] == [None, None, None]


def test_marks_above_the_maximum_are_counted(tmp_path):
    more = dataclasses.replace(MARK, notebooks=(NotebookMark("part-1", 13, 1, 0, 12),))
    assert "выше максимума, с баллами сверх заданий: 1" in export.MoodleExporter().write(
        tmp_path / "m.csv", [more]
    )
    assert export.MoodleExporter().write(tmp_path / "m.csv", [MARK]) == "оценок: 1"


def test_what_was_exported_is_said_in_the_language_of_the_course(tmp_path):
    marks = [MARK, dataclasses.replace(MARK, student="s2", state=State.MISSING, notebooks=())]
    with speaking("en"):
        said = export.MoodleExporter().write(tmp_path / "m.csv", marks)
        assert said == "marks: 1; left out, nothing handed in: 1"
        with pytest.raises(ExportError, match="has no student or no assignment"):
            export.MoodleExporter().write(tmp_path / "m.csv", [])


def test_a_long_list_is_cut_and_names_cannot_break_the_line():
    assert listed(f"s{number}" for number in range(7)) == "«s0», «s1», «s2», «s3», «s4» и ещё 2"
    assert listed(["a\nb"]) == "«a?b»"


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
        ("student_id,email\ns2,a@b\n", "нет строк для студентов: «s1»"),
        ("student_id,mail\ns1,a@b\n", "такие столбцы: «student_id», «mail»"),
        ("email\na@b\n", "Нужен «student_id»"),
        ("", "такие столбцы: (пусто)"),
        ("student_id,email\ns1,a@b\ns1,c@d\n", "в строке 3: студент «s1» уже был выше"),
        ("student_id,email\ns1,a@b\ns2,a@b\n", "у студентов «s1», «s2» один и тот же email: «a@b»"),
        ("student_id,email\ns1\n", "в строке 2, полей не столько, сколько в заголовке; должно быть: 2"),
        ("student_id,email\ns1,\n", "не указан email"),
        ("student_id,email\ns1,=cmd|x\n", "сработал бы как формула"),
        ('student_id,email\ns1,"a\n', "не файл CSV"),
        ("student_id;email\ns1;a@b\n", "такие столбцы: «student_id;email»"),
        (b"student_id,email\ns1,\xff\n", "не файл CSV в UTF-8"),
        (None, "не читается: No such file"),
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
    with pytest.raises(ExportError, match="не записывается: No such file"):
        export.CsvExporter().write(tmp_path / "absent" / "grades.csv", [MARK])


CONFIG = """
import nbgrader_apart
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "synthetic"
nbgrader_apart.use(c, language="ru")
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory, sheet):
    room = made_up_class.make(tmp_path_factory.mktemp("class"), sheet, 40)
    config = CONFIG.format(root=str(room.root))
    (room.root / "nbgrader_config.py").write_text(config)
    return room


def nbgrader(room, *words):
    """(exit code, what was said) of `nbgrader export` with `words`, in the course's folder."""
    done = forked.run(room.root, forked.environment(), "nbgrader", "export", *words)
    return done.returncode, done.stderr


def test_the_command_exports_the_safe_table_by_default(room):
    code, _ = nbgrader(room)
    assert code == 0
    rows = table(room.root / "grades.csv")
    assert len(rows) == 1 + 40
    assert rows[0][11] == "state"


def test_the_command_takes_an_exporter_with_its_settings(room):
    words = "--exporter=nbgrader_apart.export.MoodleExporter", "--assignment", "sheet", "--to", "m.csv"
    code, said = nbgrader(room, *words, "--MoodleExporter.identify_by=login")
    assert code == 0
    assert (
        "m.csv (оценок: 36; не выгружено, работа не сдана: 2; не выгружено, балл не окончательный: 2)" in said
    )
    assert len(table(room.root / "m.csv")) == 37


@pytest.mark.parametrize("exporter", ["CsvExporter", "XlsxExporter", "MoodleExporter", "CanvasExporter"])
def test_an_odd_mark_is_named_and_the_others_are_exported(tmp_path, sheet, request, exporter):
    room = made_up_class.make(tmp_path, sheet, 5)
    config = CONFIG.format(root=str(room.root))
    (room.root / "nbgrader_config.py").write_text(config)
    (room.root / "submitted" / "name-\udcef" / room.assignment).mkdir(parents=True)
    with room.gradebook() as gradebook:
        for grade in gradebook.find_submission(room.assignment, "s0001").notebooks[0].grades:
            grade.auto_score = float("inf")
        gradebook.db.commit()
    code, said = nbgrader(room, f"--exporter=nbgrader_apart.export.{exporter}", "--to", "out")
    assert code == 1
    assert "s0001: балл или штраф в журнале оценок — не число" in said
    assert "Traceback" not in said
    if exporter == "XlsxExporter":
        rows = list(openpyxl.load_workbook((room.root / "out").open("rb")).active.values)
    else:
        rows = table(room.root / "out")
    assert [sum(f"s{number:04}" in str(row) for row in rows) for number in (2, 4)] == [1, 1]
    assert not any("inf" in map(str, row) for row in rows)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--student", "nobody"], "Студента «nobody» в журнале оценок нет"),
        (["--assignment", "none"], "Задания «none» в журнале оценок нет"),
        (
            ["--exporter=nbgrader_apart.export.CanvasExporter", "--LmsExporter.roster=absent.csv"],
            "Список absent.csv не читается",
        ),
    ],
)
def test_the_command_refuses_in_one_sentence(room, words, says):
    before = set(room.root.iterdir())
    code, said = nbgrader(room, *words, "--to", "refused.csv")
    assert code == 1
    assert says in said
    assert "Traceback" not in said
    assert set(room.root.iterdir()) == before


def test_an_export_that_fails_leaves_no_older_file_that_could_be_taken_for_it(room):
    (room.root / "marks.csv").write_text("of last week")
    code, _ = nbgrader(room, "--student", "nobody", "--to", "marks.csv")
    assert code == 1
    assert not (room.root / "marks.csv").exists()
    assert (room.root / "marks.csv.old").read_text() == "of last week"

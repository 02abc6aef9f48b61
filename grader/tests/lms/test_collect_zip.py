"""Whose work a file of Moodle's or Canvas's zip is: one student's, or nobody's, and then it is told."""

import pytest
from lms.conftest import ANN, BOB, packed

from nbgrader_apart.export.written_files import ExportError
from nbgrader_apart.lms import schemes
from nbgrader_apart.lms.submissions import Outcome
from nbgrader_apart.model.course import CourseError

LAYER = b'{"cells": []}'


@pytest.mark.parametrize(
    ("name", "system", "person", "number", "file"),
    [
        ("Анна Ким_12_assignsubmission_file_/a b.ipynb", "moodle", "Анна Ким", "12", "a b.ipynb"),
        ("Анна Ким_12_assignsubmission_file/work/a.ipynb", "moodle", "Анна Ким", "12", "work/a.ipynb"),
        ("Анна Ким_12_assignsubmission_file_my_task_1.ipynb", "moodle", "Анна Ким", "12", "my_task_1.ipynb"),
        ("again/Анна Ким_12_assignsubmission_file_/a.ipynb", "moodle", "Анна Ким", "12", "a.ipynb"),
        ("Ким_12_assignsubmission_onlinetext/onlinetext.html", "moodle", "Ким", "12", "onlinetext.html"),
        ("kimanna_LATE_12_345_task_1.ipynb", "canvas", "kimanna", "12", "task_1.ipynb"),
        ("ким_12_345_a-1.ipynb", "canvas", "ким", "12", "a-1.ipynb"),
    ],
)
def test_both_schemes_are_read(name, system, person, number, file):
    found = schemes.place(name)
    assert (found.owner, found.file) == (schemes.Owner(system, person, number), file)
    assert found.late is ("LATE" in name)


@pytest.mark.parametrize(
    "name",
    ["a.ipynb", "Анна/a.ipynb", "anon_xy12z_345_a.ipynb", "Анна Ким_12_assignsubmission_file_/", "1_2_3"],
)
def test_other_names_are_nobodys(name):
    assert schemes.place(name) is None


@pytest.mark.parametrize("piece", ["_", "1", "_1", "a_1_", "_LATE_1", "1_assignsubmission_"])
def test_names_are_read_in_linear_time(assert_linear, piece):
    assert_linear(schemes.place, lambda count: piece * count, 4000)


def test_moodles_folders_become_submissions(take_in, submitted):
    done = take_in({f"{ANN}/layer.ipynb": LAYER, f"{ANN}/d/x.csv": b"1", f"{BOB}/Мой слой.ipynb": b"2"})
    assert done.outcomes == {"ann": Outcome.NEW, "bob": Outcome.NEW}
    assert done.is_whole()
    assert submitted("ann") == {"layer.ipynb": LAYER, "d/x.csv": b"1"}
    assert submitted("bob") == {"Мой слой.ipynb": b"2"}
    assert "людей: 2. Новых работ: 2," in done.lines()[0]


def test_a_name_may_be_written_the_other_way_round_and_without_its_signs(take_in):
    done = take_in(
        {
            "ким  АННА_1_assignsubmission_file_/layer.ipynb": LAYER,
            "Катя ОНил_2_assignsubmission_file_/layer.ipynb": LAYER,
            "римскийкорсаковборис_3_30_layer.ipynb": LAYER,
        }
    )
    assert sorted(done.outcomes) == ["ann", "bob", "cat"]


def test_namesakes_and_strangers_are_told_and_not_taken(take_in, submitted):
    done = take_in(
        {
            "Дан Ли_7_assignsubmission_file_/layer.ipynb": LAYER,
            "Ева Чужая_8_assignsubmission_file_/layer.ipynb": LAYER,
            "readme.txt": b"",
            f"{ANN}/layer.ipynb": LAYER,
        }
    )
    assert list(done.outcomes) == ["ann"]
    assert not done.is_whole()
    said = "\n".join(done.lines())
    assert "Не узнан «Дан Ли» (7): так зовут нескольких студентов: dan, dan2" in said
    assert "Не узнан «Ева Чужая» (8): студента с таким именем нет" in said
    assert "Не принят файл «readme.txt»: так файлы не называют" in said
    assert submitted("dan") == submitted("dan2") == {}


def test_two_people_who_would_be_one_student_are_neither(take_in, submitted):
    done = take_in({f"{ANN}/layer.ipynb": LAYER, "Ким Анна_5_assignsubmission_file_/layer.ipynb": b"2"})
    assert done.outcomes == {}
    assert "студентом ann оказались сразу несколько" in done.problems[0]
    assert submitted("ann") == {}


def test_moodles_worksheet_tells_namesakes_apart(take_in, submitted, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "\ufeffИдентификатор,Полное имя,Адрес электронной почты,Оценка\n"
        "Участник 7,Дан Ли,DAN2@example.org,\nУчастник7123,Дан Ли,dan@example.org,5\n",
        "utf-8",
    )
    files = {
        f"Дан Ли_{number}_assignsubmission_file_/layer.ipynb": number.encode() for number in ("7", "7123")
    }
    done = take_in(files, worksheet=sheet)
    assert done.is_whole()
    assert (submitted("dan2")["layer.ipynb"], submitted("dan")["layer.ipynb"]) == (b"7", b"7123")


def test_the_roster_knows_canvas_numbers_and_other_names(take_in, tmp_path, submitted):
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "student_id,canvas_id,name\ndan,70,\ndan2,71,\nann,,Анна Сергеевна Ким\nnew,,Ю Цой\n", "utf-8"
    )
    done = take_in(
        {
            "лидан_70_5_layer.ipynb": b"dan",
            "лидан_LATE_71_6_layer.ipynb": b"dan2",
            "Анна Сергеевна Ким_9_assignsubmission_file_/layer.ipynb": LAYER,
            "Ю Цой_10_assignsubmission_file_/layer.ipynb": LAYER,
            "Анна Ким_11_assignsubmission_file_/layer.ipynb": LAYER,
        },
        roster=roster,
    )
    assert sorted(done.outcomes) == ["ann", "dan", "dan2", "new"]
    assert "Не узнан «Анна Ким» (11)" in done.problems[0]
    assert done.late == ["dan2"]
    assert submitted("dan2") == {"layer.ipynb": b"dan2"}


def test_who_has_another_number_in_canvas_is_somebody_else(take_in, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id,canvas_id\nann,70\n", "utf-8")
    assert take_in({"киманна_71_5_layer.ipynb": LAYER}, roster=roster).outcomes == {}


def test_of_canvass_uploads_of_one_notebook_the_last_counts(take_in, submitted):
    done = take_in(
        {
            "киманна_1_20_layer-2.ipynb": b"last",
            "киманна_1_9_layer.ipynb": b"first",
            "киманна_1_10_layer-1.ipynb": b"second",
            "киманна_1_11_notes-1.ipynb": b"another",
        }
    )
    assert done.is_whole()
    assert submitted("ann") == {"layer.ipynb": b"last", "notes-1.ipynb": b"another"}


def test_a_second_zip_changes_only_what_is_new_and_replaces_when_told(take_in, submitted):
    take_in({f"{ANN}/layer.ipynb": LAYER, f"{ANN}/old.csv": b"1"})
    again = {f"{ANN}/layer.ipynb": b"2", f"{BOB}/layer.ipynb": LAYER}
    done = take_in(again)
    assert done.outcomes == {"ann": Outcome.OTHER, "bob": Outcome.NEW}
    assert "ann: уже есть другая работа" in done.problems[0]
    assert submitted("ann")["layer.ipynb"] == LAYER
    done = take_in(again, update=True)
    assert done.outcomes == {"ann": Outcome.REPLACED, "bob": Outcome.SAME}
    assert submitted("ann") == {"layer.ipynb": b"2"}


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ({"Анна Ким_101_assignsubmission_onlinetext/onlinetext.html": b"<p>"}, "onlinetext.html"),
        ({f"{ANN}/work.docx": b"1"}, "work.docx"),
        ({f"{ANN}/a.zip": packed({"work.docx": b"1", "photo.png": b"2"})}, "photo.png, work.docx"),
    ],
)
def test_what_holds_no_notebook_replaces_none_and_is_told(take_in, submitted, sent, names):
    for before in ({}, {"layer.ipynb": LAYER}):
        if before:
            take_in({f"{ANN}/layer.ipynb": LAYER})
        done = take_in({**sent, f"{BOB}/layer.ipynb": LAYER}, update=True)
        assert submitted("ann") == before
        assert done.outcomes["ann"] is Outcome.NOTHING
        assert not done.is_whole()
        said = "\n".join(done.lines())
        assert "пустых: 1." in said
        assert f"ann: тетрадей нет, работа не принята; прислано: {names}. Сданное" in said


@pytest.mark.parametrize("name", ["layer.ipynb.txt", "LAYER.IPYNB", "layer.ipynb.json", "layer.json"])
def test_a_notebook_under_a_longer_name_is_one(take_in, submitted, name):
    assert take_in({f"{ANN}/{name}": LAYER}).is_whole()
    assert submitted("ann") == {name: LAYER}


def test_the_worksheet_is_named_to_who_has_not_given_it(take_in, tmp_path):
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("Идентификатор,Полное имя\nУчастник 7,Дан Ли\n", "utf-8")
    stranger = {"Ева Чужая_8_assignsubmission_file_/layer.ipynb": LAYER}
    assert "--worksheet" in take_in(stranger).problems[0]
    assert "--worksheet" not in take_in(stranger, worksheet=sheet).problems[0]
    assert "--worksheet" not in take_in({"чужаяева_8_30_layer.ipynb": LAYER}).problems[0]


def test_archives_inside_are_unpacked(take_in, submitted):
    inner = packed({"work/layer.ipynb": LAYER, "work/d/x.csv": b"1", "__MACOSX/work/._layer.ipynb": b""})
    done = take_in({f"{ANN}/a.zip": inner, f"{BOB}/b.ZIP": inner, f"{BOB}/train.ipynb": b"2"})
    assert done.is_whole()
    assert submitted("ann") == {"layer.ipynb": LAYER, "d/x.csv": b"1"}
    assert submitted("bob") == {"b/layer.ipynb": LAYER, "b/d/x.csv": b"1", "train.ipynb": b"2"}


def test_the_time_of_submission_is_not_the_learners_to_say(take_in, submitted):
    take_in({f"{ANN}/timestamp.txt": b"2001-01-01", f"{ANN}/layer.ipynb": LAYER})
    assert submitted("ann") == {"layer.ipynb": LAYER}


@pytest.mark.parametrize(
    ("option", "content"),
    [
        ("roster", b"student_id,mail\n"),
        ("worksheet", b"a,b\nc,d\n"),
        ("worksheet", b"\xff\xfe"),
        ("worksheet", None),
    ],
)
def test_a_list_that_cannot_be_read_stops_it(take_in, tmp_path, option, content):
    path = tmp_path / "list.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((ExportError, CourseError), match=r"list\.csv"):
        take_in({f"{ANN}/layer.ipynb": LAYER}, **{option: path})

"""Whatever people and clocks do: summary, report, feedback and exports show one and the same mark."""

import csv
import datetime
import re
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from nbgrader.api import Grade, MissingEntry, SubmittedNotebook
from sqlalchemy import select
from traitlets.config import Configurable

from nbgrader_apart import export
from nbgrader_apart.class_run.gradebook_writer import Change
from nbgrader_apart.class_run.run_summary import Row
from nbgrader_apart.feedback import notebook_for_page, notebook_marks
from nbgrader_apart.feedback.feedback_page import render
from nbgrader_apart.feedback.lesson import lessons
from nbgrader_apart.model import marks
from nbgrader_apart.model.late_penalties import settle
from nbgrader_apart.report import write_report
from nbgrader_apart.report.report_settings import ClassReport
from support import made_up_class

LEARNERS = 5
halves = st.integers(0, 8).map(lambda number: number / 2)
hours = st.integers(-30, 30).map(lambda number: datetime.timedelta(hours=number))
by_hand = st.tuples(st.none() | halves, st.none() | halves, st.booleans())  # points, extra credit, waits


@pytest.fixture(scope="module")
def room(tmp_path_factory, sheet):
    return made_up_class.make(tmp_path_factory.mktemp("class"), sheet, LEARNERS)


class Parent(Configurable):
    """In place of nbgrader's command, which tells an exporter of the course's folders."""


@settings(
    deadline=None, max_examples=12, phases=[Phase.explicit, Phase.generate]
)  # an example takes a second
@given(
    grades=st.lists(by_hand, min_size=4 * 3, max_size=4 * 3),
    late=st.lists(hours, min_size=4, max_size=4),
    extensions=st.lists(st.none() | hours, min_size=4, max_size=4),
    due=st.none() | st.just(made_up_class.DUE),
)
def test_all_show_the_same_mark(room, tmp_path_factory, grades, late, extensions, due):
    folder = tmp_path_factory.mktemp("out")
    with room.gradebook() as gradebook:
        change(gradebook, room, grades, late, extensions, due)
        settle(gradebook, room.config(), [room.assignment])
        found = {m.student: m for m in marks.read(gradebook, room.coursedir(), room.assignment)}
        nbgraders = {student: nbgraders_own(gradebook, room, student) for student in found}
        in_feedback = {s: feedback(gradebook, room, s) for s in found if nbgraders[s] is not None}
        in_csv = exported(export.CsvExporter, gradebook, room, folder)
        in_moodle = exported(export.MoodleExporter, gradebook, room, folder)
    in_report = reported(room, folder)
    for student, mark in found.items():
        if nbgraders[student] is None:
            assert in_csv[student] == ""
            assert in_report[student] == "–"
            assert student not in in_moodle
            continue
        assert mark.score == nbgraders[student]
        shown = Row(Change(mark, mark)).cells()[1]
        assert float(shown) == float(in_csv[student]) == mark.score
        assert number(in_report[student]) == number(in_feedback[student]) == mark.score
        if mark.state == marks.State.FINAL:
            assert float(in_moodle[student]) == mark.score
        else:
            assert student not in in_moodle


def change(gradebook, room, grades, late, extensions, due):
    """Points, times and dates of the four who have handed in."""
    gradebook.find_assignment(room.assignment).duedate = due
    rows = iter(grades)
    for student, hours_late, extension in zip(range(1, LEARNERS), late, extensions, strict=True):
        submission = gradebook.find_submission(room.assignment, f"s{student:04}")
        submission.timestamp, submission.extension = made_up_class.DUE + hours_late, extension
        query = select(Grade).join(SubmittedNotebook).where(SubmittedNotebook.assignment_id == submission.id)
        for grade in gradebook.db.scalars(query.order_by(Grade.id)):
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = next(rows)
    gradebook.db.commit()


def nbgraders_own(gradebook, room, student):
    """The mark as nbgrader's own export counts it."""
    try:
        submission = gradebook.find_submission(room.assignment, student)
    except MissingEntry:
        return None
    return max(0.0, submission.score - submission.late_submission_penalty)


def feedback(gradebook, room, student):
    """The mark for the whole assignment on the feedback page, as it is written there."""
    graded = room.root / "autograded" / student / room.assignment
    notebook = gradebook.find_submission_notebook("part-2", room.assignment, student)
    about = notebook_marks.read(gradebook, notebook)
    known = lessons(room.coursedir(), room.assignment)
    page = render(notebook_for_page.read(graded / "part-2.ipynb"), about, known, "part-2", {"part-1.ipynb"})
    (width,) = re.findall(r'<div style="width: ([\d.]+)%"', page)
    assert 0 <= float(width) <= 100
    (first,) = re.findall(r"За всё задание</a>: ([\d,]+) из 12", page)
    (total,) = re.findall(r"Всего</th>\s*<td[^>]*><b>([\d,]+)</b>", page)
    assert first == total
    return total


def exported(kind, gradebook, room, folder):
    """{student: mark as it is written} in an export's file."""
    parent = Parent(config=room.config())
    parent.coursedir = room.coursedir()
    exporter = kind(parent=parent, to=str(folder / kind.file_name), assignment=[room.assignment])
    exporter.export(gradebook)
    with Path(exporter.to).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if kind is export.CsvExporter:
        return {row["student_id"]: row["score"] for row in rows}
    return {row["Email address"].partition("@")[0]: row[room.assignment] for row in rows}


def reported(room, folder):
    """{student: mark as it is written} in the report's table."""
    page, _ = write_report.write(
        room.coursedir(), ClassReport(config=room.config()), room.assignment, folder / "report"
    )
    rows = re.findall(r"<tr data-is=.*?</tr>", page.read_text("utf-8"), re.DOTALL)
    found = (
        re.search(r"<small><bdi>(.*?)</bdi>.*?<td class=\"sum\">(.*?)</td>", row, re.DOTALL) for row in rows
    )
    return dict(row.groups() for row in found)


def number(written):
    return float(written.replace(",", "."))

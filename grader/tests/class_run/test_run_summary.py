"""What the summary of a run says about each mark, and about a class that is too large for a table."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nbgrader_apart.class_run.gradebook_writer import Change
from nbgrader_apart.class_run.run_summary import SHOWN, RunSummary
from nbgrader_apart.class_run.task import Graded
from nbgrader_apart.model.marks import Mark, NotebookMark, State

DUE = datetime(2026, 3, 1)
MARK = Mark(
    "sheet", "ann", "", "", "", State.FINAL, 10,
    (NotebookMark("layer", 6, 0, 0, 6), NotebookMark("loop", 0, 0, 0, 4)), DUE, None, DUE,
)  # fmt: skip


def marked(layer, **changed):
    return replace(MARK, notebooks=(layer, MARK.notebooks[1]), **changed)


def shown(capsys, *rows, marks=()):
    """The summary of (mark before, mark now, notebooks that are absent, whether code was run)."""
    summary = RunSummary()
    for before, mark, absent, was_run in rows:
        if was_run:
            summary.add(Graded(mark.student, {}, {}, 1.5), Change(before, mark), absent)
        else:
            summary.settled([Change(before, mark)])
    summary.show({mark.student: mark for mark in marks}, 1.0, quiet=False)
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("before", "mark", "absent", "was_run", "says"),
    [
        (replace(MARK, notebooks=(), state=State.MISSING), MARK, [], True, "│ ann │ 6 │ loop │ │ 1.5 │"),
        (MARK, MARK, ["loop"], True, "│ ann │ 6 │ │ не сдано тетрадей: 1 │ 1.5 │"),
        (MARK, replace(MARK, state=State.PROVISIONAL), [], True, "│ 6 │ loop │ ждёт человека │"),
        (MARK, replace(MARK, submitted=DUE + timedelta(1)), [], True, "│ 6 │ loop │ опоздание │"),
        (
            MARK,
            marked(NotebookMark("layer", 6, 0, 1.5, 6), submitted=DUE + timedelta(1)),
            [],
            False,
            "│ 4.5 (было 6) │ loop │ опоздание, штраф 1.5, код не запускался │ – │",
        ),
        (
            MARK,
            marked(NotebookMark("layer", 7, 2, 0, 6)),
            [],
            True,
            "│ 7 (было 6) │ layer, loop │ из них сверх заданий 2 │",
        ),
    ],
)
def test_each_mark_is_the_final_one_with_remarks(capsys, before, mark, absent, was_run, says):
    assert says in shown(capsys, (before, mark, absent, was_run))


def test_who_was_not_in_the_list_of_students_is_named(capsys):
    summary = RunSummary()
    summary.add(Graded("ann", {}, {}, 1.5), Change(MARK, MARK, joined=True), [])
    summary.show({}, 1.0, quiet=False)
    assert "│ ann │ 6 │ loop │ не было в списке студентов, добавлен │" in " ".join(
        capsys.readouterr().out.split()
    )


def test_the_line_of_numbers_is_of_what_the_run_has_graded(capsys):
    assert "Баллы работ этого запуска: наименьший 6," in shown(capsys, (MARK, MARK, [], True))


def test_a_mark_that_was_settled_and_then_graded_is_compared_with_the_first(capsys):
    settled = marked(NotebookMark("layer", 6, 0, 1, 6))
    again = marked(NotebookMark("layer", 4, 0, 1, 6))
    said = shown(capsys, (MARK, settled, [], False), (settled, again, [], True))
    assert "│ 3 (было 6) │" in said
    assert "код не запускался" not in said


def test_whoever_has_no_folder_any_more_is_named_with_the_mark_as_it_was(capsys):
    gone = replace(MARK, has_folder=False)
    never = replace(MARK, student="bob", has_folder=False, state=State.MISSING, notebooks=())
    said = shown(capsys, marks=(gone, never))
    assert "Папки в submitted больше нет, балл прежний: ann" in said
    assert "bob" not in said


def test_a_large_class_is_counted(capsys):
    late = marked(NotebookMark("layer", 6, 0, 1, 6))
    rows = [(MARK, replace(late, student=f"s{number}"), ["loop"], True) for number in range(SHOWN + 1)]
    said = shown(capsys, *rows)
    assert f"Работ: {SHOWN + 1}." in said
    assert f"Сданы не все тетради, работ: {SHOWN + 1}." in said
    assert f"Сданы с опозданием, со штрафом, работ: {SHOWN + 1}." in said
    assert "Ждут человека" not in said

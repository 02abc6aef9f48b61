"""Marks agree with nbgrader's own, one by one; their number of queries does not grow with the class."""

import pytest
from nbgrader.api import MissingEntry
from sqlalchemy import event

from nbgrader_apart.model import marks
from nbgrader_apart.model.marks import Mark, NotebookMark, State
from support import made_up_class

LEARNERS = 40


@pytest.fixture
def room(tmp_path, sheet):
    return made_up_class.make(tmp_path, sheet, LEARNERS)


def read(room):
    with room.gradebook() as gradebook:
        return {mark.student: mark for mark in marks.read(gradebook, room.coursedir(), room.assignment)}


def test_every_mark_is_nbgraders_own(room):
    found = read(room)
    assert len(found) == LEARNERS
    with room.gradebook() as gradebook:
        for student in gradebook.students:
            mark = found[student.id]
            try:
                submission = gradebook.find_submission(room.assignment, student.id)
            except MissingEntry:
                assert (mark.state, mark.score, mark.submitted) == (State.MISSING, 0, None)
                continue
            assert mark.raw == submission.score
            assert mark.penalty == submission.late_submission_penalty
            assert mark.seconds_late == submission.total_seconds_late
            assert mark.possible == submission.max_score == 12
            assert (mark.state == State.PROVISIONAL) == submission.needs_manual_grade
    states = [mark.state for mark in found.values()]
    assert states.count(State.MISSING) == states.count(State.PROVISIONAL) == 2
    assert sum(mark.seconds_late > 0 for mark in found.values()) == 4


def test_a_penalty_takes_no_more_than_there_is(room):
    assert marks.final(3, 1) == 2
    assert marks.final(3, 5) == 0


def test_binary_fractions_leave_no_noise():
    part = NotebookMark("part", 3.3, 0.1, 0.7, 4)
    mark = Mark("sheet", "ann", "", "", "", State.FINAL, 12, (part,) * 3)
    assert (mark.raw, mark.extra, mark.penalty, mark.score) == (9.9, 0.3, 2.1, 7.8)
    assert part.score == 2.6


def test_an_extension_counts(room):
    late = next(mark for mark in read(room).values() if mark.seconds_late)
    with room.gradebook() as gradebook:
        gradebook.grant_extension(room.assignment, late.student, weeks=1)
    assert read(room)[late.student].seconds_late == 0


def test_rows_without_a_score_are_no_mark(room):
    with room.gradebook() as gradebook:
        gradebook.add_submission(room.assignment, "s0000")
    assert read(room)["s0000"].state == State.MISSING
    (room.root / "submitted" / "s0000" / room.assignment).mkdir(parents=True)
    assert read(room)["s0000"].state == State.UNGRADED
    with room.gradebook() as gradebook:
        gradebook.update_or_create_submission(room.assignment, "s0000", timestamp=made_up_class.DUE)
    (room.root / "submitted" / "s0000" / room.assignment).rmdir()
    assert read(room)["s0000"].state == State.UNGRADED


def test_whoever_has_handed_in_is_listed(room):
    """Their names are as the disk has them: not in UTF-8, as long as can be."""
    for name in ("nobody", b"\xef\xf0\xe8".decode("utf-8", "surrogateescape"), "я" * 127, ".trash"):
        (room.root / "submitted" / name / room.assignment).mkdir(parents=True)
    found = read(room)
    assert len(found) == LEARNERS + 3
    for name in ("nobody", "???", "я" * 127):
        assert (found[name].state, found[name].score) == (State.UNGRADED, 0)
        assert found[name].name.encode() == name.encode()


def test_a_score_that_is_no_number_is_no_mark(room):
    with room.gradebook() as gradebook:
        submission = gradebook.find_submission(room.assignment, "s0002")
        submission.notebooks[0].grades[0].auto_score = float("inf")
        gradebook.db.commit()
    found = read(room)
    assert (found["s0002"].state, found["s0002"].score) == (State.UNGRADED, 0)
    assert "не число" in found["s0002"].problem
    assert [mark.student for mark in found.values() if mark.problem] == ["s0002"]


def test_a_manual_score_is_the_mark(room):
    before = read(room)["s0003"]
    assert before.state == State.PROVISIONAL
    with room.gradebook() as gradebook:
        submission = gradebook.find_submission(room.assignment, "s0003")
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 4, 0.5, False
        gradebook.db.commit()
    after = read(room)["s0003"]
    assert (after.state, after.raw) == (State.FINAL, 3 * 4.5)


def test_the_number_of_queries_does_not_grow_with_the_class(tmp_path, sheet):
    counts = []
    for size in (5, 60):
        room = made_up_class.make(tmp_path / str(size), sheet, size)
        with room.gradebook() as gradebook:
            queries = []
            event.listen(
                gradebook.engine, "before_cursor_execute", lambda *said, log=queries: log.append(said)
            )
            assert len(marks.read(gradebook, room.coursedir(), room.assignment)) == size
        counts.append(len(queries))
    assert counts[0] == counts[1] < 10

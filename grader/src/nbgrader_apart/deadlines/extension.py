"""`apart extend`: more time for one learner, before or after the hand-in. It is nbgrader's own extension."""

from nbgrader.api import Gradebook, MissingEntry

from nbgrader_apart.deadlines.due_date import local
from nbgrader_apart.messages import text
from nbgrader_apart.model import marks
from nbgrader_apart.model.course import Course, CourseError, explained
from nbgrader_apart.model.disk import shown


def extend(assignment: str, student: str, days: int, hours: int) -> str:
    """Give the learner this time after the due date, in place of an earlier extension; said in words.

    No time at all takes the extension back. Raises CourseError.
    """
    course = Course().directory
    with explained(), Gradebook(course.db_url, course.course_id) as gradebook:
        if assignment not in marks.assignments(gradebook):
            raise CourseError(text("batch.not_generated", name=assignment))
        if marks.due_date(gradebook, assignment) is None:
            raise CourseError(text("deadline.none", name=assignment))
        try:
            gradebook.find_student(student)
        except MissingEntry:
            raise CourseError(text("deadline.no_student", student=shown(student))) from None
        try:
            gradebook.find_submission(assignment, student)
        except MissingEntry:  # rows without a score and a time are no mark and no hand-in
            gradebook.add_submission(assignment, student)
        gradebook.grant_extension(assignment, student, days=days, hours=hours)
        due = marks.read_one(gradebook, assignment, student).due
    assert due is not None
    return text("deadline.extended", student=student, time=local(due))

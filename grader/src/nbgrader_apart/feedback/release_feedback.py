"""`nbgrader release_feedback` where some hand in another way: set as `c.ExchangeFactory.release_feedback`.

The exchange returns pages under a name made of a secret that it gave with the submission. Work that came by
mail or in a zip has none, and at the first of it nbgrader's own class stops.
"""

from nbgrader.exchange.default import ExchangeReleaseFeedback

from nbgrader_apart.intake.staging import SECRET
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import folders
from nbgrader_apart.model.disk import shown

EXCHANGE = (SECRET, "timestamp.txt")  # what it leaves beside a submission and its pages


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Releases the pages of what was handed in through the exchange, and names the other learners."""

    def copy_files(self) -> None:
        course = self.coursedir
        excluded = course.student_id_exclude
        left_out = [
            student
            for student, folder in folders(course, course.feedback_directory, course.assignment_id).items()
            if any(folder.glob("*.html")) and not all((folder / name).is_file() for name in EXCHANGE)
        ]
        course.student_id_exclude = ",".join([*filter(None, [excluded]), *left_out])
        try:
            super().copy_files()
        finally:
            course.student_id_exclude = excluded
        if left_out:
            pages = course.format_path(course.feedback_directory, "*", course.assignment_id)
            names = ", ".join(map(shown, left_out))
            self.log.warning(text("feedback.not_through_exchange", students=names, pages=f"{pages}/*.html"))

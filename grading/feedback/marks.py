"""What the gradebook says about one submitted notebook and about the whole submission."""

from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

NO_ANSWER = "No response."  # nbgrader's own comment on a cell that was left as released


@dataclass(frozen=True)
class Mark:
    """Points of one graded cell: `waiting` for a person, `by_hand` when a person gave them."""

    score: float
    possible: float
    extra: float
    by_hand: bool
    waiting: bool


@dataclass(frozen=True)
class Comment:
    """A comment on a learner's cell, of a person or of the grading itself."""

    text: str
    by_person: bool


@dataclass(frozen=True)
class Total:
    """Points of a notebook; `earned` is `score` without the penalty for lateness."""

    score: float
    possible: float
    penalty: float

    @property
    def earned(self):
        return self.score - self.penalty


@dataclass(frozen=True)
class Marks:
    """`cells` {grade id: Mark}, `comments` {grade id: Comment}, `notebooks` {name: Total}."""

    student: str
    submitted: datetime | None
    seconds_late: float
    cells: dict
    comments: dict
    notebooks: dict


class ReadMarks(NbGraderPreprocessor):
    """Puts the Marks of the notebook into `resources["marks"]`, as nbgrader's GetGrades does for its page."""

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            notebook = gradebook.find_submission_notebook(
                about["notebook"], about["assignment"], about["student"]
            )
            resources["marks"] = read(notebook)
        return nb, resources


def read(notebook):
    """The Marks of a SubmittedNotebook and of the submission that it belongs to."""
    submission, student = notebook.assignment, notebook.student
    name = " ".join(part for part in (student.first_name, student.last_name) if part)
    return Marks(
        student=name or student.id,
        submitted=submission.timestamp,
        seconds_late=submission.total_seconds_late,
        cells={grade.name: mark(grade) for grade in notebook.grades},
        comments={
            comment.name: Comment(comment.comment.strip(), comment.manual_comment is not None)
            for comment in notebook.comments
            if (comment.comment or "").strip() not in ("", NO_ANSWER)
        },
        notebooks={
            each.name: Total(each.score, each.max_score, each.late_submission_penalty or 0)
            for each in sorted(submission.notebooks, key=lambda each: each.name)
        },
    )


def mark(grade):
    """The Mark of nbgrader's Grade."""
    return Mark(
        score=grade.score,
        possible=grade.max_score,
        extra=grade.extra_credit or 0,
        by_hand=grade.manual_score is not None,
        waiting=bool(grade.needs_manual_grade),
    )

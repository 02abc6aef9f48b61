"""What the gradebook says about one submitted notebook and about the whole submission."""

from collections.abc import Mapping
from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.preprocessors import NbGraderPreprocessor

from nbgrader_apart.messages import text
from nbgrader_apart.model import marks
from nbgrader_apart.model.autograded_notebook import Unreadable
from nbgrader_apart.model.course import explained
from nbgrader_apart.model.marks import Mark, NotebookMark

NO_ANSWER = "No response."  # nbgrader's own comment on a cell that was left as released


@dataclass(frozen=True)
class CellMark:
    """Points of a graded cell, without `extra` credit: `waiting` for a person, `by_hand` if one gave them."""

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
class Marks:
    """`whole` is the learner's Mark; `cells` {grade id: CellMark} and `comments` {grade id: Comment}.

    `graded` are the notebooks that grading gave points: each of them was handed in.
    """

    whole: Mark
    cells: dict[str, CellMark]
    comments: dict[str, Comment]
    graded: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        """The learner's name, the first one first, or the id."""
        return f"{self.whole.first_name} {self.whole.last_name}".strip() or self.whole.student

    @property
    def notebooks(self) -> dict[str, NotebookMark]:
        """{name: NotebookMark} of the whole assignment."""
        return {each.name: each for each in self.whole.notebooks}


class ReadMarks(NbGraderPreprocessor):
    """Puts the Marks of the notebook into `resources["marks"]`, as nbgrader's GetGrades does for its page.

    The gradebook stays open for the other notebooks of the submission, with which this process ends.
    Raises Unreadable when the gradebook does not know the notebook, CourseError when it is unavailable.
    """

    gradebook: Gradebook | None = None

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about = resources["nbgrader"]
        with explained():
            self.gradebook = self.gradebook or Gradebook(about["db_url"], "")  # enters no course
            try:
                notebook = self.gradebook.find_submission_notebook(
                    about["notebook"], about["assignment"], about["student"]
                )
            except MissingEntry:
                raise Unreadable(unknown(self.gradebook, about)) from None
            resources["marks"] = read(self.gradebook, notebook)
        return nb, resources


def unknown(gradebook: Gradebook, about: Mapping[str, str]) -> str:
    """Why the gradebook does not know a notebook; `about` holds the resources of nbgrader's converter."""
    try:
        gradebook.find_student(about["student"])
    except MissingEntry:
        return text("feedback.no_student")
    return text("feedback.unknown", name=about["notebook"])


def read(gradebook: Gradebook, notebook: SubmittedNotebook) -> Marks:
    """The Marks of a SubmittedNotebook. Raises Unreadable when the learner's mark is no number."""
    submission = notebook.assignment
    whole = marks.read_one(gradebook, submission.assignment.name, submission.student_id)
    if whole.problem:
        raise Unreadable(whole.problem)
    return Marks(
        whole=whole,
        cells={grade.name: mark(grade) for grade in notebook.grades},
        comments={
            comment.name: Comment(comment.comment.strip(), comment.manual_comment is not None)
            for comment in notebook.comments
            if (comment.comment or "").strip() not in ("", NO_ANSWER)
        },
        graded=tuple(
            each.name for each in submission.notebooks if any(grade.auto_score for grade in each.grades)
        ),
    )


def mark(grade: Grade) -> CellMark:
    """The CellMark of nbgrader's Grade, which counts extra credit only beside a score."""
    extra = grade.extra_credit or 0 if (grade.auto_score, grade.manual_score) != (None, None) else 0
    return CellMark(
        score=grade.score - extra,
        possible=grade.max_score,
        extra=extra,
        by_hand=grade.manual_score is not None,
        waiting=bool(grade.needs_manual_grade),
    )

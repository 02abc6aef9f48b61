"""What a source notebook says about itself: its title, and which hints belong to which answer."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nbgrader import utils
from nbgrader.coursedir import CourseDirectory

from nbgrader_apart.model.source_notebook import grade_id, is_learners, language, read_source
from nbgrader_apart.model.syntax import bound_names, loaded_names

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
FOLDED = re.compile(
    r"<details>\s*<summary>(?P<title>.*?)</summary>(?P<body>.*?)</details>", re.DOTALL | re.IGNORECASE
)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Answer:
    """A cell that the learner writes: what it defines, in order, and its folded hints {title: Markdown}."""

    name: str
    defines: list[str]
    hints: dict[str, str]


@dataclass(frozen=True)
class Lesson:
    """A notebook of the source folder."""

    title: str
    answers: list[Answer]
    tests: dict[str, set[str]]  # {grade id: names that the test uses}
    ids: set[str | None]  # of all its cells
    language: str | None  # in which its learners are spoken to

    def answer(self, name: str) -> Answer | None:
        """The Answer called `name`, or None."""
        return next((answer for answer in self.answers if answer.name == name), None)

    def answer_for(self, graded: str) -> Answer | None:
        """The Answer that a graded cell is about: itself, or the last that defines a name which it uses."""
        uses = self.tests.get(graded, set())
        about = (answer for answer in reversed(self.answers) if uses.intersection(answer.defines))
        return self.answer(graded) or next(about, None)

    def label(self, name: str) -> str:
        """What the page calls the learner's cell: its definitions that are tested, else all of them."""
        answer = self.answer(name)
        defines = answer.defines if answer else []
        tested = [each for each in defines if any(each in uses for uses in self.tests.values())]
        return ", ".join(tested or defines) or name


@lru_cache(maxsize=64)
def read(path: Path, changed: int) -> Lesson:
    """The Lesson in the file `path`; `changed`, its time stamp, is part of the cache's key."""
    notebook = read_source(path)
    answers: list[Answer] = []
    tests: dict[str, set[str]] = {}
    title = ""
    for cell in notebook.cells:
        if is_learners(cell):
            defines = bound_names(cell.source) if cell.cell_type == "code" else ()
            answers.append(Answer(grade_id(cell), sorted(defines, key=cell.source.index), {}))
        elif cell.cell_type == "code" and utils.is_grade(cell):
            tests[grade_id(cell)] = loaded_names(cell.source)
        elif cell.cell_type == "markdown":
            title = title or next(iter(TITLE.findall(cell.source)), "")
            if answers:
                for hint in FOLDED.finditer(cell.source):
                    answers[-1].hints.setdefault(TAG.sub("", hint["title"]).strip(), hint["body"])
    ids = {cell.get("id") for cell in notebook.cells}
    return Lesson(title or path.stem, answers, tests, ids, language(notebook))


def lesson(path: Path) -> Lesson:
    """The Lesson in the file `path`, read once."""
    return read(path, path.stat().st_mtime_ns)


def lessons(course: CourseDirectory, assignment: str) -> dict[str, Lesson]:
    """{name: Lesson} of the assignment's source notebooks."""
    folder = Path(course.format_path(course.source_directory, ".", assignment))
    return {path.stem: lesson(path) for path in sorted(folder.glob("*.ipynb"))}

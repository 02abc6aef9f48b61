"""What the course's own notebook says about itself: its title, and which hints belong to which answer."""

import re
from dataclasses import dataclass
from functools import lru_cache

import nbformat
from nbgrader import utils

from ..judge.names import bound_names, loaded_names
from ..take_in.rebuild import grade_id, is_learners

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
FOLDED = re.compile(
    r"<details>\s*<summary>(?P<title>.*?)</summary>(?P<body>.*?)</details>", re.DOTALL | re.IGNORECASE
)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Answer:
    """A cell that the learner writes: what it defines, in order, and its folded hints {title: Markdown}."""

    name: str
    defines: list
    hints: dict


@dataclass(frozen=True)
class Lesson:
    """A notebook of the source folder."""

    title: str
    answers: list
    tests: dict  # {grade id: names that the test uses}
    ids: set  # of all its cells

    def answer(self, name):
        """The Answer called `name`, or None."""
        return next((answer for answer in self.answers if answer.name == name), None)

    def answer_for(self, graded):
        """The Answer that a graded cell is about: itself, or the last that defines a name which it uses."""
        uses = self.tests.get(graded, set())
        about = (answer for answer in reversed(self.answers) if uses.intersection(answer.defines))
        return self.answer(graded) or next(about, None)

    def called(self, name):
        """The learner's cell `name` in words: what it defines that is tested, else all that it defines."""
        answer = self.answer(name)
        defines = answer.defines if answer else []
        tested = [each for each in defines if any(each in uses for uses in self.tests.values())]
        return ", ".join(tested or defines) or name


@lru_cache(maxsize=64)
def read(path, changed):
    """The Lesson in the file `path`; `changed`, its time stamp, makes a new one after a change."""
    notebook = nbformat.read(path, as_version=4)
    answers, tests, title = [], {}, ""
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
    return Lesson(title or path.stem, answers, tests, {cell.get("id") for cell in notebook.cells})


def lesson(path):
    """The Lesson in the file `path`, read once."""
    return read(path, path.stat().st_mtime_ns)

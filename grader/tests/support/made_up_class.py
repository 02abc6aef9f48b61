"""A made-up class of any size, graded: for the tests of the report and of the exports."""

import datetime
import json
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import BasePlugin
from sqlalchemy import insert
from traitlets.config import Config

from nbgrader_apart.model.late_penalties import settle

DUE = datetime.datetime(2024, 3, 1, 20, 59)  # UTC, as nbgrader keeps it
FIRST = ["Анна", "Мария", "Ольга", "Алия", "Дарья", "Ксения", "Елена", "Юлия"]
LAST = ["Иванова", "Ким", "Ахметова", "Шевченко", "Соколова", "Римская-Корсакова", "Ли", "Фёдорова", "Штейн"]
HOSTILE = [
    ("<script>document.title='pwned'</script>", "Скриптова"),
    ("<img src=x onerror=\"document.title='pwned'\">", "</td></table><h1>"),
    ('=HYPERLINK("http://example.org";"Анна")', "=1+1"),
    ("Ан\u202eна", "Оченьдлиннаяфамилия" * 5),
    ("{{ 7*7 }}", 'Кавычка"'),
]
MISTAKES = {
    "course.sign": "отличается только знак: похоже, перепутано, что из чего вычитать.",
    "course.sum": "похоже, забыта сумма по пакету.",
    "course.shape": "форма (1, 4), а нужна (4,).",
    None: "NameError: name 'x' is not defined",
}
UNDONE = "course.undone"
NOTHING, LATE, VERY_LATE, ASKED_ABOUT, ASKS, BROKEN = range(6)  # of every 30 learners, one each


class OnePoint(BasePlugin):
    """Whoever is late loses a point of each notebook."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1


@dataclass
class Classroom:
    """The folder of a graded course."""

    root: Path
    assignment: str

    def coursedir(self):
        return CourseDirectory(root=str(self.root), course_id="synthetic")

    def config(self):
        """Settings: whoever is late loses a point of each notebook."""
        config = Config()
        config.AssignLatePenalties.plugin_class = OnePoint
        return config

    def gradebook(self):
        return Gradebook(f"sqlite:///{self.root / 'gradebook.db'}", "synthetic")


def make(root, source, students, mistakes=MISTAKES, undone=UNDONE, seed=0):
    """A Classroom in `root` of `students` learners, graded on the notebooks of the folder `source`.

    `mistakes` maps keys to messages. One learner in 30 hands in nothing, one waits for a person, and so on.
    """
    room = Classroom(Path(root), Path(source).name)
    folder = room.root / "source" / room.assignment
    folder.mkdir(parents=True)
    for path in sorted(Path(source).glob("*.ipynb")):
        shutil.copy(path, folder)
    notebooks = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.ipynb"))}
    chance = random.Random(seed)
    with room.gradebook() as gradebook:
        tests = _enter_assignment(gradebook, room.assignment, notebooks, chance)
        rows = {model: [] for model in (Student, SubmittedAssignment, SubmittedNotebook, Grade)}
        for number in range(students):
            _Learner(number, chance, mistakes, undone).enter(room, gradebook, tests, notebooks, rows)
        for model, values in rows.items():
            if values:
                gradebook.db.execute(insert(model), values)
        gradebook.db.commit()
        settle(gradebook, room.config(), [room.assignment])
    return room


def tests_of(notebook):
    """The graded cells of a notebook (as JSON): [(grade id, points)]."""
    found = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    return [(about["grade_id"], about["points"]) for about in found if about.get("grade")]


def _enter_assignment(gradebook, assignment, notebooks, chance):
    """{(notebook, grade id): (id of the row, difficulty)}"""
    gradebook.add_assignment(assignment, duedate=DUE)
    tests = {}
    for name, notebook in notebooks.items():
        gradebook.add_notebook(name, assignment)
        for test, points in tests_of(notebook):
            cell = gradebook.add_grade_cell(test, name, assignment, max_score=points, cell_type="code")
            tests[name, test] = cell.id, chance.uniform(0.2, 2)
    return tests


class _Learner:
    """One learner: how able, how far, how punctual."""

    def __init__(self, number, chance, mistakes, undone):
        self.number, self.chance, self.mistakes, self.undone = number, chance, mistakes, undone
        self.id = f"s{number:04}"
        self.skill = chance.betavariate(5, 1.6)
        self.stops = chance.random() if chance.random() < 0.2 else 1.0  # the part of the sheet that is tried
        self.kind = number % 30

    def enter(self, room, gradebook, tests, notebooks, rows):
        first, last = (
            HOSTILE[self.number // 37]
            if self.number % 37 == 5 and self.number // 37 < len(HOSTILE)
            else (self.chance.choice(FIRST), self.chance.choice(LAST))
        )
        rows[Student].append(
            {"id": self.id, "first_name": first, "last_name": last, "email": f"{self.id}@example.org"}
        )
        if self.kind == NOTHING:
            return
        hours = {LATE: self.chance.randint(1, 5), VERY_LATE: self.chance.randint(24, 90)}.get(self.kind, -5)
        late = datetime.timedelta(hours=hours)
        assignment = gradebook.find_assignment(room.assignment)
        submission = new_uuid()
        rows[SubmittedAssignment].append(
            {
                "id": submission,
                "assignment_id": assignment.id,
                "student_id": self.id,
                "timestamp": DUE + late,
            }
        )
        folder = room.root / "autograded" / self.id / room.assignment
        folder.mkdir(parents=True)
        ids = {notebook.name: notebook.id for notebook in assignment.notebooks}
        for place, (name, notebook) in enumerate(notebooks.items()):
            row = {
                "id": new_uuid(),
                "assignment_id": submission,
                "notebook_id": ids[name],
            }
            rows[SubmittedNotebook].append(row)
            refused = self.kind == BROKEN and place == 0
            tried = place < self.stops * len(notebooks) and not refused
            results = {
                test: self.result(points, tests[name, test][1] if tried else None)
                for test, points in tests_of(notebook)
            }
            asked = list(results)[:1] if self.kind == ASKED_ABOUT and place == 1 else []
            for test, result in results.items():
                rows[Grade].append(
                    {
                        "id": new_uuid(),
                        "notebook_id": row["id"],
                        "cell_id": tests[name, test][0],
                        "auto_score": result["points"],
                        "needs_manual_grade": test in asked,
                    }
                )
            text = json.dumps(self.notebook(notebook, results, asked, refused, place), ensure_ascii=False)
            (folder / f"{name}.ipynb").write_text(text, "utf-8")

    def result(self, points, difficulty):
        """What grading writes into the metadata of a test cell; `difficulty` is None for one not tried."""
        if difficulty is None:
            return {"points": 0, "possible": points, "passed": False, "message": "пусто", "key": self.undone}
        if self.chance.random() < self.skill**difficulty:
            return {"points": points, "possible": points, "passed": True, "message": None, "key": None}
        key = self.chance.choices(list(self.mistakes), range(len(self.mistakes), 0, -1))[0]
        partial = points / 2 if self.chance.random() < 0.1 else 0
        return {
            "points": partial,
            "possible": points,
            "passed": False,
            "message": self.mistakes[key],
            "key": key,
        }

    def notebook(self, source, results, asked, refused, place):
        """The autograded notebook, as JSON."""
        cells = []
        for cell in source["cells"]:
            metadata = dict(cell["metadata"])
            text = "".join(cell["source"])
            test = metadata.get("nbgrader", {}).get("grade_id")
            if test in results:
                metadata["grading"] = results[test]
            if "feedback-request" in metadata.get("tags", []) and self.kind == ASKS and place < 2:
                text = text.replace("[ ]", "[x]")
            cells.append({**cell, "metadata": metadata, "source": text})
        about = dict(source["metadata"])
        if asked:
            comment = "Этот код преподаватель посмотрит сам: в нём есть exec."
            about["grading"] = {"manual": {"tests": asked, "comments": {"cell": comment}}}
        if refused:
            about["grading"] = {"refused": "файл «a.ipynb» — не тетрадь Jupyter: испорченный JSON"}
        return {**source, "metadata": about, "cells": cells}

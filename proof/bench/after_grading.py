"""What comes after grading, for a whole class: the feedback, the report, the exports.

The examples are graded once. What the gradebook and the folder say about each is then entered again for other
students, until the class is as large as wanted: what follows reads these, and runs no learner's code.
"""

import os
import shutil
from itertools import cycle, islice

from nbgrader.api import Comment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from sqlalchemy import insert, select, update

from course.build.editions import ORIGINAL
from proof.bench.bench_class import Classroom
from proof.demo.submissions import names

SIZES = 100, 500
EXPORT = "nbgrader", "export", "--assignment", ORIGINAL.assignment, "--exporter"
SYSTEMS = "Csv", "Xlsx", "Moodle", "Canvas"
COMMANDS = {
    "nbgrader generate_feedback": ("nbgrader", "generate_feedback", ORIGINAL.assignment),
    "apart report": ("nbgrader_apart", "report", ORIGINAL.assignment),
} | {
    f"nbgrader export, {system}Exporter": (*EXPORT, f"nbgrader_apart.export.{system}Exporter")
    for system in SYSTEMS
}
# each table of a submission's rows, and the column that says what they belong to
ROWS = (
    (Student, "id"), (SubmittedAssignment, "student_id"), (SubmittedNotebook, "assignment_id"),
    (Grade, "notebook_id"), (Comment, "notebook_id"),
)  # fmt: skip


def measure(folder, sizes=SIZES):
    """{"graded": how many, "sizes": sizes, "seconds": {command: those of each size}}; each makes all anew."""
    room = Classroom(folder, "ours")
    room.hand_in(0, len(names()))
    room.grade()
    graded = sorted(room.marks())
    seconds = {command: [] for command in COMMANDS}
    for before, size in zip((len(graded), *sizes), sizes, strict=False):
        grow(room, graded, before, size)
        shutil.rmtree(room.folder / "feedback", ignore_errors=True)
        for command, words in COMMANDS.items():
            seconds[command].append(room.measure(*words, submissions=size).wall)
            print(f"{command}: {seconds[command][-1]:.1f} s for {size} learners", flush=True)
    return {"graded": len(graded), "sizes": list(sizes), "seconds": seconds}


def grow(room, graded, before, size):
    """Enter the `graded` students of the room once more, in turn, as numbers `before` to `size - 1`."""
    students = islice(cycle(graded), before, size)
    with Gradebook(f"sqlite:///{room.folder}/gradebook.db") as gradebook:
        for number, student in enumerate(students, start=before):
            copy = f"s{number:04}-{student.partition('-')[2]}"
            enter_again(gradebook.db, student, copy)
            place = room.folder / "autograded"
            shutil.copytree(place / student, place / copy, copy_function=os.link)
        known_to_moodle = update(Student).values(email=Student.id + "@example.org")
        gradebook.db.execute(known_to_moodle)
        gradebook.db.commit()


def enter_again(db, student, copy):
    """Copy all rows about the student for another one, under new ids."""
    renamed = {student: copy}
    for model, belongs_to in ROWS:
        table = model.__table__
        rows = db.execute(select(table).where(table.c[belongs_to].in_(renamed))).mappings().all()
        new = [{**row, "id": renamed.setdefault(row["id"], new_uuid())} for row in rows]
        for row in new:
            row[belongs_to] = renamed.get(row[belongs_to], row[belongs_to])
        if new:
            db.execute(insert(table), new)

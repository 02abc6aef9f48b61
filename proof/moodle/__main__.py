"""`python -m proof.moodle [GROUPS]`: a made-up class, ten learners a group, goes from Moodle and back."""

import csv
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from course.build import catalogue
from course.build.editions import ORIGINAL
from nbgrader_apart.testing.commands import run
from proof.demo.working_copy import Course
from proof.moodle import made_up
from proof.moodle.made_up import NOTEBOOKS, Kind


def steps(folder: Path, groups: int) -> Iterator[tuple[str, dict[str, int], dict[str, int]]]:
    """(step, {what: how many}, {what: how many there must be}) of the whole way, in `folder`."""
    course = Course(folder / "course")
    course.create()
    with course.gradebook() as gradebook:
        for learner in made_up.learners(groups):
            first, last = learner.name
            gradebook.add_student(learner.student, first_name=first, last_name=last, email=learner.email)
    first_zip, second_zip, worksheet = folder / "first.zip", folder / "second.zip", folder / "worksheet.csv"
    files = made_up.write_zip(first_zip, groups)
    made_up.write_zip(second_zip, groups, again=True)
    made_up.write_worksheet(worksheet, groups)
    yield "Moodle's zip", {"files": files}, {"files": 17 * groups + 1}

    def collect(*words: str) -> dict[str, int]:
        _, said = run(course.folder, "nbgrader_apart", "collect-zip", ORIGINAL.assignment, *words)
        print(said, file=sys.stderr)
        there = len(list(course.submitted.glob(f"*/{ORIGINAL.assignment}")))
        unknown, refused = said.count("Не узнан «"), said.count("Не принят файл «")
        return {"submissions": there, "unmatched": unknown, "refused files": refused}

    bad = {"refused files": 3 * groups}  # the bomb, and both notebooks behind a password
    yield (
        "taken in by names alone",
        collect(str(first_zip)),
        {"submissions": 6 * groups, "unmatched": 2 * groups + 1} | bad,
    )
    told_apart = {"submissions": 8 * groups, "unmatched": 1} | bad
    yield "with the worksheet", collect(str(first_zip), "--worksheet", str(worksheet)), told_apart
    again = collect(str(second_zip), "--worksheet", str(worksheet), "--update")
    yield "the later zip, with --update", again, told_apart
    code, said = run(course.folder, "nbgrader_apart", "grade", ORIGINAL.assignment, seconds=3600)
    print(said, file=sys.stderr)
    graded = len(list(course.folder.glob(f"autograded/*/{ORIGINAL.assignment}")))
    yield "graded", {"exit code": code, "submissions": graded}, {"exit code": 0, "submissions": 8 * groups}
    code, _ = run(course.folder, "nbgrader", "generate_feedback", ORIGINAL.assignment, seconds=3600)
    pages = len(list(course.feedback.rglob("*.html")))
    yield "feedback", {"exit code": code, "pages": pages}, {"exit code": 0, "pages": 16 * groups}
    run(course.folder, "nbgrader_apart", "feedback-zip", ORIGINAL.assignment)
    with zipfile.ZipFile(course.folder / "downloaded" / ORIGINAL.assignment / "feedback.zip") as archive:
        names = archive.namelist()
    people = {name.split("_")[1] for name in names}
    right = {
        str(learner.participant)
        for learner in made_up.learners(groups)
        if learner.kind not in (Kind.LOCKED, Kind.NOTHING)
    }
    yield (
        "feedback zip",
        {"pages": len(names), "people": len(people), "of them right": len(people & right)},
        {"pages": 16 * groups, "people": 8 * groups, "of them right": 8 * groups},
    )
    run(course.folder, "nbgrader", "export", "--exporter=nbgrader_apart.export.MoodleExporter")
    with (course.folder / "moodle.csv").open(encoding="utf-8") as stream:
        marks = {row["Email address"]: float(row[ORIGINAL.assignment]) for row in csv.DictReader(stream)}
    most = sum(sum(catalogue.points(name).values()) for name in NOTEBOOKS)
    due = {
        learner.email: most * learner.is_solved(again=True)
        for learner in made_up.learners(groups)
        if learner.kind not in (Kind.LOCKED, Kind.NOTHING)
    }
    yield (
        "marks for Moodle",
        {"marks": len(marks), "of them right": len(marks.items() & due.items())},
        {"marks": 8 * groups, "of them right": 8 * groups},
    )


def main() -> None:
    """Print the count at each step; exit with 1 when one is another than it must be."""
    groups = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    wrong = False
    print(f"learners: {groups * len(Kind)}")
    with tempfile.TemporaryDirectory() as folder:
        for step, found, due in steps(Path(folder), groups):
            print(f"{step}: " + ", ".join(f"{what} {count}" for what, count in found.items()), flush=True)
            if found != due:
                print(f"  but it must be {due}", flush=True)
                wrong = True
    sys.exit(wrong)


if __name__ == "__main__":
    main()

"""`make pictures`: remakes docs/pictures/<language>/ from the notebooks and nbgrader in a real browser."""

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from course.build import tasks
from course.build.editions import EDITIONS, in_language
from course.build.paths import ROOT
from nbgrader_apart.messages import speaking, text
from proof.browser.browser import chromium, new_context
from proof.browser.lab import Lab, user_settings
from proof.browser.lab_course import INSTRUCTOR, LEARNER, Course, fill
from proof.demo.submissions import load, names, solutions

PICTURES = ROOT / "docs" / "pictures"
LAYER, RELU = "task-3-dense-layer", "task-6-relu-network"
UNSUMMED = load("unsummed-bias").own_cells[LAYER, "dense-layer"]
TWO_LINES = 50  # pixels of a terminal
# Who has solved all, who has one mistake, who has just begun.
CLASS = {
    "ru": (("belova", "Анна", "Белова"), ("chernov", "Илья", "Чернов"), ("zimina", "Ольга", "Зимина")),
    "en": (("baker", "Anna", "Baker"), ("carter", "James", "Carter"), ("walsh", "Olivia", "Walsh")),
}


def main(arguments=None):
    """Make the pictures of both journeys in some languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [edition.language for edition in EDITIONS]
    parser.add_argument("language", nargs="*", help=f"all of {', '.join(known)} if none is named")
    for language in parser.parse_args(arguments).language or known:
        of_an_edition(in_language(language))


def of_an_edition(edition):
    """Make the pictures in one language."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        options = {"viewport": {"width": 1000, "height": 640}}
        page = new_context(browser, edition.language, **options).new_page()
        pictures = PICTURES / edition.language
        of_a_learner(Course(Path(folder) / "course-1", (LAYER, RELU), edition), page, pictures)
        of_an_instructor(Course(Path(folder) / "course-2", (LAYER,), edition), page, pictures)
        of_a_class(Course(Path(folder) / "course-3", tasks.names(), edition), page, pictures)


def of_a_learner(course, page, pictures):
    """A failing check in the notebook and in Validate; the figure of the last task."""
    assignment, solved = course.edition.assignment, solutions(LAYER, course.edition)
    course.run("nbgrader", "generate_assignment", assignment)
    folder = course.folder.parent / "learner"
    work = shutil.copytree(course.folder / "release" / assignment, folder / assignment)
    fill(work / f"{LAYER}.ipynb", solved | {"dense-layer": UNSUMMED})
    fill(work / f"{RELU}.ipynb", solutions(RELU, course.edition))
    user_settings(course.folder.parent / "home-learner", "notebook-extension/tracker", windowingMode="none")
    with course.lab(folder, LEARNER) as address:
        lab = Lab(page, address, course.edition)
        lab.run("application:toggle-left-area")
        notebook = lab.open(LAYER)
        for cell in ("imports", "loss", "dense-layer"):
            notebook.execute(cell)
        notebook.execute("checks.dense_layer").screenshot(path=pictures / "check.png")
        notebook.validate().screenshot(path=pictures / "validate.png")
        notebook.close_dialog()
        notebook = lab.open(RELU)
        notebook.execute_all()
        figure = notebook.cell("figure").locator(".js-plotly-plot")
        page.mouse.move(0, 0)  # plotly's buttons show under the mouse only
        figure.screenshot(path=pictures / "training.png")


def of_an_instructor(course, page, pictures):
    """The formgrader with a small class graded."""
    assignment, solved = course.edition.assignment, solutions(LAYER, course.edition)
    course.run("nbgrader", "generate_assignment", assignment)
    students = CLASS[course.edition.language]
    each = (solved, solved | {"dense-layer": UNSUMMED}, {"loss": solved["loss"]})
    for (student, _, _), answers in zip(students, each, strict=True):
        work = course.folder / "submitted" / student / assignment
        work.mkdir(parents=True)
        shutil.copy(course.folder / "release" / assignment / f"{LAYER}.ipynb", work)
        fill(work / f"{LAYER}.ipynb", answers)
    with (course.folder / "students.csv").open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["id", "first_name", "last_name"])
        rows.writerows(students)
    course.run("nbgrader", "db", "student", "import", "students.csv")
    course.run("nbgrader", "autograde", assignment)
    with course.lab(course.folder, INSTRUCTOR) as address:
        Lab(page, address)  # logs in
        page.goto(f"{address}/formgrader/manage_submissions/{assignment}")
        page.locator("td.score").last.wait_for()
        page.screenshot(path=pictures / "formgrader.png")


def of_a_class(course, page, pictures):
    """The bar while the example submissions are graded, and the summary, in a terminal."""
    assignment = course.edition.assignment
    course.run("nbgrader", "generate_assignment", assignment)
    for name in names():
        load(name).write(course.folder / "release" / assignment, course.folder / "submitted")
    home = course.folder.parent / "home-instructor"
    user_settings(home, "terminal-extension/plugin", screenReaderMode=True)  # what is shown can be waited for
    with course.lab(course.folder, INSTRUCTOR, terminals=True) as address:
        lab = Lab(page, address)
        lab.run("application:toggle-left-area")
        terminal = lab.terminal(Path(sys.executable).parent)
        lab.type(f"apart grade {assignment}")
        expect(terminal).to_contain_text(f"{len(names()) // 2}/{len(names())}")
        page.screenshot(path=pictures / "class-bar.png", clip=terminal.bounding_box() | {"height": TWO_LINES})
        with speaking(course.edition.language):
            *_, ending = text("batch.total", graded=0, skipped=0, failed=0, rate=0).split("0")
        expect(terminal).to_contain_text(ending)
        terminal.screenshot(path=pictures / "class-summary.png")


if __name__ == "__main__":
    main()

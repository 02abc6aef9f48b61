"""`make pictures`: remakes docs/pictures/ from the notebooks and from nbgrader in a real browser."""

import csv
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from authoring import text
from examples.submissions import load, names, solutions

from .browser import chromium, new_context
from .course import ASSIGNMENT, INSTRUCTOR, LEARNER, ROOT, Course, fill
from .lab import Lab, user_settings

PICTURES = ROOT / "docs" / "pictures"
LAYER, RELU = "task-3-dense-layer", "task-6-relu-network"
UNSUMMED = load("unsummed-bias").own_cells[LAYER, "dense-layer"]
TWO_LINES = 50  # pixels of a terminal
CLASS = {
    "belova": ("Анна", "Белова", solutions(LAYER)),
    "chernov": ("Илья", "Чернов", solutions(LAYER) | {"dense-layer": UNSUMMED}),
    "zimina": ("Ольга", "Зимина", {"loss": solutions(LAYER)["loss"]}),
}


def main():
    """Make the pictures of both journeys."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        page = new_context(browser, viewport={"width": 1000, "height": 640}).new_page()
        of_a_learner(Course(Path(folder) / "course-1", (LAYER, RELU)), page)
        of_an_instructor(Course(Path(folder) / "course-2", (LAYER,)), page)
        of_a_class(Course(Path(folder) / "course-3", text.names()), page)


def of_a_learner(course, page):
    """A failing check in the notebook and in Validate; the figure of the last task."""
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    folder = course.folder.parent / "learner"
    work = shutil.copytree(course.folder / "release" / ASSIGNMENT, folder / ASSIGNMENT)
    fill(work / f"{LAYER}.ipynb", solutions(LAYER) | {"dense-layer": UNSUMMED})
    fill(work / f"{RELU}.ipynb", solutions(RELU))
    user_settings(course.folder.parent / "home-learner", "notebook-extension/tracker", windowingMode="none")
    with course.lab(folder, LEARNER) as address:
        lab = Lab(page, address)
        lab.run("application:toggle-left-area")
        notebook = lab.open(LAYER)
        for cell in ("imports", "loss", "dense-layer"):
            notebook.execute(cell)
        notebook.execute("checks.dense_layer").screenshot(path=PICTURES / "check.png")
        notebook.validate().screenshot(path=PICTURES / "validate.png")
        notebook.close_dialog()
        notebook = lab.open(RELU)
        notebook.execute_all()
        figure = notebook.cell("figure").locator(".js-plotly-plot")
        page.mouse.move(0, 0)  # plotly's buttons show under the mouse only
        figure.screenshot(path=PICTURES / "training.png")


def of_an_instructor(course, page):
    """The formgrader with a small class graded."""
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    for student, (_, _, answers) in CLASS.items():
        work = course.folder / "submitted" / student / ASSIGNMENT
        work.mkdir(parents=True)
        shutil.copy(course.folder / "release" / ASSIGNMENT / f"{LAYER}.ipynb", work)
        fill(work / f"{LAYER}.ipynb", answers)
    with (course.folder / "students.csv").open("w", encoding="utf-8", newline="") as table:
        rows = csv.writer(table)
        rows.writerow(["id", "first_name", "last_name"])
        rows.writerows([student, first, last] for student, (first, last, _) in CLASS.items())
    course.run("nbgrader", "db", "student", "import", "students.csv")
    course.run("nbgrader", "autograde", ASSIGNMENT)
    with course.lab(course.folder, INSTRUCTOR) as address:
        Lab(page, address)  # logs in
        page.goto(f"{address}/formgrader/manage_submissions/{ASSIGNMENT}")
        page.locator("td.score").last.wait_for()
        page.screenshot(path=PICTURES / "formgrader.png")


def of_a_class(course, page):
    """The bar while the example submissions are graded, and the summary, in a terminal."""
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    for name in names():
        load(name).write(course.folder / "release" / ASSIGNMENT, course.folder / "submitted")
    home = course.folder.parent / "home-instructor"
    user_settings(home, "terminal-extension/plugin", screenReaderMode=True)  # what is shown can be waited for
    with course.lab(course.folder, INSTRUCTOR, terminals=True) as address:
        lab = Lab(page, address)
        lab.run("application:toggle-left-area")
        terminal = lab.terminal()
        lab.type(f"python -m grading grade {ASSIGNMENT}")
        expect(terminal).to_contain_text(f"{len(names()) // 2}/{len(names())}")
        page.screenshot(path=PICTURES / "class-bar.png", clip=terminal.bounding_box() | {"height": TWO_LINES})
        expect(terminal).to_contain_text("работ в минуту")
        terminal.screenshot(path=PICTURES / "class-summary.png")


if __name__ == "__main__":
    main()

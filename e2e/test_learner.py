"""A learner fetches, fills in, checks, validates, submits and reads feedback, by mouse and keyboard."""

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from examples.submissions import solutions

from .course import ASSIGNMENT, LEARNER, Course
from .lab import Lab, Notebook, user_settings

pytestmark = pytest.mark.slow

NEURON, RELU = "task-1-neuron-batch", "task-6-relu-network"
AVERAGED = ("dldy.sum(dim=0)", "dldy.mean(dim=0)")  # the mistake that the check has to name
TABLE = "checks.batch_neuron"
CURVE = "plot => Array.from(plot.data[1].y)"


@pytest.fixture
def course(tmp_path):
    """The course with two notebooks, released."""
    course = Course(tmp_path / "course", (NEURON, RELU))
    course.run("nbgrader", "generate_assignment", ASSIGNMENT)
    course.run("nbgrader", "release_assignment", ASSIGNMENT)
    return course


@pytest.fixture
def address(course, tmp_path):
    """A learner's JupyterLab in an empty folder."""
    user_settings(tmp_path / "home-learner", "notebook-extension/tracker", windowingMode="none")
    with course.lab(tmp_path / "learner", LEARNER) as address:
        yield address


@pytest.fixture
def lab(address, page):
    """The same in the browser."""
    return Lab(page, address)


def test_learner(course, lab, page, shoot, tmp_path):
    only_a_learners_lab(lab, page)
    panel = lab.assignments()
    panel.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    panel.locator("#fetched_assignments_list").get_by_role("button", name=ASSIGNMENT).click()
    panel.get_by_role("link", name=NEURON).click()
    a_mistake_is_named_and_mended(course, lab, Notebook(lab, NEURON), shoot, tmp_path / "learner")
    the_slider_plays(lab, shoot)
    page.keyboard.press("ControlOrMeta+S")

    panel = lab.assignments()
    panel.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    submitted = panel.locator("#submitted_assignments_list")
    expect(submitted).to_contain_text("UTC")
    shoot(page, "submitted")
    for command in ("collect", "autograde", "generate_feedback", "release_feedback"):
        course.run("nbgrader", command, ASSIGNMENT)
    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}", ASSIGNMENT) as gradebook:
        assert [submission.score for submission in gradebook.assignment_submissions(ASSIGNMENT)] == [12 + 18]
    panel.locator("#refresh_assignments_list").click()
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.get_by_text("view feedback").click()
    page.locator(".jp-DirListing-item", has_text=f"{NEURON}.html").dblclick()
    feedback = page.frame_locator(".jp-HTMLViewer iframe")
    expect(feedback.get_by_text("Нейрон на пакете примеров").first).to_be_visible()
    shoot(page, "feedback")


def only_a_learners_lab(lab, page):
    """Russian menus, no news, nothing of the instructor's."""
    expect(page.get_by_role("menuitem", name="Файл")).to_be_visible()
    offered = lab.commands("nbgrader")
    assert offered == ["nbgrader:open-assignment-list"]
    expect(page.get_by_text("Create Assignment")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def a_mistake_is_named_and_mended(course, lab, notebook, shoot, folder):
    solved = solutions(NEURON)
    right, wrong = solved["neuron"], solved["neuron"].replace(*AVERAGED)
    assert wrong != right
    for name, source in (solved | {"neuron": wrong}).items():
        notebook.write(name, source)
    for name in ("imports", "loss", "neuron"):
        notebook.execute(name)
    failed = notebook.execute(TABLE)
    expect(failed.get_by_role("row", name="db")).to_contain_text("не те значения")
    expect(failed.locator(".jp-OutputArea")).to_contain_text("усреднили по пакету")
    expect(failed.locator(".jp-OutputArea")).not_to_contain_text("Traceback")
    hints = notebook.cell("<details>", after=TABLE)
    hint = hints.locator("p", has_text="сложите строки")
    expect(hint).to_be_hidden()
    hints.locator("summary", has_text="Подсказка 2. Формула").click()
    expect(hint).to_be_visible()
    for theme in ("Light", "Dark"):
        lab.theme(f"JupyterLab {theme}")
        shoot(lab.page, f"check-{theme.lower()}")

    dialog = notebook.validate()
    expect(dialog).to_contain_text("усреднили по пакету")
    shoot(lab.page, "validate-failed")
    notebook.close_dialog()
    said = course.run("nbgrader", "validate", f"{ASSIGNMENT}/{NEURON}.ipynb", folder=folder)
    assert "усреднили по пакету" in said
    assert "..." not in said  # nbgrader's mark of a line that it has cut

    lab.theme("JupyterLab Light")

    notebook.write("neuron", right)
    notebook.execute("neuron")
    expect(notebook.execute(TABLE).locator(".jp-OutputArea")).not_to_contain_text("✗")
    dialog = notebook.validate()
    expect(dialog).to_contain_text("Success")
    notebook.close_dialog()


def the_slider_plays(lab, shoot):
    notebook = lab.open(RELU)
    for name, source in solutions(RELU).items():
        notebook.write(name, source)
    notebook.execute_all()
    picture = notebook.cell("checks.pictures.animation")
    plot = picture.locator(".js-plotly-plot")
    expect(plot).to_contain_text("эпоха 0")
    before = plot.evaluate(CURVE)
    plot.get_by_text("Показать").click()
    expect(plot).to_contain_text("эпоха 1999")
    assert plot.evaluate(CURVE) != before
    plot.locator(".slider-grip-rect").hover()  # scrolls it into view
    rail = plot.locator(".slider-rail-touch-rect").bounding_box()
    lab.page.mouse.down()
    lab.page.mouse.move(rail["x"] + 1, rail["y"] + rail["height"] / 2)  # at once: a stop animates
    lab.page.mouse.up()
    expect(plot).to_contain_text("эпоха 0")
    assert plot.evaluate(CURVE) == before
    shoot(lab.page, "slider")

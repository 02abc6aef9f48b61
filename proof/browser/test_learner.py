"""A learner fetches, fills in, checks, validates, submits and reads feedback, by mouse and keyboard."""

from contextlib import suppress

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import expect

from course.build import tasks, translation
from course.build.notebook_text import messages
from proof.browser.editions import FILE_MENU, in_each_edition
from proof.browser.lab import Notebook, user_settings
from proof.browser.lab_course import LEARNER, Course, points
from proof.demo.submissions import solutions

pytestmark = pytest.mark.slow

NEURON, RELU = "task-1-neuron-batch", "task-6-relu-network"
AVERAGED = ("dldy.sum(dim=0)", "dldy.mean(dim=0)")  # the mistake that the check has to name
FOLDED = "(1,)"  # what the second hint of the table says and the two others do not
TABLE = "checks.batch_neuron"
LAST_STEP = 3000  # milliseconds until a frame stands still
CLICKS = 10
CURVE = "plot => Array.from(plot.data[1].y)"
SAME = "([plot, curve]) => Array.from(plot.data[1].y).every((y, i) => y === curve[i])"


@pytest.fixture
def course(tmp_path, edition):
    """The course with two notebooks, released."""
    course = Course(tmp_path / "course", (NEURON, RELU), edition)
    course.run("nbgrader", "generate_assignment", edition.assignment)
    course.run("nbgrader", "release_assignment", edition.assignment)
    return course


@pytest.fixture
def address(course, tmp_path):
    """A learner's JupyterLab in an empty folder."""
    user_settings(tmp_path / "home-learner", "notebook-extension/tracker", windowingMode="none")
    with course.lab(tmp_path / "learner", LEARNER) as address:
        yield address


@in_each_edition
def test_learner(course, edition, lab, page, shoot, tmp_path):
    only_a_learners_lab(lab, page)
    panel = lab.assignments()
    panel.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    panel.locator("#fetched_assignments_list").get_by_role("button", name=edition.assignment).click()
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
        course.run("nbgrader", command, edition.assignment)
    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}", edition.assignment) as gradebook:
        (submission,) = gradebook.assignment_submissions(edition.assignment)
        assert submission.score == points(NEURON, RELU)
    panel.locator("#refresh_assignments_list").click()
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.get_by_text("view feedback").click()
    page.locator(".jp-DirListing-item", has_text=f"{NEURON}.html").dblclick()
    feedback = page.frame_locator(".jp-HTMLViewer iframe")
    title = tasks.front_as(NEURON, translation.into(edition.language)).title
    expect(feedback.get_by_text(title).first).to_be_visible()
    shoot(page, "feedback")


def only_a_learners_lab(lab, page):
    """Menus of the edition's language, no news, nothing of the instructor's."""
    expect(page.get_by_role("menuitem", name=FILE_MENU[lab.edition.language], exact=True)).to_be_visible()
    offered = lab.commands("nbgrader")
    assert offered == ["nbgrader:open-assignment-list"]
    expect(page.get_by_text("Create Assignment")).to_have_count(0)
    expect(page.locator(".Toastify__toast")).to_have_count(0)


def a_mistake_is_named_and_mended(course, lab, notebook, shoot, folder):
    solved, says = solutions(NEURON, course.edition), messages(course.edition.language)
    averaged = says["slip.over_k"]
    right, wrong = solved["neuron"], solved["neuron"].replace(*AVERAGED)
    assert wrong != right
    for name, source in (solved | {"neuron": wrong}).items():
        notebook.write(name, source)
    for name in ("imports", "loss", "neuron"):
        notebook.execute(name)
    failed = notebook.execute(TABLE)
    expect(failed.get_by_role("row", name="db")).to_contain_text(says["verdict.wrong"])
    expect(failed.locator(".jp-OutputArea")).to_contain_text(averaged)
    expect(failed.locator(".jp-OutputArea")).not_to_contain_text("Traceback")
    hints = notebook.cell("<details>", after=TABLE)
    hint = hints.locator("p", has_text=FOLDED)
    expect(hint).to_be_hidden()
    hints.locator("summary", has_text=says["hint.formula"]).click()
    expect(hint).to_be_visible()
    for theme in ("Light", "Dark"):
        lab.theme(f"JupyterLab {theme}")
        shoot(lab.page, f"check-{theme.lower()}")

    dialog = notebook.validate()
    expect(dialog).to_contain_text(averaged)
    shoot(lab.page, "validate-failed")
    notebook.close_dialog()
    said = course.run("nbgrader", "validate", f"{course.edition.assignment}/{NEURON}.ipynb", folder=folder)
    assert averaged in " ".join(said.split())
    assert "..." not in said  # nbgrader's mark of a line that it has cut

    lab.theme("JupyterLab Light")

    notebook.write("neuron", right)
    notebook.execute("neuron")
    expect(notebook.execute(TABLE).locator(".jp-OutputArea")).not_to_contain_text("✗")
    dialog = notebook.validate()
    expect(dialog).to_contain_text("Success")
    notebook.close_dialog()


def click_first_step(plot, says):
    """Click the slider's first step; again, if it still moved and so was not the mouse's."""
    rail = plot.locator(".slider-rail-touch-rect")
    for _ in range(CLICKS):
        rail.click(position={"x": 1, "y": rail.bounding_box()["height"] / 2})
        with suppress(AssertionError):
            expect(plot).to_contain_text(says, timeout=LAST_STEP)
            return


def the_slider_plays(lab, shoot):
    notebook, says = lab.open(RELU), messages(lab.edition.language)
    for name, source in solutions(RELU, lab.edition).items():
        notebook.write(name, source)
    notebook.execute_all()
    picture = notebook.cell("checks.pictures.animation")
    plot = picture.locator(".js-plotly-plot")
    expect(plot).to_contain_text(f"{says['picture.epoch']} 0")
    before = plot.evaluate(CURVE)
    plot.get_by_text(says["picture.play"]).click()
    expect(plot).to_contain_text(f"{says['picture.epoch']} 1999")
    assert plot.evaluate(CURVE) != before
    click_first_step(plot, f"{says['picture.epoch']} 0")
    expect(plot).to_contain_text(f"{says['picture.epoch']} 0")
    lab.page.wait_for_function(SAME, arg=[plot.element_handle(), before])
    shoot(lab.page, "slider")

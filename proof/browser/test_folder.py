"""What holds a learner's folder together: where to start, mistakes, classes carried over, the overview."""

import shutil

import pytest
from playwright.sync_api import expect

from course.build.editions import ORIGINAL
from proof.browser.lab import user_settings
from proof.browser.lab_course import LEARNER, Course, fill
from proof.demo.submissions import solutions

pytestmark = [pytest.mark.slow, pytest.mark.nightly]

FIRST, SECOND = "seminar-1-neuron", "seminar-2-sgd"
TABLE = "checks.sgd_epoch"


@pytest.fixture
def address(tmp_path):
    """A learner's JupyterLab over the release; the first notebook is solved, the second not begun."""
    course = Course(tmp_path / "course", (FIRST, SECOND))
    course.run("nbgrader", "generate_assignment", ORIGINAL.assignment)
    work = shutil.copytree(
        course.folder / "release" / ORIGINAL.assignment, tmp_path / "learner" / ORIGINAL.assignment
    )
    fill(work / f"{FIRST}.ipynb", solutions(FIRST))
    user_settings(tmp_path / "home-learner", "notebook-extension/tracker", windowingMode="none")
    with course.lab(tmp_path / "learner", LEARNER) as address:
        yield address


def test_folder(lab, page, shoot):
    lab.open(FIRST).execute_all()
    page.keyboard.press("ControlOrMeta+S")
    notebook = lab.open(SECOND)
    classes_are_carried_over(notebook)
    the_overview_says_what_is_next(notebook, shoot)
    the_link_leads_to_the_notebooks_own_mistakes(notebook, page, shoot)
    the_first_page_leads_to_the_first_notebook(lab, page, shoot)


def classes_are_carried_over(notebook):
    for name in ("data", "imports"):
        notebook.execute(name)
    notebook.write("classes", f'checks.bring("{FIRST}")')
    notebook.execute("classes")
    cell = notebook.cell("classes")
    expect(cell.locator(".cm-content")).to_contain_text("class Neuron")
    expect(cell.locator(".cm-content")).not_to_contain_text("checks.bring")
    notebook.execute("classes")
    notebook.write("sgd-epoch", solutions(SECOND)["sgd-epoch"])
    notebook.execute("sgd-epoch")
    expect(notebook.execute(TABLE).locator(".jp-OutputArea")).not_to_contain_text("✗")


def the_overview_says_what_is_next(notebook, shoot):
    notebook.write(TABLE, "checks.progress()")
    said = notebook.execute("checks.progress").locator(".jp-OutputArea")
    expect(said.get_by_role("row", name="Семинар 1")).to_contain_text("12 / 12")
    expect(said).to_contain_text("Дальше: Семинар 2")
    for theme in ("Light", "Dark"):
        notebook.lab.theme(f"JupyterLab {theme}")
        shoot(notebook.page, f"progress-{theme.lower()}")
    notebook.lab.theme("JupyterLab Light")


def the_link_leads_to_the_notebooks_own_mistakes(notebook, page, shoot):
    notebook.cell("# Семинар 2").get_by_role("link", name="типичные ошибки этой тетради").click()
    preview = page.locator(".jp-MarkdownViewer:visible")
    expect(preview.get_by_role("heading", name="Семинар 2. Стохастический")).to_be_in_viewport()
    expect(preview.get_by_role("heading", name="Семинар 1. Один нейрон")).not_to_be_in_viewport()
    shoot(page, "mistakes")


def the_first_page_leads_to_the_first_notebook(lab, page, shoot):
    lab.run("docmanager:open", path=f"{ORIGINAL.assignment}/start-here.md", factory="Markdown Preview")
    preview = page.locator(".jp-MarkdownViewer:visible")
    expect(preview.get_by_role("heading", name="С чего начать")).to_be_visible()
    shoot(page, "start")
    preview.get_by_role("link", name="Семинар 1").last.click()
    expect(page.locator(".lm-TabBar-tab.lm-mod-current", has_text=FIRST)).to_be_visible()

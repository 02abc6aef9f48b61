"""What people do in the hub: log in, work on a notebook, grade in a tab of the browser's own."""

from pathlib import Path

from playwright.sync_api import expect

from course.build.editions import ORIGINAL
from proof.browser.browser import new_context
from proof.browser.formgrader import Formgrader
from proof.browser.lab import Lab, user_settings
from proof.hub.machine import PASSWORD


class Person:
    """Somebody in front of a browser that has seen nothing yet."""

    def __init__(self, name, browser, address):
        self.name = name
        self.address = address
        self.context = new_context(browser, ORIGINAL.language, viewport={"width": 1280, "height": 900})
        self.page = self.context.new_page()

    def log_in(self):
        """The Lab that the hub shows after name and password."""
        self.send_password()
        self.page.wait_for_url("**/lab**")
        return Lab(self.page)

    def send_password(self):
        """Fill in the hub's form."""
        self.page.goto(self.address)
        self.page.locator("#username_input").fill(self.name)
        self.page.locator("#password_input").fill(PASSWORD)
        self.page.locator("#login_submit").click()

    def reaches(self, path):
        """Whether the hub shows this page, and neither refuses it nor asks for a password again."""
        response = self.context.request.get(self.address + path)
        return response.ok and response.url.startswith(self.address + path)


def home(name):
    """The home folder of an account."""
    return Path("~" + name).expanduser()


def prepare_labs(machine, names):
    """The settings by which a test reads notebooks and terminals; no others are needed."""
    for name in names:
        user_settings(home(name), "notebook-extension/tracker", windowingMode="none")
        user_settings(home(name), "terminal-extension/plugin", screenReaderMode=True)
        machine.run("chown", "-R", f"{name}:", home(name) / ".jupyter")


def fetch(lab):
    """Fetch the assignment by mouse."""
    panel = lab.assignments()
    panel.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    expect(panel.locator("#fetched_assignments_list")).to_contain_text(ORIGINAL.assignment)


def work(lab, name, answers):
    """Write answers into a notebook; what Validate says, which saves it, and the notebook."""
    notebook = lab.open(name)
    for cell, source in answers.items():
        notebook.write(cell, source)
    return notebook.validate(), notebook


def submit(lab):
    """Submit the assignment by mouse."""
    panel = lab.assignments()
    panel.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    expect(panel.locator("#submitted_assignments_list")).to_contain_text("UTC")


def read_feedback(lab, name):
    """The page of feedback on this notebook, fetched and opened by mouse."""
    panel = lab.assignments()
    panel.locator("#refresh_assignments_list").click()
    submitted = panel.locator("#submitted_assignments_list")
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.get_by_text("view feedback").click()
    lab.page.locator(".jp-DirListing-item", has_text=f"{name}.html").dblclick()
    return lab.page.frame_locator(".jp-HTMLViewer iframe")


def open_formgrader(lab, shoot):
    """The formgrader in the tab that the menu opens."""
    with lab.page.expect_popup() as opened:
        lab.menu("Formgrader", "Открыть в новой вкладке")
    page = opened.value
    expect(page.get_by_role("heading", name="Manage Assignments")).to_be_visible()
    return Formgrader(page, page, shoot)

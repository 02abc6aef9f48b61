"""JupyterLab as a person uses it: notebooks, cells, nbgrader's panels. Nothing here sleeps."""

import json
import re

from playwright.sync_api import expect

from course.build.editions import ORIGINAL
from proof.browser.lab_course import TOKEN

IDLE = """path => {
    const session = window.jupyterapp.shell.currentWidget?.sessionContext?.session;
    return session?.kernel?.status === 'idle' && session.path.endsWith(path);
}"""
CELLS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(
    cell => cell.getMetadata('nbgrader')?.grade_id ?? cell.getSource())"""


class Lab:
    """A browser page with JupyterLab in it."""

    def __init__(self, page, address=None, edition=ORIGINAL):
        """Open the Lab at the server's address, or take the one that the page already shows."""
        self.page = page
        self.edition = edition
        if address:
            page.goto(f"{address}/lab?token={TOKEN}")
        page.wait_for_function("() => window.jupyterapp")
        page.evaluate("() => window.jupyterapp.restored.then(() => null)")

    def run(self, command, **arguments):
        """Run one of JupyterLab's commands and wait until it is done."""
        self.page.evaluate(
            "([command, args]) => window.jupyterapp.commands.execute(command, args).then(() => null)",
            [command, arguments],
        )

    def menu(self, *labels):
        """Choose from the menu bar by mouse."""
        bar, *entries = labels
        self.page.locator(".lm-MenuBar-item").get_by_text(bar, exact=True).click()
        for label in entries:
            self.page.locator(".lm-Menu-item").get_by_text(label, exact=True).click()

    def theme(self, name):
        """Switch to «JupyterLab Light» or «JupyterLab Dark»."""
        self.run("apputils:change-theme", theme=name)

    def commands(self, prefix):
        """The ids of JupyterLab's commands that start so: what its menus can offer."""
        return self.page.evaluate(
            "prefix => window.jupyterapp.commands.listCommands().filter(id => id.startsWith(prefix))", prefix
        )

    def open(self, notebook):
        """Open a fetched notebook."""
        self.run("docmanager:open", path=f"{self.edition.assignment}/{notebook}.ipynb")
        return Notebook(self, notebook)

    def terminal(self, commands):
        """A terminal in front, with a short prompt and the commands of this folder.

        Its text can be read when the setting `screenReaderMode` of terminal-extension/plugin is on.
        """
        self.run("terminal:create-new")
        screen = self.page.locator(".jp-MainAreaWidget:not(.lm-mod-hidden) .jp-Terminal .xterm")
        screen.click()
        self.type(f"PATH={commands}:$PATH PS1='$ '; clear")
        expect(screen.locator(".xterm-accessibility-tree")).to_have_text("$")  # what is typed earlier stays
        return screen

    def type(self, command):
        """Type a line and press Enter."""
        self.page.keyboard.type(f"{command}\n")

    def assignments(self):
        """The panel in which a learner fetches and submits."""
        self.menu("Nbgrader", "Assignment List")
        return self.page.locator("#nbgrader-assignment-list")

    def formgrader(self):
        """The frame in which an instructor grades."""
        self.menu("Nbgrader", "Formgrader")
        return self.page.frame_locator("iframe[src*=formgrader]")


class Notebook:
    """A notebook that is open in front, its kernel ready."""

    def __init__(self, lab, name):
        self.lab = lab
        self.page = lab.page
        self.file = f"{name}.ipynb"
        self.page.wait_for_function(IDLE, arg=self.file)
        self.panel = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def cell(self, name, after=None):
        """The cell with this grade id, or the first one whose source starts so (after another one)."""
        cells = self.page.evaluate(CELLS)
        start = 0 if after is None else next(i for i, text in enumerate(cells) if text.startswith(after))
        place = next(i for i, text in enumerate(cells) if i >= start and text.startswith(name))
        return self.panel.locator(".jp-WindowedPanel-viewport > .jp-Cell").nth(place)

    def write(self, name, source):
        """Replace the source of a cell by typing over it."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(source)

    def execute(self, name):
        """Run a cell by Ctrl+Enter and return it when its kernel is done."""
        cell = self.cell(name)
        cell.locator(".cm-content").click()
        self.run_and_wait(lambda: self.page.keyboard.press("ControlOrMeta+Enter"))
        return cell

    def execute_all(self):
        """Run every cell."""
        self.run_and_wait(lambda: self.lab.run("notebook:run-all-cells"))

    def run_and_wait(self, start):
        """Do `start` and wait until no cell is queued or running."""
        start()
        expect(self.panel.locator(".jp-InputPrompt").filter(has_text=re.compile(r"\[\*\]"))).to_have_count(0)
        self.page.wait_for_function(IDLE, arg=self.file)

    def validate(self):
        """Press Validate and return the dialog that answers."""
        self.panel.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog-content")
        expect(dialog).to_contain_text("Validation Results")
        return dialog

    def close_dialog(self):
        self.page.locator(".jp-Dialog-content button").last.click()


def user_settings(home, plugin, **settings):
    """Write a user's settings of one of JupyterLab's plugins, such as "notebook-extension/tracker"."""
    path = home / ".jupyter" / "lab" / "user-settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings), "utf-8")

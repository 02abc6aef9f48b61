"""The formgrader as an instructor uses it."""

from playwright.sync_api import expect


class Formgrader:
    """nbgrader's pages for instructors, in a frame of JupyterLab or in a tab of the browser's own."""

    def __init__(self, page, frame, shoot):
        self.page = page
        self.frame = frame
        self.shoot = shoot

    def press(self, column, row=""):
        """Press the button in this column of the row with this text, and close the dialog of success."""
        self.frame.locator("tr", has_text=row).locator(f"td.{column} a").click()
        dialog = self.frame.locator(".modal.in")
        expect(dialog).to_contain_text("Success")
        self.shoot(self.page, column)
        dialog.locator(".modal-footer .btn").click()
        expect(self.frame.locator(".modal-backdrop")).to_have_count(0)

    def open(self, name):
        """Follow a link."""
        self.frame.get_by_role("link", name=name, exact=True).click()

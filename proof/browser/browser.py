"""Debian's Chromium, and a watch over what its pages ask of other machines."""

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Error, expect, sync_playwright

from course.build.paths import ROOT

PATIENCE = 120_000  # ms; a busy machine may need them, a wait ends as soon as there is something to see
MISSING = ROOT / ".ci" / "missing"
ASKED_AGAIN = 60  # times, a second apart, for a screenshot

expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium():
    """A browser. Raises FileNotFoundError with the names of the Debian packages that are missing."""
    variables = os.environ | {"PYTHON": sys.executable}
    answer = subprocess.run([MISSING, "test"], env=variables, stdout=subprocess.PIPE, text=True)
    if missing := answer.stdout.strip():
        raise FileNotFoundError(f"This machine lacks {missing}. As root on Debian: apt install {missing}")
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")  # the first draws no window
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def new_context(browser, language, **options):
    """A fresh browser context of a person who reads `language`; `watch` of it tells what its pages did."""
    context = browser.new_context(locale=language, **options)
    context.set_default_timeout(PATIENCE)
    context.watch = Watch(context)
    return context


def screenshot(page, **options):
    """A picture of the page, with dialogs that are fading in already there.

    Busy, Chromium refuses one now and then, and takes it when asked again later.
    """
    options = {"animations": "disabled"} | options
    for _ in range(ASKED_AGAIN):
        try:
            return page.screenshot(**options)
        except Error as error:
            if "Unable to capture screenshot" not in error.message:
                raise
        page.wait_for_timeout(1000)
    return page.screenshot(**options)


class Watch:
    """What a browser context asked of other machines (nothing is let through) and its scripts' errors."""

    def __init__(self, context):
        self.external = []
        self.errors = []
        self.expected = ()  # beginnings of what pages that are not ours are known to ask for or to say
        context.route(is_external, self._refuse)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def unexpected(self):
        """Requests to other machines and errors, but for what is known of pages that are not ours."""
        return [found for found in self.external + self.errors if not found.startswith(self.expected)]

    def _refuse(self, route):
        self.external.append(route.request.url)
        route.abort()

    def _console(self, message):
        if message.type == "error" and not is_external(message.location["url"]):
            self.errors.append(f"{message.text} ({message.location['url']})")


def is_external(url):
    """Whether a request for `url` would leave this machine."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1"

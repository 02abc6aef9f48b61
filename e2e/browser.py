"""Debian's Chromium, and a watch over what its pages ask of other machines."""

import shutil
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import expect, sync_playwright

PATIENCE = 120_000  # ms; a busy machine may need them, a wait ends as soon as there is something to see
INSTALL = "Chromium is missing: apt install chromium-headless-shell fonts-dejavu-core fonts-dejavu-extra"

expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium():
    """A browser. Raises FileNotFoundError when Chromium is not installed."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")  # the first draws no window
    if not path:
        raise FileNotFoundError(INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def new_context(browser, **options):
    """A fresh browser context; `watch` of it tells what its pages did."""
    context = browser.new_context(locale="ru-RU", **options)
    context.set_default_timeout(PATIENCE)
    context.watch = Watch(context)
    return context


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

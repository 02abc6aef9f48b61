"""A browser that reaches nothing but this machine, pictures of what it shows, and a check by axe-core."""

import fcntl
import json
import subprocess

import pytest

from course.build.editions import ORIGINAL
from course.build.paths import ROOT
from proof.browser.browser import chromium, new_context, screenshot
from proof.browser.lab import Lab

BUILD = ROOT / "build"
ARTEFACTS = BUILD / "browser"  # screenshots, to be looked at
AXE_VERSION = "4.14.1"


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def edition():
    """The edition in which a test goes; a test of several is parametrized with it."""
    return ORIGINAL


@pytest.fixture
def context(browser, edition):
    """A fresh browser context. The test fails when its pages asked another machine or had errors."""
    context = new_context(browser, edition.language, viewport={"width": 1280, "height": 900})
    yield context
    context.close()
    assert context.watch.unexpected() == []


@pytest.fixture
def lab(address, page, edition):
    """The learner's JupyterLab of a test file's own fixture `address`, in the browser."""
    return Lab(page, address, edition)


@pytest.fixture
def page(context, shoot):
    """A page of the context; a picture of its last state is kept."""
    page = context.new_page()
    yield page
    shoot(page, "last")


@pytest.fixture
def shoot(request):
    """`shoot(page, name)` keeps a screenshot in build/browser/."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)

    def take(page, name):
        screenshot(page, path=ARTEFACTS / f"{request.node.name.removeprefix('test_')}-{name}.png")

    return take


@pytest.fixture(scope="session")
def axe():
    """`axe(page)` lists the serious and critical violations that axe-core finds on a page."""
    script = axe_script().read_text("utf-8")

    def violations(page):
        page.evaluate(script)
        return [
            f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html']}"
            for rule in page.evaluate("() => axe.run().then(result => result.violations)")
            if rule["impact"] in ("serious", "critical")
        ]

    return violations


def axe_script():
    """The path of axe-core, fetched from npm once."""
    folder = BUILD / "npm"
    package = folder / "node_modules" / "axe-core"
    manifest = package / "package.json"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two workers may want it at once
        if not manifest.exists() or json.loads(manifest.read_text("utf-8"))["version"] != AXE_VERSION:
            command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", f"axe-core@{AXE_VERSION}"]
            subprocess.run(command, cwd=folder, check=True)
    return package / "axe.min.js"

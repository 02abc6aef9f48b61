"""Debian's Chromium, and axe-core, which looks for what keeps people with disabilities out."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

NPM = Path(__file__).resolve().parent.parent / "build" / "npm"
AXE_VERSION = "4.14.1"


@pytest.fixture(scope="session")
def browser():
    """A browser for all tests; each opens a context of its own."""
    chromium = shutil.which("chromium")
    if not chromium:
        pytest.fail("chromium is missing (Debian: apt install chromium fonts-dejavu-core fonts-dejavu-extra)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """`axe(page)` lists the serious and critical violations on a page, each in one line."""
    script = NPM / f"axe-core-{AXE_VERSION}" / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        folder = NPM / f"axe-core-{AXE_VERSION}"
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*install, f"axe-core@{AXE_VERSION}"], check=True, capture_output=True)
    source = script.read_text("utf-8")

    def violations(page):
        page.evaluate(source)
        return [
            f"{rule['id']}: {rule['help']}: {node['html']}"
            for rule in page.evaluate("axe.run().then(result => result.violations)")
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]

    return violations

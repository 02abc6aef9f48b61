"""A browser, and a check of what it shows for accessibility."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

NPM = Path(__file__).resolve().parent.parent / ".venv" / "npm"
AXE = NPM / "node_modules" / "axe-core"
AXE_VERSION = "4.14.1"


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    if not (chromium := shutil.which("chromium")):
        pytest.fail("chromium is missing (Debian: apt install chromium fonts-dejavu-core fonts-dejavu-extra)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    """`axe(page)` lists the serious and critical violations that axe-core finds on a page."""
    manifest = AXE / "package.json"
    if not manifest.exists() or json.loads(manifest.read_text("utf-8"))["version"] != AXE_VERSION:
        NPM.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(NPM)]
        subprocess.run([*command, f"axe-core@{AXE_VERSION}"], check=True, capture_output=True)
    script = (AXE / "axe.min.js").read_text("utf-8")

    def violations(page):
        page.evaluate(script)
        found = page.evaluate("() => axe.run().then(result => result.violations)")
        return [
            f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
        ]

    return violations

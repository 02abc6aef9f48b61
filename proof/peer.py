"""python -m proof.peer [-k WORDS]   nbgrader's own tests, as installed, with this grader switched on.

They pass, except those that docs/stock.md lists with a reason each; one that is listed and passes counts too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import typer

LIST = Path(__file__).parents[1] / "docs" / "stock.md"
ROW = re.compile(r"^\| `(test_\w+)` \| (autograde|feedback|export|preprocessors) \| (.+) \|$", re.MULTILINE)
MODULES = {
    "autograde": "nbgrader.tests.apps.test_nbgrader_autograde",
    "feedback": "nbgrader.tests.apps.test_nbgrader_generate_feedback",
    "export": "nbgrader.tests.apps.test_nbgrader_export",
    "preprocessors": "nbgrader.tests.preprocessors",
}
SWITCHED_ON = "import nbgrader_apart\nnbgrader_apart.use(get_config())\n"


def listed(page=None):
    """{(part, test): the reason why it goes another way}, from the docs."""
    rows = ROW.findall(LIST.read_text(encoding="utf-8") if page is None else page)
    return {(part, test): reason for test, part, reason in rows}


def run(folder, words):
    """[((part, test), passed, failed or skipped)] of nbgrader's tests in the folder; some share a name."""
    folder = Path(folder)
    (folder / "config").mkdir()
    (folder / "config" / "nbgrader_config.py").write_text(SWITCHED_ON)
    package = Path(find_spec("nbgrader").origin).parent
    shutil.copytree(
        package / "docs", folder / "nbgrader" / "docs"
    )  # some tests read it from the current folder
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"JUPYTER_CONFIG_PATH": str(folder / "config"), "HOME": str(folder), "PATH": path}
    outcomes = []
    for part, module in MODULES.items():
        report = folder / f"{part}.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
            "-n",
            "2",
        ]
        command += [f"--junitxml={report}", "--rootdir", str(folder), "-k", words, "--pyargs", module]
        subprocess.run(command, cwd=folder, env=os.environ | own, check=False)
        for case in ElementTree.parse(report).iter("testcase"):
            outcomes.append(((part, case.get("name")), outcome(case)))
    return outcomes


def outcome(case):
    """What became of a test case of a report."""
    kinds = {child.tag for child in case}
    return "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"


def main(words: str = typer.Option("", "-k", help="Only tests with these words, as pytest has it.")):
    """Run nbgrader's own tests, and compare with the list."""
    with tempfile.TemporaryDirectory(prefix="peer-") as folder:
        outcomes = run(folder, words)
    known = listed()
    odd = {test: how for test, how in outcomes if (how == "failed") != (test in known) and how != "skipped"}
    if not words:
        odd |= dict.fromkeys(known.keys() - dict(outcomes).keys(), "is no test")
    for (part, test), how in sorted(odd.items()):
        print(f"not as docs/stock.md has it: {part}, {test}: {how}")
    counts = {kind: [how for _, how in outcomes].count(kind) for kind in ("passed", "failed", "skipped")}
    print(
        "nbgrader's own tests: {passed} passed, {failed} go another way, {skipped} skipped".format(**counts)
    )
    raise typer.Exit(bool(odd) or not counts["passed"])


if __name__ == "__main__":
    typer.run(main)

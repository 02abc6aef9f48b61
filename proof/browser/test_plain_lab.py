"""JupyterLab as the learners' guide has it opened, without `make`: nothing of the instructor's."""

import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from course.build.paths import ROOT
from proof.browser.lab import Lab
from proof.browser.lab_course import Course, environment

pytestmark = [pytest.mark.slow, pytest.mark.nightly]

GUIDE = (ROOT / "docs" / "learners.ru.md").read_text("utf-8")
INSTRUCTORS = {"formgrader", "course-list", "create-assignment"}


@pytest.fixture
def folder(tmp_path):
    """A course's folder after the guide's `pip install`: its environment has the packages of this one."""
    place = tmp_path / "course" / ".venv"
    venv.create(place, symlinks=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)})
    Path(packages, "installed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    (place / "share").symlink_to(Path(sys.prefix) / "share")
    shutil.copytree(Path(sys.prefix) / "etc", place / "etc")
    for command in Path(sys.prefix, "bin").glob("jupyter*"):
        own = place / "bin" / command.name
        own.write_text(command.read_text("utf-8").replace(str(Path(sys.prefix)), str(place), 1))
        own.chmod(0o755)
    return place.parent


def test_a_learner_who_follows_the_guide_sees_no_panel_of_the_instructors(folder, page):
    course = Course(folder, ())
    (command,) = re.findall(r"^\.venv/bin/jupyter labextension .*$", GUIDE, re.MULTILINE)
    home = folder.parent / "home-learner"
    subprocess.run(
        shlex.split(command), cwd=folder, env=environment(folder, home, ()), check=True, capture_output=True
    )
    with course.lab(folder / "release", (), python=folder / ".venv" / "bin" / "python") as address:
        offered = Lab(page, address).commands("nbgrader")
        plugins = page.evaluate("() => JSON.parse(document.getElementById('jupyter-config-data').text)")
        page.goto("about:blank")  # or the page would ask a server that has ended
    assert offered == ["nbgrader:open-assignment-list"]
    assert {f"@jupyter/nbgrader:{name}" for name in INSTRUCTORS} <= set(plugins["disabledExtensions"])

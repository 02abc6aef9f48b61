"""Topics are found by their modules, and no two have one name."""

import shutil
import subprocess
import sys
from pathlib import Path

import checks
import pytest
from checks.topic import Topic

HERE = Path(__file__).parent


@pytest.fixture
def imported(tmp_path):
    """Imports a copy of the package with one more module, which has the given code; what became of it."""

    def run(code):
        shutil.copytree(HERE, tmp_path / "checks", ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "checks" / "zigzags.py").write_text(f"from .topic import Topic\n{code}\n")
        command = [sys.executable, "-c", "import checks; print(checks.__all__)"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_every_other_name_is_a_topic():
    found = {name: getattr(checks, name) for name in checks.__all__}
    plain = [found.pop(name) for name in ("CheckFailed", "bring", "progress")]
    assert all(isinstance(topic, Topic) for topic in found.values())
    assert len(found) == len(checks.__all__) - len(plain)


def test_a_topic_of_a_new_module_is_there(imported):
    assert "'zigzag'" in imported("zigzag = Topic('Zigzag')").stdout


@pytest.mark.parametrize("name", ["relu", "relus"], ids=["another topic", "a module"])
def test_two_things_of_one_name_are_refused(imported, name):
    assert f"two things are called checks.{name}" in imported(f"{name} = Topic('Zigzag')").stderr

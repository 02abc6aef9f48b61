"""A fresh clone: what the machine lacks is named, and torch comes without CUDA where that can be had."""

import os
import re
import shutil
import subprocess
import sys
from zipfile import ZipFile

import pytest

from course.build.paths import ROOT

PACKAGES = re.findall(r"^ *need (\S+)", (ROOT / ".ci" / "missing").read_text("utf-8"), re.MULTILINE)
CPU, CUDA = "2.13.0+cpu", "2.13.0"
NOBODY_LISTENS = "http://127.0.0.1:9"


@pytest.mark.parametrize("page", ["README.md", "README.ru.md"])
def test_the_readme_names_every_package(page):
    text = (ROOT / page).read_text("utf-8")
    assert [package for package in PACKAGES if package not in text] == []


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("demo", {"bubblewrap"}),
        ("test", {"bubblewrap", "chromium-headless-shell", "npm", "postgresql"}),
    ],
)
def test_a_machine_that_lacks_packages_is_told_which(tmp_path, command, named):
    """Nothing is set up first. Libraries and fonts cannot be hidden from the command."""
    for name in ("bash", "env", "make", "id"):
        (tmp_path / name).symlink_to(shutil.which(name))
    code, said = make(ROOT, command, PATH=str(tmp_path))
    assert code != 0
    assert named <= set(re.search("apt install (.*)", said)[1].split())
    assert "Installing" not in said


@pytest.fixture
def clone(tmp_path):
    """The Makefile beside requirements that are torch alone."""
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text(f"torch=={CUDA}\n")
    return folder


def test_torch_comes_without_cuda_if_it_can(clone, tmp_path):
    pypi, cpu = index(tmp_path / "pypi", CUDA), index(tmp_path / "cpu", CPU)
    ours = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "PIP_INDEX_URL": pypi}
    for source, expected in ((cpu, CPU), (NOBODY_LISTENS, CUDA), ("", CUDA)):
        code, said = make(clone, ".venv/torch", **ours, TORCH_INDEX=source)
        assert code == 0, said
        assert "Successfully installed torch" in said  # pip is heard
        (found,) = clone.glob(".venv/lib/python*/site-packages/torch-*.dist-info")
        assert found.name == f"torch-{expected}.dist-info"
        shutil.rmtree(found)
        (clone / ".venv" / "torch").unlink()


def make(folder, target, **environment):
    """The exit code of `make target` there, and what it said."""
    command = [shutil.which("make"), target, f"PYTHON={sys.executable}"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def index(folder, version):
    """The address of a package index with one empty torch."""
    wheel = folder / "torch" / f"torch-{version}-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    about = f"torch-{version}.dist-info"
    with ZipFile(wheel, "w") as archive:
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    (wheel.parent / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    return folder.as_uri()

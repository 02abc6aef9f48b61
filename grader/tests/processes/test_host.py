"""Hosts that refuse user namespaces: which setting is named, and what commands say where they really are."""

import os
import subprocess
import sys

import pytest

from nbgrader_apart.messages import text
from nbgrader_apart.processes import host, sandbox
from nbgrader_apart.testing import small_course
from nbgrader_apart.testing.commands import environ, run, run_forked

EPERM = "bwrap: No permissions to create new namespace"
STATUS = "CapEff:\t{capabilities}\nSeccomp:\t{seccomp}\nSeccomp_filters:\t0\n"
COMMANDS = [
    ("nbgrader_apart", "doctor"),
    ("nbgrader_apart", "doctor", small_course.ASSIGNMENT),
    ("nbgrader_apart", "grade", small_course.ASSIGNMENT),
    ("nbgrader", "autograde", small_course.ASSIGNMENT),
]


@pytest.fixture
def machine(tmp_path):
    """Make a machine of these files; the function asks it for its setting."""

    def machine(files=(), words=EPERM, seccomp=0, capabilities="0000000000200000", **environment):
        status = STATUS.format(seccomp=seccomp, capabilities=capabilities)
        for name, contents in {"proc/self/status": status, **dict(files)}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents)
        return host.setting(words, tmp_path, environment)

    return machine


@pytest.mark.parametrize(
    ("files", "more", "key"),
    [
        ({"proc/sys/kernel/unprivileged_userns_clone": "0\n"}, {}, "host.debian"),
        ({"proc/sys/kernel/unprivileged_userns_clone": "1\n"}, {}, "host.unknown"),
        ({"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n"}, {}, "host.ubuntu"),
        ({".dockerenv": ""}, {"seccomp": 2}, "host.docker"),
        ({"run/.containerenv": ""}, {"seccomp": 2}, "host.podman"),
        ({".dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "host.kubernetes"),
        ({}, {"seccomp": 2}, "host.filter"),
        ({".dockerenv": ""}, {"words": "unshare: unshare failed: No space left on device"}, "host.limit"),
    ],
)
def test_the_setting_of_the_machine_is_named(machine, files, more, key):
    assert machine(files, **more) == text(key)


def test_root_without_its_rights(machine, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert machine({".dockerenv": ""}, capabilities="00000000a80425fb") == text("host.root")
    assert machine({".dockerenv": ""}) == text("host.docker")


def test_only_a_refusal_names_a_setting():
    assert str(sandbox.refusal("bwrap: Unknown option --disable-userns")) == text(
        "sandbox.failed", reason="bwrap: Unknown option --disable-userns"
    )
    guessed = f"{EPERM}, likely because the kernel does not allow it. See <https://deb.li/bubblewrap>"
    assert str(sandbox.refusal(guessed)) == text("sandbox.refused", reason=EPERM, setting=host.setting(EPERM))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one submission."""
    root = tmp_path_factory.mktemp("course")
    small_course.build(root)
    code, output = run_forked(root, "nbgrader", "generate_assignment", small_course.ASSIGNMENT)
    assert code == 0, output
    small_course.submit(root, "ann", small_course.RIGHT)
    return root


@pytest.mark.slow
@pytest.mark.parametrize("way", ["filter", pytest.param("limit", marks=pytest.mark.nightly)])
@pytest.mark.parametrize(
    "command",
    [
        pytest.param(one, marks=[] if "grade" in one else pytest.mark.nightly, id=" ".join(one))
        for one in COMMANDS
    ],
)
def test_where_namespaces_are_refused_each_command_names_the_setting(course, way, command):
    code, output = run(
        course, "nbgrader_apart.testing.without_namespaces", way, sys.executable, "-m", *command
    )
    here = host.setting(EPERM)  # of this process, which is not under the filter
    filtered = text("host.filter") if here == text("host.unknown") else here
    assert code == 1, output
    assert (text("host.limit") if way == "limit" else filtered) in output
    assert output.count("Песочница не запускается") == 1
    assert "Traceback" not in output
    assert not (course / "autograded").exists()
    if command[1:] != ("doctor",):
        assert len(output.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="is about root")
def test_root_of_a_container_is_told_what_it_lacks(course):
    without = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    command = [*without, sys.executable, "-m", "nbgrader_apart", "grade", small_course.ASSIGNMENT]
    done = subprocess.run(command, cwd=course, env=environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert text("host.root") in done.stderr

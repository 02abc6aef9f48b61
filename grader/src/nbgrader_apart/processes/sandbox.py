"""The bubblewrap command line around a learner's kernel, and a check whether it works on this host."""

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbgrader_apart import scratch
from nbgrader_apart.messages import text
from nbgrader_apart.processes.failed import reason
from nbgrader_apart.processes.host import setting

PACKAGE = Path(__file__).resolve().parents[1]
GRADER_SIDE = "/opt/grader"  # where the sandbox finds the two folders of this package that it needs
STAGE, MEMORY, WORK = "/stage", "/learner", "/learner/home"
# a shared mapping of /dev/zero is memory that nothing counts; the others list the keys of the user
HIDDEN = ("/dev/zero", "/proc/keys", "/proc/key-users")
# what a cold kernel begins with: to mount, to set its network, to be another user, to map root
CONFINING = ("CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETFCAP")
TRIAL = 60  # seconds for an empty sandbox
# What bubblewrap and inside/confine.py write where the host refuses.
NOT_ALLOWED = re.compile("not permitted|permission|denied|no space left|new namespace", re.IGNORECASE)
GUESS = ", likely because"  # bubblewrap's guess, which is wrong for other hosts


class SandboxUnavailable(RuntimeError):
    """Bubblewrap is not installed or not allowed to work; one sentence says why, and what to do."""


def command(
    stage: Path | str, shipped: Path | str, limits: Mapping[str, int], capabilities: Iterable[str] = ()
) -> list[str]:
    """The argument list that, put before a command, confines it.

    `stage` holds the learner's files, `shipped` the packages that lie beside the notebooks. The command
    has these `capabilities`, for inside/confine.py.
    """
    size = str(limits["disk_mb"] << 20)
    mounts = [(path, path) for path in python_folders() if not path.startswith("/usr/")]
    mounts += [(str(stage), STAGE)]
    mounts += [(str(PACKAGE / name), f"{GRADER_SIDE}/{PACKAGE.name}/{name}") for name in ("wire", "inside")]
    mounts += [(str(path), f"{WORK}/{path.name}") for path in Path(shipped).iterdir()]
    mounts += [(str(shipped), str(shipped))]  # where the warm process has imported them from
    mounts += [
        (path, path) for path in ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime") if Path(path).exists()
    ]

    # names of the sandbox's own users and host: nothing of this machine's
    mounts += [(str(path), f"/etc/{path.name}") for path in (PACKAGE / "inside" / "etc").iterdir()]

    bwrap = ["bwrap", "--hostname", "notebook"]
    bwrap += [f"--unshare-{name}" for name in ("pid", "net", "ipc", "uts", "cgroup-try")]
    bwrap += [] if os.getuid() == 0 else ["--unshare-user", "--uid", "0", "--gid", "0"]  # to mount as
    for option, name in [("--cap-drop", "ALL"), *(("--cap-add", name) for name in capabilities)]:
        bwrap += [option, name]
    bwrap += ["--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/usr", "/usr"]
    for folder in ("bin", "lib", "lib64", "sbin"):
        if Path(f"/{folder}").is_symlink():
            bwrap += ["--symlink", f"usr/{folder}", f"/{folder}"]
        elif Path(f"/{folder}").is_dir():
            bwrap += ["--ro-bind", f"/{folder}", f"/{folder}"]
    bwrap += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for path in filter(os.path.exists, HIDDEN):  # a device that is bound so cannot be opened
        bwrap += ["--ro-bind", "/dev/null", path]
    bwrap += ["--perms", "0755", "--size", size, "--tmpfs", MEMORY, "--symlink", f".{MEMORY}/tmp", "/tmp"]
    for folder in (WORK, f"{MEMORY}/tmp", f"{MEMORY}/shm"):
        bwrap += ["--perms", "1777", "--dir", folder]
    for parent in parents(target for _, target in mounts):
        bwrap += ["--perms", "0755", "--dir", parent]
    for source, target in mounts:  # after /tmp: the course may lie there
        bwrap += ["--ro-bind", source, target]
    bwrap += ["--remount-ro", "/", "--chdir", WORK]
    for name, value in environment().items():
        bwrap += ["--setenv", name, value]
    return bwrap


def environment() -> dict[str, str]:
    """The whole environment of the learner's process."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": WORK,
        "LANG": "C.UTF-8",
        "PYTHONPATH": GRADER_SIDE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PIP_NO_INDEX": "1",  # without a network pip would wait for one
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PLOTLY_RENDERER": "plotly_mimetype",
        "NBGRADER_EXECUTION": "autograde",
    }


def parents(paths: Iterable[Path | str]) -> list[str]:
    """Folders above the paths, outermost first: the sandbox makes them readable for everybody."""
    folders = {str(folder) for path in paths for folder in Path(path).parents}
    return sorted(folders - {"/"})


def python_folders() -> list[str]:
    """The interpreter and its packages, as this process uses them."""
    folders = [sys.prefix, sys.base_prefix, str(Path(os.path.realpath(sys.executable)).parent.parent)]
    return list(dict.fromkeys(folder for folder in folders if folder != "/usr"))


@functools.cache
def check() -> None:
    """Try a sandbox once. Raises SandboxUnavailable, OSError when a disk is full."""
    if not shutil.which("bwrap"):
        raise SandboxUnavailable(text("sandbox.missing"))
    confined = command(scratch.folder(), PACKAGE / "inside", {"disk_mb": 1}, CONFINING)
    trial = [*confined, sys.executable, "-m", "nbgrader_apart.inside.confine"]
    untranslated = {**os.environ, "LC_ALL": "C"}
    try:
        subprocess.run(trial, capture_output=True, timeout=TRIAL, check=True, env=untranslated)
    except subprocess.TimeoutExpired:
        late = text("process.late", seconds=TRIAL)
        raise SandboxUnavailable(text("sandbox.failed", reason=late)) from None
    except subprocess.CalledProcessError as error:
        raise refusal(reason(error.stderr, error.returncode)) from None


def refusal(words: str) -> SandboxUnavailable:
    """The SandboxUnavailable for what bubblewrap has said. It names the setting of a host that refuses."""
    words = words.partition(GUESS)[0]
    if NOT_ALLOWED.search(words):
        return SandboxUnavailable(text("sandbox.refused", reason=words, setting=setting(words)))
    return SandboxUnavailable(text("sandbox.failed", reason=words))

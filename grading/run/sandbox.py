"""The bubblewrap command line around a learner's kernel, and the question whether it works here."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COURSE_SIDE = "/opt/grading"  # where the sandbox finds this package's few files that it needs
STAGE, WORK = "/stage", "/home/learner"
NOBODY = "65534"
INSTALL = "grading needs bubblewrap: run `apt-get install bubblewrap util-linux` and allow user namespaces"


class SandboxUnavailable(RuntimeError):
    """Bubblewrap is not installed or not allowed to work."""


def command(stage, shipped, limits):
    """The argument list that, put before a command, confines it.

    `stage` holds the learner's files, `shipped` the packages that lie beside the notebooks.
    """
    size = str(limits["disk_mb"] << 20)
    mounts = [(path, path) for path in python_folders() if not path.startswith("/usr/")]
    mounts += [(str(stage), STAGE), (str(HERE.parent / "border"), f"{COURSE_SIDE}/grading/border")]
    mounts += [(str(HERE / "inside"), f"{COURSE_SIDE}/grading/run/inside")]
    mounts += [(str(path), f"{WORK}/{path.name}") for path in Path(shipped).iterdir()]
    mounts += [(str(shipped), str(shipped))]  # where the warm process has imported them from
    mounts += [
        (path, path) for path in ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime") if Path(path).exists()
    ]

    bwrap = ["bwrap"]
    bwrap += [f"--unshare-{name}" for name in ("pid", "net", "ipc", "uts", "cgroup-try")]
    bwrap += [] if os.getuid() == 0 else ["--unshare-user", "--disable-userns"]
    bwrap += ["--die-with-parent", "--new-session", "--clearenv", "--ro-bind", "/usr", "/usr"]
    for folder in ("bin", "lib", "lib64", "sbin"):
        if Path(f"/{folder}").is_symlink():
            bwrap += ["--symlink", f"usr/{folder}", f"/{folder}"]
        elif Path(f"/{folder}").is_dir():
            bwrap += ["--ro-bind", f"/{folder}", f"/{folder}"]
    bwrap += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", size, "--tmpfs", "/dev/shm"]
    bwrap += ["--remount-ro", "/dev", "--perms", "1777", "--size", size, "--tmpfs", "/tmp"]
    bwrap += ["--perms", "0755", "--dir", "/home", "--perms", "1777", "--size", size, "--tmpfs", WORK]
    for parent in parents(target for _, target in mounts):
        bwrap += ["--perms", "0755", "--dir", parent]
    for source, target in mounts:  # after /tmp: the course may lie there
        bwrap += ["--ro-bind", source, target]
    bwrap += ["--remount-ro", "/", "--chdir", WORK]
    for name, value in environment().items():
        bwrap += ["--setenv", name, value]
    return bwrap


def environment():
    """Everything that the learner's process sees of an environment."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": WORK,
        "LANG": "C.UTF-8",
        "PYTHONPATH": COURSE_SIDE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PLOTLY_RENDERER": "plotly_mimetype",
        "NBGRADER_EXECUTION": "autograde",
    }


def drop_privileges():
    """What, put between the sandbox and a command, makes root nobody in a user namespace of its own."""
    if os.getuid() != 0:
        return []
    setpriv = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--bounding-set=-all"]
    return [*setpriv, "--inh-caps=-all", "--no-new-privs", "unshare", "--user", "--map-current-user"]


def parents(paths):
    """Folders above the paths, outermost first: the sandbox makes them readable for everybody."""
    folders = {str(folder) for path in paths for folder in Path(path).parents}
    return sorted(folders - {"/"})


def python_folders():
    """The interpreter and its packages, as this process uses them."""
    folders = [sys.prefix, sys.base_prefix, str(Path(os.path.realpath(sys.executable)).parent.parent)]
    return list(dict.fromkeys(folder for folder in folders if folder != "/usr"))


@functools.cache
def check():
    """Try a sandbox once. Raises SandboxUnavailable with one sentence."""
    needed = ["bwrap"] + (["setpriv", "unshare"] if os.getuid() == 0 else [])
    missing = [name for name in needed if not shutil.which(name)]
    if missing:
        raise SandboxUnavailable(f"{INSTALL} ({', '.join(missing)} not found).")
    folder = str(HERE / "inside")
    confined = [*command(folder, folder, {"disk_mb": 1}), *drop_privileges()]
    trial = [*confined, sys.executable, "-c", "pass"]
    outcome = subprocess.run(trial, capture_output=True, text=True, timeout=60)
    if outcome.returncode:
        raise SandboxUnavailable(f"{INSTALL} ({outcome.stderr.strip().splitlines()[-1:]}).")

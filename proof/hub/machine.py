"""The machine of a hub: accounts of the test's own, the page's commands, and the hub as a process."""

import fcntl
import grp
import os
import pwd
import re
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from course.build.paths import ROOT
from proof.browser.browser import PATIENCE
from proof.browser.lab_course import free_port

PREFIX = "hubtest-"  # no account or group of another name is touched
BOUNDS = range(1000, 60000)  # Debian's numbers of people
ACCOUNTS = 5
ACCOUNT, LEARNERS, INSTRUCTORS = f"{PREFIX}course", f"{PREFIX}learners", f"{PREFIX}instructors"
PAGE = ROOT / "docs" / "jupyterhub" / "README.md"
HUB = Path(os.environ.get("HUB", ".venv-hub")).resolve()
PASSWORD = "verschlüsselt und geheim"
LOCK = Path("/run/lock/hubtest.lock")
LOOK = 0.1  # seconds
OWNERS = re.compile(r"(?m)^[UG]id:(.*)")
KEPT = re.compile(r"(?i)lang|.*_proxy|.*_certs?|pip_.*|npm_config_.*")  # where packages come from

COMMANDS = {
    "passwd": """echo "$1:{password}" | chpasswd""",
    "useradd": """exec /usr/sbin/useradd --key UID_MIN={first} --key UID_MAX={last} "$@\"""",
}

CONFIG = """
load_subconfig("{hub}/jupyterhub_config.py")
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.Authenticator.auth_refresh_age = 1
expose = "--LabApp.expose_app_in_browser=True"  # the test asks JupyterLab when it is ready
c.Spawner.args = [expose]
c.JupyterHub.services[0]["command"][1:] = [expose, "--HubOAuth.cache_max_age=1"]
c.JupyterHub.services[0]["url"] = "http://127.0.0.1:{ports[3]}"
"""


def blocks(heading):
    """The commands that the page gives under this heading."""
    text = PAGE.read_text("utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section, f"{PAGE} has no heading {heading!r}"
    found = re.findall(r"^```bash\n(.*?)^```", section[1], re.DOTALL | re.MULTILINE)
    assert found, f"{PAGE} gives no commands under {heading!r}"
    return "\n".join(found)


class Machine:
    """Accounts, an exchange and a course, made by the page's commands; `folder` is removed by who made it."""

    def __init__(self, folder, gradebook):
        self.folder = folder
        self.exchange = folder / "exchange"
        self.environment = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)} | {
            "HOME": str(folder),
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HUB": str(HUB),
            "COURSE_ACCOUNT": ACCOUNT,
            "COURSE_LEARNERS": LEARNERS,
            "COURSE_INSTRUCTORS": INSTRUCTORS,
            "NBGRADER_EXCHANGE": str(self.exchange),
            "GRADEBOOK_URL": gradebook,
        }
        (folder / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")  # the checkout may be another's
        first, *_, last = unused_numbers()
        for name, command in COMMANDS.items():
            stand_in = folder / "commands" / name
            stand_in.parent.mkdir(exist_ok=True)
            told = command.format(password=PASSWORD, first=first, last=last)
            stand_in.write_text(f"#!/bin/sh\n{told}\n")
            stand_in.chmod(0o700)

    def follow(self, heading, **variables):
        """Do what the page says under this heading; what was printed.

        `passwd` does not ask, and `useradd` takes numbers that nobody has.
        """
        commands = f"{blocks('Names')}\n{blocks(heading)}"
        path = f"{self.folder}/commands:{self.environment['PATH']}"
        return self.run("bash", "-euo", "pipefail", "-c", commands, PATH=path, **variables)

    def run(self, *command, **variables):
        """Run a command as root in the checkout; what it printed."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def course(self, command):
        """What a command of the shell says that the course's account runs in the course's folder."""
        return self.run("bash", "-euc", f"{blocks('Names')}\ncourse {command}")

    def refused(self, name, command):
        """What this account is told when it is not allowed to run a command of the shell."""
        done = subprocess.run(
            ["runuser", "-u", name, "--", "sh", "-c", command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode != 0, done.stdout
        return done.stdout

    def person(self, name, group):
        """A new account of the group with the password of all."""
        self.follow("A person", NAME=name, GROUP=group)

    @contextmanager
    def hub(self):
        """The address of the hub; what it says is kept in `folder`/hub.log."""
        config = self.folder / "config.py"
        ports = [free_port() for _ in range(4)]
        config.write_text(CONFIG.format(hub=HUB, ports=ports))
        with (self.folder / "hub.log").open("w") as file:
            server = subprocess.Popen(
                [HUB / "bin" / "jupyterhub", "-f", config],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: "JupyterHub is now running" in self.log() or server.poll() is not None)
            assert server.poll() is None, self.log()
            yield f"http://127.0.0.1:{ports[0]}"
        finally:
            server.terminate()  # the hub ends its servers, services and proxy
            server.wait()
            self.end_proxy()

    def log(self):
        """What the hub has said since its last start, its servers included."""
        return (self.folder / "hub.log").read_text("utf-8")

    def end_proxy(self):
        """A hub that could not start leaves its proxy."""
        file = self.folder / "jupyterhub-proxy.pid"
        if file.exists():
            with suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGTERM)


def wait_until(condition):
    """Look again and again until the condition holds. Raises TimeoutError after PATIENCE."""
    end = time.monotonic() + PATIENCE / 1000
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited for {PATIENCE / 1000:.0f} s")
        time.sleep(LOOK)


@contextmanager
def alone():
    """One such machine at a time; accounts that a killed run has left are removed, and those of this run."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_accounts()
        try:
            yield
        finally:
            remove_accounts()


def unused_numbers():
    """Numbers in a row that no account, group or process has, far above those that `useradd` gives first.

    Processes are ended by the number of their account, and those of another root, with accounts of its own,
    may be seen here.
    """
    used = {number for entry in pwd.getpwall() for number in (entry.pw_uid, entry.pw_gid)}
    used |= {entry.gr_gid for entry in grp.getgrall()}
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(FileNotFoundError, ProcessLookupError):
            used |= set(map(int, " ".join(OWNERS.findall(status.read_text("utf-8"))).split()))
    rows = (range(first, first + ACCOUNTS) for first in reversed(BOUNDS[:-ACCOUNTS]))
    return next(row for row in rows if used.isdisjoint(row))


def remove_accounts():
    """Remove the test's own accounts and groups, with their processes and folders."""
    for account in [entry for entry in pwd.getpwall() if entry.pw_name.startswith(PREFIX)]:
        end_processes(account.pw_uid)
        subprocess.run(["userdel", "--remove", account.pw_name], check=True, stderr=subprocess.DEVNULL)
    for group in [entry.gr_name for entry in grp.getgrall() if entry.gr_name.startswith(PREFIX)]:
        subprocess.run(["groupdel", group], check=True)


def end_processes(uid):
    """End what an account still runs."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if process.stat().st_uid == uid:
                os.kill(int(process.name), signal.SIGKILL)

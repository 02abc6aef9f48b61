"""A JupyterHub for the course on one machine with PAM accounts. README.md tells how it is set up and kept.

It is started as root by the Python environment in which the course is installed. Beside this file lie the
Jupyter settings of learners and instructors. Learners work on servers of their own. The course belongs to an
account that nobody logs in to; instructors meet on one server of that account, which is a service of the hub.
"""

import grp
import os
import pwd
import sys
from pathlib import Path

from jupyterhub.auth import PAMAuthenticator

ACCOUNT = os.environ.get("COURSE_ACCOUNT", "backprop")  # owns ~/course, the gradebook, and what is handed in
LEARNERS = os.environ.get("COURSE_LEARNERS", "learners")  # groups of the system
INSTRUCTORS = os.environ.get("COURSE_INSTRUCTORS", "instructors")
EXCHANGE = os.environ.get("NBGRADER_EXCHANGE", "/srv/nbgrader/exchange")
IDLE_SECONDS = os.environ.get("COURSE_IDLE_SECONDS", "3600")

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
COURSE = Path(pwd.getpwnam(ACCOUNT).pw_dir, "course")
SERVICE = "backprop"
REFRESH_SECONDS = 60  # twice that after an assistant has left the group, the course is closed to them


class GroupsOfTheSystem(PAMAuthenticator):
    """PAM accounts, which have in the hub the groups that they have on the machine, now and not once."""

    async def authenticate(self, handler, data):
        name = await super().authenticate(handler, data)
        return name and {"name": name, "groups": groups(name)}

    async def refresh_user(self, user, handler=None):
        """Who has lost both groups, or the account, is logged out."""
        held = groups(user.name)
        return {"groups": held} if held else False


def groups(name):
    """Which of the course's two groups the account is in."""
    try:
        held = os.getgrouplist(name, pwd.getpwnam(name).pw_gid)
    except KeyError:
        return []
    return [group for group in (LEARNERS, INSTRUCTORS) if grp.getgrnam(group).gr_gid in held]


def first_page(handler):
    """Instructors begin at the course, learners on their own server."""
    user = handler.current_user
    return f"/services/{SERVICE}/lab" if user and INSTRUCTORS in groups(user.name) else ""


def environment(who, **more):
    """Variables of a server: the settings of `who`, one thread for torch, as cores are shared by many."""
    settings = os.pathsep.join(str(HERE / ".jupyter" / part) for part in (who, ""))
    path = os.pathsep.join([str(BIN), "/usr/local/bin:/usr/bin:/bin"])
    return {
        "JUPYTER_CONFIG_PATH": settings,
        "NBGRADER_EXCHANGE": EXCHANGE,
        "OMP_NUM_THREADS": "1",
        "PATH": path,
        **more,
    }


c = get_config()  # noqa: F821  traitlets defines it where it runs this file

# What goes to other machines is TLS: a web server in front, or JupyterHub.ssl_key and ssl_cert.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.ConfigurableHTTPProxy.command = [str(BIN.parent / "node_modules" / ".bin" / "configurable-http-proxy")]

c.JupyterHub.authenticator_class = GroupsOfTheSystem
c.Authenticator.manage_groups = True
c.Authenticator.auth_refresh_age = REFRESH_SECONDS
c.Authenticator.auth_refresh_strict = True  # the course's server asks with a token: it counts no longer
c.LocalAuthenticator.allowed_groups = {LEARNERS, INSTRUCTORS}
c.JupyterHub.default_url = first_page

c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.environment = environment("learner")
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # at the beginning of a lesson all start at once

gradebook = {name: os.environ[name] for name in ("GRADEBOOK_URL",) if name in os.environ}
c.JupyterHub.services = [
    {
        "name": SERVICE,
        "url": "http://127.0.0.1:8002",
        "command": [str(BIN / "jupyterhub-singleuser"), f"--HubOAuth.cache_max_age={REFRESH_SECONDS}"],
        "user": ACCOUNT,
        "cwd": str(COURSE),
        "timeout": 120,  # the hub ends when the server is not there by then
        "environment": environment("hub-instructor", JUPYTERHUB_DEFAULT_URL="/lab", **gradebook),
        "oauth_no_confirm": True,
    },
    {
        "name": "idle-culler",  # ends learners' idle servers; the course's server is none of them
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE_SECONDS}"],
    },
]
c.JupyterHub.load_roles = [
    {
        "name": "instructor",
        "groups": [INSTRUCTORS],
        "scopes": [f"access:services!service={SERVICE}"],
    },
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    },
]

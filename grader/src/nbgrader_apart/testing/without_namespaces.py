"""Runs a command where new user namespaces are refused, for tests of what grading says there.

`python -m nbgrader_apart.testing.without_namespaces filter|limit COMMAND…`: "filter" is a seccomp filter that
answers as Docker's does; "limit" a user namespace in which no more of them may be made.
"""

import errno
import os
import sys
from pathlib import Path

import pyseccomp

from nbgrader_apart.inside.system_calls import system_call
from nbgrader_apart.processes.namespaces import USER

MAPPED = 65536  # users that root maps


def filter_calls() -> None:
    """Answer EPERM to a new user namespace, in this process and its children."""
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("unshare", "clone"):
        rules.add_rule(pyseccomp.ERRNO(errno.EPERM), name, pyseccomp.Arg(0, pyseccomp.MASKED_EQ, USER, USER))
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie where no filter can read them
    rules.load()


def limit_number() -> None:
    """Enter a user namespace with the same users, in which none can be made."""
    inside, entered = os.pipe()
    if (mapper := os.fork()) == 0:  # stays outside, where it may map other users
        os.read(inside, 1)
        map_users(os.getppid())
        os._exit(0)
    system_call("unshare", USER)
    os.write(entered, b"1")
    os.waitpid(mapper, 0)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def map_users(pid: int) -> None:
    """Map the users and groups of the process to the same ones outside."""
    count = MAPPED if os.getuid() == 0 else 1
    folder = Path(f"/proc/{pid}")
    if os.getuid():
        (folder / "setgroups").write_text("deny")
    first = {"uid_map": os.getuid(), "gid_map": os.getgid()}
    for name, number in first.items():
        (folder / name).write_text(f"{number} {number} {count}")


if __name__ == "__main__":
    if sys.argv[1] == "filter":
        filter_calls()
    else:
        limit_number()
    os.execvp(sys.argv[2], sys.argv[2:])

"""Lets a fork walk into a sandbox that bubblewrap has built, and leaves its rights outside.

Python 3.11 has no `setns` of its own, so the four calls of the operating system go through ctypes.
"""

import ctypes
import fcntl
import os
import signal
from pathlib import Path

USER, REST = 0x10000000, 0x20000000 | 0x40000000 | 0x00020000 | 0x08000000 | 0x04000000 | 0x02000000
PARENT_NAMESPACE = 0xB702  # ioctl NS_GET_PARENT
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
CAPABILITIES_VERSION = 0x20080522
LIBC = ctypes.CDLL(None, use_errno=True)


def system_call(name, *arguments):
    """Call a function of the C library. Raises OSError."""
    if getattr(LIBC, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def set_process(option, value):
    """prctl(2) with one value."""
    system_call("prctl", option, value, 0, 0, 0)


def die_with_parent():
    """The kernel of the operating system kills this process when its parent ends."""
    set_process(PR_SET_PDEATHSIG, signal.SIGKILL)


def enter(pid):
    """Enter all namespaces of the process `pid`, PID 1 of a sandbox; the next fork is inside.

    Returns a function that the fork calls to give up its rights for good. Root keeps them until then; for
    anybody else they end at the sandbox's own user namespace. Needs a single thread. Raises OSError.
    """
    inside = os.pidfd_open(pid)
    if os.getuid() == 0:
        system_call("setns", inside, REST)
        return leave_root
    innermost = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY)
    system_call("setns", fcntl.ioctl(innermost, PARENT_NAMESPACE), USER)  # it owns the other namespaces
    system_call("setns", inside, REST)

    def leave():
        system_call("setns", innermost, USER)
        drop_capabilities()

    return leave


def leave_root(nobody=65534):
    """Root becomes `nobody` in a user namespace of its own."""
    os.setgroups([])
    os.setresgid(nobody, nobody, nobody)
    os.setresuid(nobody, nobody, nobody)
    set_process(PR_SET_DUMPABLE, 1)  # or /proc/self would stay root's
    system_call("unshare", USER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{nobody} {nobody} 1")
    Path("/proc/self/gid_map").write_text(f"{nobody} {nobody} 1")
    drop_capabilities()


def drop_capabilities():
    """No capability now, and none to be had by executing anything."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        set_process(PR_CAPBSET_DROP, capability)
    system_call("capset", (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0), (ctypes.c_uint32 * 6)())
    set_process(PR_SET_NO_NEW_PRIVS, 1)

"""The last steps into the sandbox, for warm and cold kernels alike: privileges are dropped for good."""

import ctypes
import errno
import os
from pathlib import Path

import pyseccomp

from nbgrader_apart.inside import seccomp_filter
from nbgrader_apart.inside.system_calls import set_process, system_call

MEMORY = "/learner"  # bubblewrap's only writable tmpfs: the learner's home, /tmp and /dev/shm are its folders
INODES_PER_MB = 256  # one for each page
QUEUE = 131072  # bytes that wait in a TCP socket, each way
NOBODY = 65534

MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND = 2, 4, 32, 4096
CLONE_NEWUSER = 0x10000000
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 24, 38
CAPABILITIES_VERSION = 0x20080522
KEYCTL_JOIN_SESSION_KEYRING = 1


def confine(disk_mb: int) -> None:
    """Drop every privilege that a learner's code must not have. Needs a single thread. Raises OSError.

    The caller is in the sandbox's namespaces and may mount there.
    """
    share_memory(disk_mb)
    for direction in ("rmem", "wmem"):  # a queue that does not grow
        Path(f"/proc/sys/net/ipv4/tcp_{direction}").write_text(f"4096 {QUEUE} {QUEUE}")
    become_nobody()
    leave_keyring()
    drop_capabilities()
    seccomp_filter.load()


def share_memory(disk_mb: int) -> None:
    """One budget of bytes and of files for everything that can be written."""
    options = f"size={disk_mb}m,nr_inodes={disk_mb * INODES_PER_MB}".encode()
    system_call("mount", None, MEMORY.encode(), None, MS_REMOUNT | MS_NOSUID | MS_NODEV, options)
    system_call("mount", f"{MEMORY}/shm".encode(), b"/dev/shm", None, MS_BIND, None)


def become_nobody() -> None:
    """Become an unprivileged user in a new user namespace, in which no further ones can be made.

    Other processes of the sandbox are in another one, out of reach of ptrace(2) and /proc/PID/mem.
    """
    users = Path("/proc/self/uid_map").read_text().split()[2]
    if users != "1":  # the host's root; otherwise root is mapped to the ordinary user
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        set_process(PR_SET_DUMPABLE, 1)  # else /proc/self would still belong to root
    user, group = os.getuid(), os.getgid()
    system_call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def leave_keyring() -> None:
    """Join a new session keyring, unless this host refuses keyrings to every process in the sandbox."""
    keyctl = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "keyctl")
    try:
        system_call("syscall", keyctl, KEYCTL_JOIN_SESSION_KEYRING, None)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS):
            raise


def drop_capabilities() -> None:
    """Drop every capability, and the ways to gain one by executing a program."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    for capability in range(last + 1):
        set_process(PR_CAPBSET_DROP, capability)
    system_call("capset", (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0), (ctypes.c_uint32 * 6)())
    set_process(PR_SET_NO_NEW_PRIVS, 1)


if __name__ == "__main__":  # a trial
    confine(disk_mb=1)

"""The sandbox's seccomp filter, made by libseccomp: the system calls that no notebook needs are refused."""

import ctypes
import errno
import os

import pyseccomp
from pyseccomp import EQ, ERRNO, GE, GT, MASKED_EQ, Arg

from nbgrader_apart.inside.system_calls import system_call

REFUSED = (
    # keyrings: those of the instructor, and a channel to other learners
    "add_key", "request_key", "keyctl",
    # large and often broken interfaces of the operating system
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "io_setup", "fanotify_init", "modify_ldt",
    # memory that no limit of the sandbox counts
    "memfd_create", "memfd_secret", "shmget", "semget", "msgget", "mq_open", "vmsplice",
    # namespaces and mounts
    "unshare", "setns", "chroot", "pivot_root", "mount", "umount2", "mount_setattr", "move_mount",
    "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "name_to_handle_at", "open_by_handle_at",
    # other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    "personality",
    # the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon",
    "swapoff", "quotactl", "quotactl_fd", "acct", "syslog", "vhangup", "settimeofday", "clock_settime",
    "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm",
)  # fmt: skip
# as if the system were older: no filter can inspect clone3's flags in memory; the rest are newer calls
MISSING = ("clone3", *range(453, 512))
NEW_NAMESPACES = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)  # CLONE_NEW*
FAMILIES, MORE = (1, 2, 10), 64  # AF_UNIX, AF_INET and AF_INET6, out of so many
NETLINK = 16  # ZeroMQ does without it where it is not supported, and aborts at any other error
UDP = 17  # the highest protocol allowed: others would load modules of the operating system
SOL_SOCKET, SO_SNDBUF, SO_RCVBUF = 1, 7, 8
SHARED_ANONYMOUS = 0x01 | 0x20  # MAP_SHARED and MAP_ANONYMOUS
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
INSTRUCTION = 8  # bytes of a struct sock_filter


class Program(ctypes.Structure):
    """The operating system's struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def build_filter() -> pyseccomp.SyscallFilter:
    """Build the filter. Raises OSError."""
    filter = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    filter.set_attr(pyseccomp.Attr.ACT_BADARCH, ERRNO(errno.ENOSYS))  # programs of 32 bits
    filter.set_attr(pyseccomp.Attr.CTL_OPTIMIZE, 2)  # a binary tree
    for name in REFUSED:
        filter.add_rule(ERRNO(errno.EPERM), name)
    for name in MISSING:
        filter.add_rule(ERRNO(errno.ENOSYS), name)
    for flag in NEW_NAMESPACES:
        filter.add_rule(ERRNO(errno.EPERM), "clone", Arg(0, MASKED_EQ, flag, flag))
    for call in ("socket", "socketpair"):
        for family in set(range(MORE)).difference(FAMILIES):
            refusal = errno.EOPNOTSUPP if family == NETLINK else errno.EAFNOSUPPORT
            filter.add_rule(ERRNO(refusal), call, Arg(0, EQ, family))
        filter.add_rule(ERRNO(errno.EAFNOSUPPORT), call, Arg(0, GE, MORE))
        filter.add_rule(ERRNO(errno.EPROTONOSUPPORT), call, Arg(2, GT, UDP))
    for option in SO_SNDBUF, SO_RCVBUF:  # pretend success: sockets are charged by their number
        filter.add_rule(ERRNO(0), "setsockopt", Arg(1, EQ, SOL_SOCKET), Arg(2, EQ, option))
    # pages of a shared mapping outlive the mapping; only files, which are counted, may be shared
    shared = Arg(3, MASKED_EQ, SHARED_ANONYMOUS, SHARED_ANONYMOUS)
    filter.add_rule(ERRNO(errno.ENOMEM), "mmap", shared)
    return filter


def compiled(filter: pyseccomp.SyscallFilter) -> Program:
    """The filter as the operating system takes it. Raises OSError."""
    with os.fdopen(os.memfd_create("filter"), "w+b") as file:
        filter.export_bpf(file)
        file.seek(0)
        instructions = file.read()
    return Program(len(instructions) // INSTRUCTION, instructions)


FILTER = compiled(build_filter())  # once, before the forks: it takes as long as all the rest of entering


def load() -> None:
    """Put this process and its descendants under the filter for good. Raises OSError.

    It needs PR_SET_NO_NEW_PRIVS.
    """
    system_call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(FILTER), 0, 0)

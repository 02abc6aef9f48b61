"""What a learner's code finds shut, in a warm and in a cold kernel, for root and for an ordinary user."""

import ctypes
import errno
import platform
import subprocess
import sys
from pathlib import Path

import pyseccomp
import pytest

from nbgrader_apart.inside import seccomp_filter
from nbgrader_apart.inside.confine import KEYCTL_JOIN_SESSION_KEYRING
from nbgrader_apart.processes import sandbox
from support.cells_in_kernel import names, printed, run

pytestmark = pytest.mark.slow

SESSION_KEYRING = -3
ASK = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def ask(number, *arguments):
    libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments))
    return ctypes.get_errno()
"""
KEYRING = f"""
from types import SimpleNamespace
from nbgrader_apart.inside import confine, system_calls
keyctl, read = {pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "keyctl")}, system_calls.LIBC.syscall
size = read(keyctl, 11, -3, None, 0)
confine.seccomp_filter = SimpleNamespace(load=lambda: None)
confine.confine(1)
after = read(keyctl, 11, -3, None, 0)
print(size, "bytes before,", after, "after")
"""
SHOW_SOCKETS = """
import socket
def refused(*arguments):
    try:
        socket.socket(*arguments).close()
    except OSError as error:
        return error.errno
"""
# mov eax, 20; int 0x80; cdqe; ret: getpid() of a program of 32 bits
OLD_PROGRAM = """
import ctypes, mmap
code = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=7)
code.write(bytes.fromhex("b814000000cd804898c3"))
address = ctypes.addressof(ctypes.c_char.from_buffer(code))
print(ctypes.CFUNCTYPE(ctypes.c_long)(address)())
"""


def number(name):
    return name if isinstance(name, int) else pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)


def processes(learners):
    """{PID in the sandbox: its /proc/PID/status}"""
    inside = Path(learners.watch.root, "proc")
    found = {}
    for folder in inside.iterdir():
        if folder.name.isdigit():
            lines = (folder / "status").read_text().splitlines()
            found[int(folder.name)] = dict(line.split(":\t") for line in lines if ":\t" in line)
    return found


def test_no_process_has_a_capability(learners):
    found = processes(learners)
    assert len(found) >= 2  # PID 1 and the kernel
    for status in found.values():
        held = {name: status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
        assert {int(value, 16) for value in held.values()} == {0}, (status["Name"], held)
        assert status["NoNewPrivs"] == "1"
    assert {status["Seccomp"] for status in found.values() if "python" in status["Name"]} == {"2"}


def test_the_kernel_is_nobody_who_can_have_no_namespace(learners):
    assert printed(learners, "import os\nprint(*os.getresuid(), *os.getresgid())").split() == ["65534"] * 6
    assert printed(learners, "print(open('/proc/sys/user/max_user_namespaces').read())").strip() == "0"
    assert "Operation not permitted" in printed(learners, "!unshare --user true")


def test_the_session_keyring_is_a_new_one():
    """Asked where the last step, the filter, is left out: behind it nobody can ask."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.syscall(number("keyctl"), KEYCTL_JOIN_SESSION_KEYRING, None) > 0  # of this process only
    assert libc.syscall(number("add_key"), b"user", b"grading-canary", b"secret", 6, SESSION_KEYRING) > 0
    folder = str(sandbox.PACKAGE / "inside")
    confined = sandbox.command(folder, folder, {"disk_mb": 1}, sandbox.CONFINING)
    seen = subprocess.run([*confined, sys.executable, "-c", KEYRING], capture_output=True, text=True)
    assert (seen.stdout, seen.stderr) == ("4 bytes before, 0 after\n", "")


@pytest.mark.parametrize("name", ["keys", "key-users"])
def test_keys_are_not_listed(learners, name):
    assert names(run(learners, f"open('/proc/{name}').read()")) == ["PermissionError"]


@pytest.mark.parametrize(
    ("calls", "answer"), [(seccomp_filter.REFUSED, errno.EPERM), (seccomp_filter.MISSING, errno.ENOSYS)]
)
def test_what_no_notebook_needs_is_refused(learners, calls, answer):
    known = [call for call in calls if number(call) >= 0]
    assert len(known) > len(calls) * 0.9  # a few are of other processors
    code = f"{ASK}\nprint(*[ask(number, *[-1] * 6) for number in {[*map(number, known)]}])"
    seen = dict(zip(known, map(int, printed(learners, code).split()), strict=True))
    assert seen == dict.fromkeys(known, answer)


@pytest.mark.parametrize("flag", seccomp_filter.NEW_NAMESPACES)
def test_a_process_in_a_new_namespace_is_refused(learners, flag):
    code = f"{ASK}\nprint(ask({number('clone')}, {flag}, 0, 0, 0, 0))"
    assert printed(learners, code) == f"{errno.EPERM}\n"


def test_sockets_are_of_three_families(learners):
    code = f"{SHOW_SOCKETS}\nprint([n for n in range(50) if refused(n, socket.SOCK_DGRAM) is None])"
    assert printed(learners, code) == f"{list(seccomp_filter.FAMILIES)}\n"
    refusals = dict.fromkeys(("AF_VSOCK", "AF_PACKET", "AF_ALG"), errno.EAFNOSUPPORT)
    for family, refusal in (refusals | {"AF_NETLINK": errno.EOPNOTSUPP}).items():
        code = f"{SHOW_SOCKETS}\nprint(refused(socket.{family}, socket.SOCK_RAW))"
        assert printed(learners, code) == f"{refusal}\n"
    sctp = f"{SHOW_SOCKETS}\nprint(refused(socket.AF_INET, socket.SOCK_STREAM, 132))"
    assert printed(learners, sctp) == f"{errno.EPROTONOSUPPORT}\n"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="only this processor has them")
def test_programs_of_another_architecture_are_refused(learners):
    if subprocess.run([sys.executable, "-c", OLD_PROGRAM], capture_output=True).returncode:
        pytest.skip("this operating system runs none")
    assert printed(learners, OLD_PROGRAM) == f"{-errno.ENOSYS}\n"


def test_the_memory_of_processes_without_a_filter_is_out_of_reach(learners):
    kernel = int(printed(learners, "import os\nprint(os.getpid())"))
    others = [pid for pid, status in processes(learners).items() if status["Seccomp"] == "0"]
    assert 1 in others
    assert kernel not in others
    for pid in others:
        assert names(run(learners, f"open('/proc/{pid}/mem', 'rb+')")) == ["PermissionError"]
        assert names(run(learners, f"open('/proc/{pid}/environ')")) == ["PermissionError"]


def test_the_filter_cannot_be_left_by_another_program(learners):
    seen = printed(learners, "!grep '^CapBnd:' /proc/self/status; grep '^Seccomp:' /proc/self/status")
    assert seen.split() == ["CapBnd:", "0" * 16, "Seccomp:", "2"]


def test_nothing_but_the_learner_s_folders_can_be_written(learners):
    for folder in ("/", "/dev", "/etc", "/opt", "/stage", "/usr", sys.prefix):
        cell = run(learners, f"open('{folder}/planted', 'w')")
        assert names(cell)[0] in ("OSError", "PermissionError", "FileNotFoundError"), folder
    for folder in ("/learner/home", "/tmp", "/dev/shm"):
        assert printed(learners, f"print(open('{folder}/mine', 'w').write('7'))") == "1\n"


def test_names_of_users_and_hosts_are_the_sandboxs_own(learners):
    named = "*sorted(os.listdir('/etc')), socket.gethostname(), *[one.pw_name for one in pwd.getpwall()]"
    seen = printed(learners, f"import os, pwd, socket\nprint({named})").split()
    bound = {"fonts", "ld.so.cache", "localtime"}  # of the machine, read-only
    assert [name for name in seen if name not in bound] == [
        "group", "hosts", "nsswitch.conf", "passwd", "notebook", "root", "learner",
    ]  # fmt: skip
    assert printed(learners, "print(*socket.gethostbyname_ex('localhost')[2])") == "127.0.0.1\n"

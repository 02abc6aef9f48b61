"""What a sandbox may take of the machine: memory of every kind, bytes and files on its disk."""

import os
import time

import pytest

from nbgrader_apart.messages import text
from support.cells_in_kernel import names, printed, run

pytestmark = pytest.mark.slow

MEMORY, DISK = 400, 16  # megabytes
FILES = "open('/dev/shm/a', 'wb').write(bytes(30 << 20)); open('/tmp/b', 'wb').write(bytes(30 << 20))"
PRIVATE = "kept = bytearray(b'x') * ({} << 20)"
MANY = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1 << 20) * 150)
        time.sleep(20)
        os._exit(0)
"""
# one page of each two megabytes: the pages are all the same one, their tables are not
TABLES = """
import mmap
size = 300 << 30
sparse = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | 0x4000, prot=mmap.PROT_READ)
sparse.madvise(mmap.MADV_NOHUGEPAGE)
for start in range(0, size, 2 << 20):
    sparse[start]
"""
SOCKETS = """
import socket
kept = [socket.socket() for _ in range(900)]
"""
STOPPED = {
    "files": f"{FILES}\n{PRIVATE.format(335)}",
    "processes": MANY,
    "tables": TABLES,
    "sockets": SOCKETS,
}
UNCOUNTED = {
    "a shared mapping": "import mmap\nmmap.mmap(-1, 4096)",
    "the zeros": "import mmap\nmmap.mmap(open('/dev/zero', 'rb+').fileno(), 4096)",
    "a file without a place": "import os\nos.memfd_create('x')",
    "an old segment": "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.shmget(0, 4096, 0o1600) < 0: raise OSError(ctypes.get_errno(), 'shmget')",
    "a set of semaphores": "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.semget(0, 32000, 0o1600) < 0: raise OSError(ctypes.get_errno(), 'semget')",
}
QUEUES = """
import socket
def waiting(one, other):
    for end, option in (one, socket.SO_SNDBUF), (other, socket.SO_RCVBUF):
        end.setsockopt(socket.SOL_SOCKET, option, 1 << 30)
    one.setblocking(False)
    sent = 0
    try:
        while True:
            sent += one.send(bytes(1 << 16))
    except BlockingIOError:
        return sent
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
print(waiting(*socket.socketpair()), waiting(client, server.accept()[0]))
"""
FILL = """
import errno
def fill(path):
    written = 0
    with open(path, "wb", buffering=0) as file:
        try:
            while written < 100 << 20:
                written += file.write(bytes(1 << 16))
        except OSError as error:
            assert error.errno == errno.ENOSPC
    return written
print(sum(map(fill, ("/learner/home/a", "/tmp/b", "/dev/shm/c"))))
"""
MAKE_FILES = """
import errno
made = 0
try:
    for folder in ("/learner/home", "/tmp", "/dev/shm"):
        for number in range(10_000):
            open(f"{folder}/{number}", "x").close()
            made += 1
except OSError as error:
    assert error.errno == errno.ENOSPC
print(made)
"""
FORKS = """
import multiprocessing, time
kept = bytearray(b"x") * (100 << 20)
def use(seconds, write):
    if write:
        kept[::4096] = b"y" * len(kept[::4096])
    time.sleep(seconds)
workers = [multiprocessing.Process(target=use, args=({})) for _ in range(8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
"""
MAPPINGS = """
import mmap
kept = [mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE, prot=1 + number % 2 * 2) for number in range(50_000)]
print(len(open("/proc/self/maps").readlines()))
"""


@pytest.fixture(params=[True, False], ids=["warm", "cold"])
def small(request, start):
    return start(warm=request.param, memory_mb=MEMORY, disk_mb=256, file_mb=200, cell_seconds=60)


@pytest.mark.parametrize("kind", STOPPED)
def test_a_notebook_that_takes_too_much_memory_is_stopped(small, kind):
    run(small, STOPPED[kind])
    run(small, "import time\ntime.sleep(3)")
    assert small.stopped == text("run.memory", limit=MEMORY)


def test_what_is_below_the_budget_is_not(small):
    run(small, f"{FILES}\n{PRIVATE.format(200)}\nimport socket\nends = [socket.socket() for _ in range(50)]")
    assert names(run(small, "import time\ntime.sleep(1)\n'done'")) == ["execute_result"]
    assert MEMORY > small.watch.used_memory() >> 20 > 260
    run(small, "import os\ndel kept\nos.remove('/dev/shm/a')")
    assert 30 < small.watch.used_memory() >> 20 < 150


def test_what_forks_have_together_counts_once(small):
    assert names(run(small, FORKS.format("2, False"))) == []
    assert not small.stopped
    run(small, FORKS.format("5, True"))
    assert small.stopped == text("run.memory", limit=MEMORY)


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is hidden from root")
def test_forks_that_hide_what_they_have_together_are_counted_each(start):
    learners = start(memory_mb=MEMORY)
    run(learners, "import ctypes\nctypes.CDLL(None).prctl(4, 0)\n" + FORKS.format("5, False"))
    assert learners.stopped == text("run.memory", limit=MEMORY)


@pytest.mark.parametrize("kind", UNCOUNTED)
def test_memory_that_cannot_be_counted_is_refused(learners, kind):
    assert names(run(learners, UNCOUNTED[kind]))[0] in ("OSError", "PermissionError")


def test_little_waits_in_a_socket(learners):
    assert all(0 < int(waiting) < 400_000 for waiting in printed(learners, QUEUES).split())


@pytest.mark.parametrize("warm", [True, False])
def test_home_and_temporary_files_and_shared_memory_share_one_disk(start, warm):
    learners = start(warm=warm, disk_mb=DISK)
    assert (DISK - 1) << 20 < int(printed(learners, FILL)) <= DISK << 20
    run(learners, "import os\nfor path in ('a', '/tmp/b', '/dev/shm/c'):\n    os.remove(path)")
    assert 1000 < int(printed(learners, MAKE_FILES)) <= DISK * 256


def test_many_mappings_do_not_make_the_watch_dearer(start):
    learners = start()

    def cost():
        started = time.thread_time()
        for _ in range(200):
            learners.watch.used_memory()
        return time.thread_time() - started

    before = cost()
    assert int(printed(learners, MAPPINGS)) > 50_000
    assert cost() < 3 * before

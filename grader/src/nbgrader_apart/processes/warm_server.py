"""The warm process itself. It never runs a line of a learner's code or of a test: only its forks do.

Started as `python -m nbgrader_apart.processes.warm_server DESCRIPTOR PARENT`. The first message there says
how to warm up; each later one is a JSON object with descriptors, to be served by a fork.
"""

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
from typing import Any

from nbgrader_apart.inside import shell
from nbgrader_apart.inside.system_calls import die_with_parent, use_huge_pages
from nbgrader_apart.processes.failed import words
from nbgrader_apart.startup import without_address_parser, without_collections

LARGEST = 1 << 20
STDERR = 2  # a file opened for appending: when this process has failed, it holds the reason
DESCRIPTORS = 4
IGNORED = signal.SIGTERM, signal.SIGHUP  # the grader gets them too and closes the connection
RARELY = 20_000, 20, 100  # thresholds of garbage collection: a fork lives for seconds

REPORTS: dict[int, int] = {}  # {PID of a fork: where to write how it has ended}


def reap_children(*_: object) -> None:
    """Wait for the forks that have ended, so that their CPU time counts as the grader's, and report how."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            if report := REPORTS.pop(pid, None):  # else the warm-up has started it
                say(report, b"\0%d" % os.waitstatus_to_exitcode(status))
                os.close(report)


def say(report: int, said: bytes) -> None:
    """Write to a fork's report, which may be closed by now."""
    with contextlib.suppress(BrokenPipeError):
        os.write(report, said)


def warm(code: str, packages: str, shipped: list[str], modules: list[str], scratch: str) -> None:
    """Import and run once what forks need: `modules` are those whose function `forked` serves a job.

    `scratch` is for temporary files: the grader removes it.
    """
    tempfile.tempdir = scratch
    for name in modules:
        importlib.import_module(name)
    exec(compile(code, "c.Grading.warm_up", "exec"), {"__name__": "warm_up"})
    shell.prepare()  # a shipped package may look for the shell when it is imported
    sys.path.insert(0, packages)
    for name in shipped:
        importlib.import_module(name)
    shell.rehearse()


def serve(requests: socket.socket) -> None:
    """Fork for each request until the other side closes. If the warm-up fails, report that to each."""
    problem = b""
    try:
        with without_collections():  # forks share what is there for as long as no collection touches it
            warm(**json.loads(requests.recv(LARGEST)))
    except BaseException as error:
        problem = words(error).encode()
    use_huge_pages()
    os.ftruncate(STDERR, 0)  # warnings are not failures
    gc.set_threshold(*RARELY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, LARGEST, DESCRIPTORS)
        if not message:
            return
        *given, report = descriptors
        if problem:
            say(report, problem)
            os.close(report)
        else:
            fork(requests, json.loads(message), descriptors)
        for number in given:
            os.close(number)


def fork(requests: socket.socket, job: dict[str, Any], descriptors: list[int]) -> None:
    """Let a fork serve the job; remember the last descriptor, its report, until it has ended."""
    this = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])  # it may end before it is in REPORTS
    if (pid := os.fork()) == 0:
        die_with_parent(this)
        for number in (signal.SIGCHLD, *IGNORED):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        requests.close()
        for other in REPORTS.values():
            os.close(other)
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDERR)  # the failure of a fork is in its report
        try:
            sys.modules[job.pop("fork")].forked(job, *descriptors)
        except BaseException as error:
            say(descriptors[-1], words(error).encode())
            os._exit(1)
        os._exit(0)
    REPORTS[pid] = descriptors[-1]
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


if __name__ == "__main__":
    faulthandler.enable()
    descriptor, parent = map(int, sys.argv[1:])
    die_with_parent(parent)
    signal.signal(signal.SIGCHLD, reap_children)
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    without_address_parser()
    serve(socket.socket(fileno=descriptor))

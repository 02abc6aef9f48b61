"""The warm process itself. It never runs a line of a learner's code or of a test: only its forks do.

Started by client.py as `python -m grading.warm.server DESCRIPTOR`. The first message on the descriptor says
how to warm up; each later one is a JSON object with descriptors, to be served by a fork.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys

from ..judge import cells
from ..run.inside import kernel, shell
from ..startup import without_address_parser
from .namespaces import die_with_parent

LARGEST = 1 << 20
DESCRIPTORS = 4
RARELY = 20_000, 20, 100  # new objects before a fork collects garbage: it lives for seconds


def judge(job, *descriptors):
    """A judge is no notebook: what a test displays is printed."""
    shell.Shell.clear_instance()
    cells.judge(job, *descriptors)


FORKS = {"judge": judge, "kernel": kernel.forked}


def bury(*_):
    """Wait for the forks that have ended: their CPU time counts as the grader's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def serve(requests):
    """Fork for each request until the other side closes."""
    warm_up = json.loads(requests.recv(LARGEST))
    exec(compile(warm_up["code"], "<c.Grading.warm_up>", "exec"), {"__name__": "warm_up"})
    sys.path.insert(0, warm_up["packages"])
    for name in warm_up["shipped"]:
        importlib.import_module(name)
    shell.prepare()
    gc.freeze()  # forks share these objects for as long as no collection touches them
    gc.set_threshold(*RARELY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, LARGEST, DESCRIPTORS)
        if not message:
            return
        job = json.loads(message)
        if os.fork() == 0:
            die_with_parent()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            FORKS[job.pop("fork")](job, *descriptors)
            os._exit(0)
        for number in descriptors:
            os.close(number)


if __name__ == "__main__":
    die_with_parent()
    signal.signal(signal.SIGCHLD, bury)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then closes its end
    without_address_parser()
    serve(socket.socket(fileno=int(sys.argv[1])))

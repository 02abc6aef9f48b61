"""The warm judge: a process that has imported what tests need and forks a judge for every notebook.

Started by session.py as `python -m grading.judge.server DESCRIPTOR`. Each message on the descriptor is a JSON
object (what to judge) with two descriptors: the control channel and the wire to the sandbox.
"""

import ctypes
import importlib
import json
import os
import signal
import socket
import sys

from . import cells

PR_SET_PDEATHSIG = 1
LARGEST = 1 << 20


def die_with_parent():
    """The kernel of the operating system kills this process when its parent ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(requests):
    """Fork a judge for each request until the other side closes."""
    for name in json.loads(requests.recv(LARGEST)):
        importlib.import_module(name)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, LARGEST, 2)
        if not message:
            return
        if os.fork() == 0:
            die_with_parent()
            requests.close()
            cells.judge(json.loads(message), *(socket.socket(fileno=number) for number in descriptors))
            os._exit(0)
        for number in descriptors:
            os.close(number)


if __name__ == "__main__":
    die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    serve(socket.socket(fileno=int(sys.argv[1])))

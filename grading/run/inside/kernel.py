"""Starts the learner's kernel in the sandbox: limits first, then ipykernel with the judge's bridge.

Arguments: a JSON object with `bridge` (descriptor), `shipped` (package names) and `limits`, then ipykernel's.
"""

import json
import resource
import shutil
import socket
import sys
from pathlib import Path

STAGE, WORK = "/stage", "/home/learner"


def set_limits(limits):
    """Soft and hard limits that the kernel and its children cannot raise again."""
    megabyte = 1 << 20
    for name, value in [
        ("DATA", limits["memory_mb"] * megabyte),
        ("FSIZE", limits["file_mb"] * megabyte),
        ("NPROC", limits["processes"]),
        ("CORE", 0),
        ("NOFILE", 1024),
    ]:
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def main():
    """Limit this process, copy the files, be a kernel."""
    setup = json.loads(sys.argv[1])
    if setup["sandboxed"]:
        set_limits(setup["limits"])
        for path in Path(STAGE).iterdir():
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, Path(WORK, path.name))
    sys.argv[1:2] = []

    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from tornado.ioloop import IOLoop

    from grading.border.wire import Wire
    from grading.run.inside.bridge import Bridge

    wire = Wire(socket.socket(fileno=setup["bridge"]), setup["limits"]["message_mb"] << 20)

    class LearnersKernel(IPythonKernel):
        """An ordinary kernel whose idle event loop also serves the judge."""

        def start(self):
            super().start()
            bridge = Bridge(wire, self.shell.user_ns, setup["shipped"])
            IOLoop.current().asyncio_loop.add_reader(wire.sock.fileno(), bridge.ready)

    IPKernelApp.launch_instance(kernel_class=LearnersKernel)


if __name__ == "__main__":
    main()

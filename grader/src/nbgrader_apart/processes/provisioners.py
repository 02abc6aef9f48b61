"""Jupyter's provisioner interface: start the kernel inside the sandbox, and end all of it."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from select import PIPE_BUF
from subprocess import PIPE, Popen
from typing import Any

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Instance, List, Unicode

from nbgrader_apart.messages import text
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.processes import sandbox
from nbgrader_apart.processes.failed import PARTING, reason
from nbgrader_apart.processes.warm_process import Fork, WarmProcess

PIPE_SIZE = 1 << 16  # the capacity of a pipe
READY = ["sh", "-c", "echo; exec cat"]  # ends when its standard input does


class SandboxProvisioner(LocalProvisioner):
    """A local kernel with bubblewrap around it. It speaks over `wires` instead of jupyter's sockets.

    `process` is bubblewrap; when it ends, everything in the sandbox ends. Subclasses say how a kernel enters.
    """

    process: Popen[bytes] | None  # type: ignore[assignment]  # LocalProvisioner annotates neither
    pid: int  # type: ignore[assignment]
    setup = Dict(help="What nbgrader_apart.inside.entry is told.")
    stage = Unicode(help="The folder with the learner's files.")
    shipped = Instance(Shipped)
    wires: List = List(
        help="The kernel's ends of two socket pairs: for the grader's cells, for the judge's questions."
    )

    def first_pid(self) -> int:
        """The PID of the sandbox's first process, without a sandbox the kernel's."""
        raise NotImplementedError

    def kernel_pid(self) -> int:
        """The PID of the kernel, once it has started."""
        raise NotImplementedError

    async def wait(self) -> int:
        """Like LocalProvisioner's, without its steps of 0.1 s: the process has been killed."""
        code = self.process.wait() if self.process else 0
        self.close_report()
        self.process = None
        return code

    def failure_reason(self) -> str:
        """Why the kernel has not started: what `process` has written, or how it ended."""
        assert self.process
        assert self.process.stderr
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PARTING)
        self.process.kill()  # or reading may wait for ever
        return reason(self.process.stderr.read(PIPE_SIZE), self.process.wait())

    def close_report(self) -> None:
        """Stop reading the sandbox's standard error, once the kernel has started."""
        if self.process and self.process.stderr:
            self.process.stderr.close()

    def confined(self, capabilities: Iterable[str] = ()) -> list[str]:
        """The bubblewrap command line for the kernel that is being launched."""
        return sandbox.command(self.stage, self.shipped.folder, self.setup["limits"], capabilities)

    def hand_over(self) -> None:
        """The kernel has its ends of the wires: close these."""
        for wire in self.wires:
            wire.close()


class ColdProvisioner(SandboxProvisioner):
    """A new Python in the sandbox, which imports everything anew."""

    async def launch_kernel(self, cmd: Iterable[str] = (), **kwargs: Any) -> KernelConnectionInfo:
        """Start it; the arguments are jupyter's and not needed."""
        cells, bridge = descriptors = [wire.fileno() for wire in self.wires]
        setup = json.dumps({**self.setup, "cells": cells, "bridge": bridge})
        command = [sys.executable, "-m", "nbgrader_apart.inside.entry", setup]
        if self.setup["sandboxed"]:
            command = [*self.confined(sandbox.CONFINING), *command]
        else:
            shutil.copytree(self.shipped.folder, self.stage, dirs_exist_ok=True)
            kwargs["cwd"] = self.stage
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": PIPE, "pass_fds": descriptors}
        try:
            return await super().launch_kernel(command, **kwargs)
        finally:
            self.hand_over()

    def first_pid(self) -> int:
        """Bubblewrap's only child."""
        return psutil.Process(self.pid).children()[0].pid if self.setup["sandboxed"] else self.pid

    def kernel_pid(self) -> int:
        """In a sandbox the child of its first process."""
        first = psutil.Process(self.first_pid())
        return first.children()[0].pid if self.setup["sandboxed"] else first.pid


class WarmProvisioner(SandboxProvisioner):
    """A fork of the warm process that enters the sandbox."""

    warm_up = Unicode(help="What the warm process has run.")
    fork: Fork | None = None  # it is in the sandbox, but no child of `process`
    sandbox_pid = 0  # known once bubblewrap has told

    async def launch_kernel(self, cmd: Iterable[str] = (), **kwargs: Any) -> KernelConnectionInfo:
        """Start it; the arguments are jupyter's and not needed."""
        info, theirs = os.pipe()
        theirs_alive, alive = os.pipe()
        command = self.confined()
        command[1:1] = ["--info-fd", str(theirs)]
        kwargs |= {"stdin": theirs_alive, "stdout": PIPE, "stderr": PIPE}
        try:
            connection = await super().launch_kernel([*command, *READY], **kwargs, pass_fds=(theirs,))
            os.close(theirs_alive)
            os.close(theirs)
            self._fork(info, alive)
        finally:
            os.close(alive)
            os.close(info)
            self.hand_over()
        return connection

    def _fork(self, info: int, alive: int) -> None:
        """Wait for the sandbox and let the fork enter it. Raises SandboxUnavailable, ProcessFailed."""
        assert self.process
        assert self.process.stdout
        with self.process.stdout as ready:
            if not ready.readline():
                problem = text("sandbox.failed", reason=super().failure_reason())
                raise sandbox.SandboxUnavailable(problem)
        self.sandbox_pid = json.loads(os.read(info, PIPE_BUF))["child-pid"]
        job = {"pid": self.sandbox_pid, "setup": self.setup}
        descriptors = [*(wire.fileno() for wire in self.wires), alive]
        self.fork = WarmProcess.get(self.warm_up, self.shipped).fork("kernel", job, descriptors)

    def first_pid(self) -> int:
        """As bubblewrap has told it."""
        return self.sandbox_pid

    def kernel_pid(self) -> int:
        """The fork's own fork."""
        assert self.fork
        return self.fork.pid

    def failure_reason(self) -> str:
        """Why the kernel has not started."""
        return self.fork.failure_reason() if self.fork else super().failure_reason()

    def close_report(self) -> None:
        """The kernel has closed its end of the fork's report before it serves."""
        super().close_report()
        if self.fork:
            self.fork.close()

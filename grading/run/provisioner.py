"""Jupyter's provisioner interface: start the kernel inside the sandbox, and end all of it."""

import json
import os
import shutil
import subprocess
import sys
from select import PIPE_BUF

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, Instance, List, Unicode

from ..warm.client import WarmProcess
from . import sandbox
from .shipped import Shipped

READY = ["sh", "-c", "echo; exec cat"]  # ends when its standard input does


class SandboxProvisioner(LocalProvisioner):
    """A local kernel with bubblewrap around it. It speaks over `wires` instead of jupyter's sockets.

    `process` is bubblewrap; when it ends, everything in the sandbox ends. Subclasses say how a kernel enters.
    """

    setup = Dict(help="What grading.run.inside.kernel is told.")
    stage = Unicode(help="The folder with the learner's files.")
    shipped = Instance(Shipped)
    wires = List(
        help="The kernel's ends of two socket pairs: for the grader's cells, for the judge's questions."
    )

    async def wait(self):
        """Like LocalProvisioner's, without its steps of 0.1 s: the process has been killed."""
        code = self.process.wait() if self.process else 0
        self.process = None
        return code

    def confined(self):
        """The bubblewrap command line for the kernel that is being launched."""
        return sandbox.command(self.stage, self.shipped.folder, self.setup["limits"])

    def hand_over(self):
        """The kernel has its ends of the wires: close these."""
        for wire in self.wires:
            wire.close()


class ColdProvisioner(SandboxProvisioner):
    """A new Python in the sandbox, which imports everything anew."""

    async def launch_kernel(self, cmd=(), **kwargs):
        """Start it; the arguments are jupyter's and not needed."""
        cells, bridge = descriptors = [wire.fileno() for wire in self.wires]
        setup = json.dumps({**self.setup, "cells": cells, "bridge": bridge})
        command = [sys.executable, "-m", "grading.run.inside.kernel", setup]
        if self.setup["sandboxed"]:
            command = [*self.confined(), *sandbox.drop_privileges(), *command]
        else:
            shutil.copytree(self.shipped.folder, self.stage, dirs_exist_ok=True)
            kwargs["cwd"] = self.stage
            kwargs["env"] = {**os.environ, "PYTHONPATH": str(sandbox.HERE.parent.parent)}
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "pass_fds": descriptors}
        try:
            return await super().launch_kernel(command, **kwargs)
        finally:
            self.hand_over()


class WarmProvisioner(SandboxProvisioner):
    """A fork of the warm process that walks into the sandbox."""

    warm_up = Unicode(help="What the warm process has run.")
    kernel = None  # its PID, as text: it is in the sandbox, but no child of `process`

    async def launch_kernel(self, cmd=(), **kwargs):
        """Start it; the arguments are jupyter's and not needed."""
        info, theirs = os.pipe()
        theirs_alive, alive = os.pipe()
        command = self.confined()
        command[1:1] = ["--info-fd", str(theirs)]
        kwargs |= {"stdin": theirs_alive, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
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

    def _fork(self, info, alive):
        """Wait until the sandbox stands, and let the fork in. Raises SandboxUnavailable."""
        with self.process.stdout as ready:
            if not ready.readline():
                raise sandbox.SandboxUnavailable(sandbox.INSTALL)
        job = {"pid": json.loads(os.read(info, PIPE_BUF))["child-pid"], "setup": self.setup}
        answer, report = os.pipe()
        descriptors = [*(wire.fileno() for wire in self.wires), alive, report]
        WarmProcess.get(self.warm_up, self.shipped).fork("kernel", job, descriptors)
        os.close(report)
        with os.fdopen(answer) as pid:
            self.kernel = pid.readline().strip()
        if not self.kernel:
            raise sandbox.SandboxUnavailable(sandbox.INSTALL)

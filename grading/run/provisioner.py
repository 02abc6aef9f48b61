"""Jupyter's provisioner interface: start the kernel inside the sandbox, and end all of it."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from select import PIPE_BUF

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Any, Dict, Instance, Unicode

from ..warm.client import WarmProcess
from . import sandbox
from .shipped import Shipped

READY = ["sh", "-c", "echo; exec cat"]  # ends when its standard input does


class SandboxProvisioner(LocalProvisioner):
    """A local kernel with bubblewrap around it, and one descriptor for the judge.

    `process` is bubblewrap; when it ends, everything in the sandbox ends. Subclasses say how a kernel enters.
    """

    setup = Dict(help="What grading.run.inside.kernel is told.")
    stage = Unicode(help="The folder with the learner's files.")
    shipped = Instance(Shipped)
    bridge = Any(help="The kernel's end of the judge's socket pair.")

    async def wait(self):
        """Like LocalProvisioner's, without its steps of 0.1 s: the process has been killed."""
        code = self.process.wait() if self.process else 0
        self.process = None
        return code

    def confined(self):
        """The bubblewrap command line for the kernel that is being launched."""
        runtime = Path(self.parent.connection_file).parent
        if os.getuid() == 0:
            for path in [runtime, *runtime.iterdir()]:
                shutil.chown(path, int(sandbox.NOBODY), int(sandbox.NOBODY))
        return sandbox.command(self.stage, runtime, self.shipped.folder, self.setup["limits"])


class ColdProvisioner(SandboxProvisioner):
    """A new Python in the sandbox, which imports everything anew."""

    async def launch_kernel(self, cmd, **kwargs):
        if self.setup["sandboxed"]:
            cmd = [*self.confined(), *sandbox.drop_privileges(), *cmd]
        else:
            shutil.copytree(self.shipped.folder, self.stage, dirs_exist_ok=True)
            kwargs["cwd"] = self.stage
            kwargs["env"] = {**kwargs["env"], "PYTHONPATH": str(sandbox.HERE.parent.parent)}
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        kwargs["pass_fds"] = (self.bridge.fileno(),)
        try:
            return await super().launch_kernel(cmd, **kwargs)
        finally:
            self.bridge.close()


class WarmProvisioner(SandboxProvisioner):
    """A fork of the warm process that walks into the sandbox."""

    warm_up = Unicode(help="What the warm process has run.")
    kernel = None  # its PID, as text: it is in the sandbox, but no child of `process`

    async def launch_kernel(self, cmd, **kwargs):
        info, theirs = os.pipe()
        theirs_alive, alive = os.pipe()
        command = self.confined()
        command[1:1] = ["--info-fd", str(theirs)]
        kwargs |= {"stdin": theirs_alive, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        try:
            connection = await super().launch_kernel([*command, *READY], **kwargs, pass_fds=(theirs,))
            os.close(theirs_alive)
            os.close(theirs)
            self._fork(cmd, info, alive)
        finally:
            os.close(alive)
            os.close(info)
            self.bridge.close()
        return connection

    def _fork(self, arguments, info, alive):
        """Wait until the sandbox stands, and let the fork in. Raises SandboxUnavailable."""
        with self.process.stdout as ready:
            if not ready.readline():
                raise sandbox.SandboxUnavailable(sandbox.INSTALL)
        job = {"pid": json.loads(os.read(info, PIPE_BUF))["child-pid"], "setup": self.setup}
        answer, report = os.pipe()
        descriptors = [self.bridge.fileno(), alive, report]
        warm = WarmProcess.get(self.warm_up, self.shipped)
        warm.fork("kernel", {**job, "arguments": arguments}, descriptors)
        os.close(report)
        with os.fdopen(answer) as pid:
            self.kernel = pid.readline().strip()
        if not self.kernel:
            raise sandbox.SandboxUnavailable(sandbox.INSTALL)


def socket_pair():
    """(the judge's end, the sandbox's end)"""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

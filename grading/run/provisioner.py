"""Jupyter's provisioner interface: start the kernel inside the sandbox, and end all of it."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Any, Bool, Dict, Unicode

from . import sandbox


class SandboxProvisioner(LocalProvisioner):
    """A local kernel with bubblewrap around it, and one descriptor for the judge."""

    limits = Dict()
    stage = Unicode()
    setup = Dict()
    sandboxed = Bool(True)
    bridge = Any(help="The kernel's end of the judge's socket pair.")

    async def launch_kernel(self, cmd, **kwargs):
        runtime = Path(self.parent.connection_file).parent
        if self.sandboxed:
            if os.getuid() == 0:
                for path in [runtime, *runtime.iterdir()]:
                    shutil.chown(path, int(sandbox.NOBODY), int(sandbox.NOBODY))
            cmd = [*sandbox.command(self.stage, runtime, self.limits), *cmd]
        else:
            kwargs["cwd"] = self.stage
            kwargs["env"] = {**kwargs["env"], "PYTHONPATH": str(sandbox.HERE.parent.parent)}
        kwargs |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        kwargs["pass_fds"] = (self.bridge.fileno(),)
        try:
            return await super().launch_kernel(cmd, **kwargs)
        finally:
            self.bridge.close()


def socket_pair():
    """(the judge's end, the sandbox's end)"""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)

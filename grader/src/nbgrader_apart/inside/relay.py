"""Runs a kernel of another language in the sandbox, and passes cells and outputs on."""

import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from nbgrader_apart.wire.connection import Closed, Wire

START = 50  # seconds: the grader waits a little longer
PATIENCE = 5  # seconds after an interrupt, and for the reply once all outputs are there


class Relay:
    """A kernel started with `argv`, as in its kernelspec, in the folder of the learner's files."""

    def __init__(self, argv: list[str], environment: dict[str, str], interrupt: str, folder: str) -> None:
        """Raises RuntimeError when it does not start."""
        spec = KernelSpec(argv=argv, env=environment, interrupt_mode=interrupt)
        self.manager = KernelManager(transport="ipc", connection_file=str(Path(folder, ".kernel.json")))
        self.manager._kernel_spec = spec  # no folder of kernelspecs need be in the sandbox
        self.manager.start_kernel(cwd=folder)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=START)

    def serve(self, cells: Wire) -> None:
        """Run the cells that arrive until the grader closes the wire or the kernel ends."""
        while True:
            try:
                request = cells.receive()
            except Closed:
                return
            execution = self.client.execute(request["source"], allow_stdin=False, stop_on_error=False)
            late = self._pass_on(execution, cells, time.monotonic() + request["seconds"])
            reply = self._reply(execution)
            error = (
                [reply.get("ename") or "Error", reply.get("evalue", "")]
                if reply.get("status") == "error"
                else []
            )
            answer = {"execution_count": reply.get("execution_count"), "error": error, "late": late}
            cells.send({"msg_type": "execute_reply", "content": answer})

    def _pass_on(self, execution: str, cells: Wire, deadline: float | None) -> bool:
        """Pass the outputs on until the kernel is idle; interrupt it at the deadline.

        Returns whether it had to be interrupted.
        """
        while True:
            try:
                left = deadline and max(0, deadline - time.monotonic())
                message = self.client.get_iopub_msg(timeout=left)
            except Empty:
                self.manager.interrupt_kernel()
                deadline = None  # the grader ends what does not stop
                continue
            if message["parent_header"].get("msg_id") != execution:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return deadline is None
            cells.send({"msg_type": kind, "content": content})

    def _reply(self, execution: str) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == execution:
                return reply["content"]

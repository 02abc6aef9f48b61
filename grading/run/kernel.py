"""A learner's kernel seen from the grader: start, run one cell, end."""

import asyncio
import contextlib
import functools
import json
import platform
import queue
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import zmq
import zmq.asyncio
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat.v4 import new_notebook, new_output
from traitlets import Instance

from ..messages import text
from . import sandbox
from .provisioner import ColdProvisioner, WarmProvisioner, socket_pair
from .watch import Watch

ERROR = "\x1b[31m{}\x1b[0m"
GRACE = 5  # seconds after an interrupt
START = 60  # seconds for a cold kernel to start
RETRY = 20  # ms between two attempts to reach a kernel that is starting
LIMITS = ("memory_mb", "file_mb", "disk_mb", "processes", "message_mb")


class Client(NotebookClient):
    """nbclient that stops listening to a notebook which says too much."""

    budget = 0

    def process_message(self, msg, cell, cell_index):
        self.budget -= len(str(msg["content"]))
        if self.budget < 0:
            raise OutputBudget
        return super().process_message(msg, cell, cell_index)


class OneSpec(KernelSpecManager):
    """Knows the sandbox's kernel and none that is installed."""

    spec = Instance(KernelSpec)

    def get_kernel_spec(self, kernel_name):
        return self.spec


class OutputBudget(Exception):
    """More output than the notebook may produce."""


def error_output(name, message):
    """An nbformat output that shows `message` and nothing else."""
    return new_output("error", ename=name, evalue=message, traceback=[ERROR.format(f"{name}: {message}")])


class LearnersKernel:
    """One notebook's kernel under its budgets. `stopped` is the reason once it has been ended early.

    `files` is the folder with the learner's files, `shipped` the packages of the assignment.
    """

    def __init__(self, settings, files, shipped):
        self.settings = settings
        self.stopped = None
        self.left = settings.notebook_seconds
        self.folder = Path(tempfile.mkdtemp(prefix="grading-"))
        self.folder.chmod(0o755)
        self.stage = self.folder / "stage"
        shutil.copytree(
            files, self.stage, ignore=shutil.ignore_patterns("*.ipynb", "timestamp.txt", *shipped.files)
        )
        make_readable(self.stage)
        (self.folder / "k").mkdir(mode=0o700)
        self.judge_end, bridge = socket_pair()
        self.manager = self._manager(bridge, shipped)

    def _manager(self, bridge, shipped):
        settings = self.settings
        limits = {name: getattr(settings, name) for name in LIMITS}
        sandboxed = not settings.unsafe_without_sandbox
        setup = {"shipped": shipped.names, "limits": limits, "sandboxed": sandboxed}
        setup["bridge"] = bridge.fileno()
        warm = sandboxed and settings.warm and can_be_warm()
        argv = [] if warm else [sys.executable, "-m", "grading.run.inside.kernel", json.dumps(setup)]
        argv += ["-f", "{connection_file}", "--HistoryManager.enabled=False"]
        argv += ["--IPKernelApp.capture_fd_output=False"]
        spec = KernelSpec(argv=argv, display_name="sandbox", language="python", interrupt_mode="message")
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.MAXMSGSIZE, settings.output_mb << 20)
        context.setsockopt(zmq.LINGER, 0)
        context.setsockopt(zmq.SNDTIMEO, 1000 * GRACE)  # a broken kernel must not block the grader
        context.setsockopt(zmq.RECONNECT_IVL, RETRY)
        manager = AsyncKernelManager(
            transport="ipc", connection_file=str(self.folder / "k" / "k.json"), context=context,
            kernel_spec_manager=OneSpec(spec=spec),
        )  # fmt: skip
        kind, more = (WarmProvisioner, {"warm_up": settings.warm_up}) if warm else (ColdProvisioner, {})
        manager.provisioner = kind(
            parent=manager, kernel_spec=spec, kernel_id="learner", setup=setup, stage=str(self.stage),
            shipped=shipped, bridge=bridge, **more,
        )  # fmt: skip
        return manager

    async def start(self):
        """Start the kernel. Raises SandboxUnavailable before anything of the learner runs."""
        if not self.settings.unsafe_without_sandbox:
            sandbox.check()
        self.client = Client(
            new_notebook(), km=self.manager, kernel_name="", allow_errors=True, interrupt_on_timeout=True,
            shell_timeout_interval=1, raise_on_iopub_timeout=False, iopub_timeout=GRACE, startup_timeout=60,
        )  # fmt: skip
        self.client.reset_execution_trackers()
        self.client.budget = self.settings.output_mb << 20
        await self.manager.start_kernel()
        self.client.kc = self.manager.client()
        self.client.kc.start_channels(stdin=False, hb=False, control=False)  # a heartbeat cannot be ended
        await self._ready(self.client.kc)
        self.client.kc.allow_stdin = False
        provisioner = self.manager.provisioner
        roots = [provisioner.pid, getattr(provisioner, "kernel", None)]
        pids = [int(pid) for pid in roots if pid]
        self.watch = Watch(pids, self.folder / "k", self.settings.memory_mb, self._kill_from_watch)
        self.watch.start()

    async def _ready(self, client):
        """Wait until the kernel answers where outputs are published: then none of the learner's gets lost."""
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and await self.manager.is_alive():
            client.kernel_info()
            with contextlib.suppress(queue.Empty):
                await client.get_iopub_msg(timeout=RETRY / 1000)
                return
        raise RuntimeError("the kernel did not start")

    def _kill_from_watch(self, reason):
        self.stopped = text(f"run.{reason}", limit=self.settings.memory_mb)
        self.manager.provisioner.process.kill()

    async def run_cell(self, cell):
        """Run a code cell and fill its outputs; over a budget, end the kernel with a message in the cell."""
        cell.outputs, cell.execution_count = [], None
        if self.stopped:
            cell.outputs = [error_output("GradingStopped", text("run.skipped"))]
            return
        seconds = min(self.settings.cell_seconds, self.left)
        self.client.timeout = max(1, int(seconds))
        self.client.nb.cells = [cell]
        started, hard = time.monotonic(), seconds + 2 * GRACE
        try:
            await asyncio.wait_for(self.client.async_execute_cell(cell, 0, store_history=True), hard)
        except OutputBudget:
            cell.outputs = cell.outputs[:20]
            await self.end(text("run.output", limit=self.settings.output_mb))
        except (DeadKernelError, TimeoutError):
            late = time.monotonic() - started >= hard
            await self.end(self.stopped or text("run.unresponsive" if late else "run.dead"))
        except CellExecutionError as error:
            cell.outputs.append(error_output(error.ename, error.evalue))
        except Exception as error:  # the learner's process may send anything
            await self.end(f"{type(error).__name__}: {str(error)[:200]}")
        elapsed = time.monotonic() - started
        self.left -= elapsed
        if elapsed >= self.client.timeout and not self.stopped:
            await self._over_time(cell)
        if self.stopped:
            cell.outputs.append(error_output("GradingStopped", self.stopped))

    async def _over_time(self, cell):
        cell.outputs.append(
            error_output("CellTimeoutError", text("run.cell_time", seconds=self.client.timeout))
        )
        if self.left <= 0:
            await self.end(text("run.notebook_time", seconds=int(self.settings.notebook_seconds)))

    async def end(self, reason):
        """Kill everything in the sandbox; remember why."""
        self.stopped = self.stopped or reason
        provisioner = self.manager.provisioner
        if provisioner.has_process:
            await provisioner.kill()
            await provisioner.wait()

    async def close(self):
        """Kill the kernel and remove its private files."""
        if hasattr(self, "watch"):
            self.watch.done.set()
        stopped = self.stopped
        await self.end("")
        self.stopped = stopped
        if getattr(self, "client", None) and self.client.kc:
            self.client.kc.stop_channels()
        self.manager.context.destroy(linger=0)
        self.judge_end.close()
        shutil.rmtree(self.folder)


@functools.cache
def can_be_warm():
    """Whether a fork can enter a sandbox here: `setns` takes a pidfd since Linux 5.8. Says so when not."""
    number = [int(part) for part in re.findall(r"\d+", platform.release())[:2]]
    if sys.platform == "linux" and number >= [5, 8]:
        return True
    print(ERROR.format(text("run.cold")), file=sys.stderr)
    return False


def make_readable(folder):
    """The sandbox's user is not the owner of these copies."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)

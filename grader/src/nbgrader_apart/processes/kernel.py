"""A learner's kernel seen from the grader: start, run one cell, end."""

import functools
import os
import platform
import re
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec
from jupyter_core.utils import run_sync
from nbformat import NotebookNode
from nbformat.v4 import new_output

from nbgrader_apart import scratch
from nbgrader_apart.messages import text
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.model.shipped import Shipped
from nbgrader_apart.processes import sandbox
from nbgrader_apart.processes.cell_outputs import Outputs
from nbgrader_apart.processes.failed import ProcessFailed
from nbgrader_apart.processes.memory_watch import MemoryWatch
from nbgrader_apart.processes.provisioners import ColdProvisioner, SandboxProvisioner, WarmProvisioner
from nbgrader_apart.wire.connection import Closed, Late, TooLong, Wire
from nbgrader_apart.wire.stopwatch import Stopwatch

ERROR = "\x1b[31m{}\x1b[0m"
GRACE = 10  # seconds after an interrupt
START = 60  # seconds for a cold kernel to start
KEPT = 20  # outputs of a cell that produced too many
LIMITS = ("memory_mb", "file_mb", "disk_mb", "processes", "message_mb")
SHOWN = ("stream", "display_data", "update_display_data", "execute_result", "error", "clear_output")
LARGEST_COUNT = 1 << 31


def error_output(name: str, message: str) -> NotebookNode:
    """An nbformat output that shows `message` and nothing else."""
    return new_output("error", ename=name, evalue=message, traceback=[ERROR.format(f"{name}: {message}")])


class LearnersKernel:
    """One notebook's kernel under its budgets. `stopped` is the reason once it has been ended early.

    `files` is the folder with the learner's files, `shipped` the packages of the assignment; `foreign` is the
    kernel of another language than Python, which starts anew for each notebook.
    """

    def __init__(
        self, settings: Grading, files: Path | str, shipped: Shipped, foreign: KernelSpec | None = None
    ) -> None:
        self.settings = settings
        self.stopped: str | None = None
        self.left = settings.notebook_seconds
        self.pid = 0  # once it has started
        self.watch: MemoryWatch | None = None
        self.folder = tempfile.TemporaryDirectory(prefix="stage-", dir=scratch.folder())
        self.stage = Path(self.folder.name)
        shutil.copytree(
            files, self.stage, dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("*.ipynb", "timestamp.txt", *shipped.files),
        )  # fmt: skip
        make_readable(self.stage)
        self.judge_end, bridge = socket.socketpair()
        cells, theirs = socket.socketpair()
        self.wire = Wire(cells, settings.output_mb << 20)
        self.provisioner = self._provisioner([theirs, bridge], shipped, foreign)

    def _provisioner(
        self, wires: list[socket.socket], shipped: Shipped, foreign: KernelSpec | None
    ) -> SandboxProvisioner:
        settings = self.settings
        sandboxed = not settings.unsafe_without_sandbox
        limits = {name: getattr(settings, name) for name in LIMITS}
        setup = {"shipped": shipped.names, "limits": limits, "sandboxed": sandboxed, "grader": os.getpid()}
        if foreign:
            about = {"argv": foreign.argv, "environment": foreign.env, "interrupt": foreign.interrupt_mode}
            setup["foreign"] = about
        common = {"setup": setup, "stage": str(self.stage), "shipped": shipped, "wires": wires}
        if sandboxed and settings.warm and not foreign and can_fork_into_sandbox():
            return WarmProvisioner(**common, warm_up=settings.warm_up)
        return ColdProvisioner(**common)

    def start(self) -> None:
        """Start the kernel. Raises SandboxUnavailable, ProcessFailed before anything of the learner runs."""
        if not self.settings.unsafe_without_sandbox:
            sandbox.check()
        run_sync(self.provisioner.launch_kernel)()
        try:
            first = self.wire.receive(START)
            reason = first["content"] if first["msg_type"] == "failed" else ""
        except Late:
            reason = text("process.late", seconds=START)
        except Closed:
            reason = self.provisioner.failure_reason()
        if reason:
            raise ProcessFailed(text("run.not_started", reason=reason))
        self.pid = self.provisioner.kernel_pid()
        self.provisioner.close_report()
        sandboxed = not self.settings.unsafe_without_sandbox
        self.watch = MemoryWatch(
            self.provisioner.first_pid(), sandboxed, self.settings.memory_mb, self._kill_from_watch
        )
        self.watch.start()

    def _kill_from_watch(self) -> None:
        self.stopped = text("run.memory", limit=self.settings.memory_mb)
        if process := self.provisioner.process:
            process.kill()

    def run_cell(self, cell: NotebookNode, source: str | None = None) -> None:
        """Run a code cell and fill its outputs; over a budget, end the kernel with a message in the cell.

        `source` takes the place of the cell's own. As in nbgrader, an empty cell is not run, nor one that
        the course has tagged skip-execution.
        """
        source = cell.source if source is None else source
        cell.outputs, cell.execution_count = [], None
        if not source.strip() or "skip-execution" in cell.metadata.get("tags", []):
            return
        if self.stopped:
            cell.outputs = [error_output("GradingStopped", text("run.skipped"))]
            return
        seconds = max(1, int(min(self.settings.cell_seconds or self.left, self.left)))
        outputs = Outputs()
        count: int | None = None
        kept: int | None = None
        hidden: list[str] = []
        late = False
        watch = Stopwatch(self.pid)
        try:
            self.wire.send({"source": source, "seconds": seconds}, GRACE)
            count, hidden, late = self._collect(outputs, seconds + GRACE, watch)
        except TooLong:
            kept = KEPT
            self.end(text("run.output", limit=self.settings.output_mb))
        except Late:
            self.end(self.stopped or text("run.unresponsive"))
        except Closed:
            self.end(self.stopped or text("run.dead"))
        except Exception as error:  # the learner's process may send anything
            self.end(text("run.malformed", reason=type(error).__name__))
        cell.execution_count, cell.outputs = count, outputs.nodes(count)[:kept]
        if hidden and hidden[0] not in [output.get("ename") for output in cell.outputs]:
            cell.outputs.append(error_output(*hidden))  # the learner's code hides errors
        elapsed = max(watch.seconds(), seconds if late else 0)
        self.left -= elapsed
        if elapsed >= seconds and not self.stopped:
            self._over_time(cell, seconds)
        if self.stopped:
            cell.outputs.append(error_output("GradingStopped", self.stopped))

    def _collect(
        self, outputs: Outputs, seconds: float, watch: Stopwatch
    ) -> tuple[int | None, list[str], bool]:
        """Take the cell's messages until its reply.

        Returns the number of the execution, as the kernel counts; the name and the message of an error; and
        whether the cell was interrupted: its own clock may be a few milliseconds ahead of the grader's.
        """
        while True:
            message = self.wire.receive(seconds, watch)
            if self.wire.received > self.wire.limit:
                raise TooLong("all outputs of the notebook")
            kind, content = message["msg_type"], message["content"]
            if kind == "execute_reply":
                count, error = content["execution_count"], content.get("error")
                known = type(count) is int and 0 <= count < LARGEST_COUNT
                told = isinstance(error, list) and len(error) == len(("name", "message"))
                late = content.get("late") is True
                return count if known else None, [str(part) for part in error] if told else [], late
            if kind in SHOWN:
                outputs.take(kind, content)

    def _over_time(self, cell: NotebookNode, seconds: int) -> None:
        cell.outputs.append(error_output("CellTimeoutError", text("run.cell_time", seconds=seconds)))
        if self.left <= 0:
            self.end(text("run.notebook_time", seconds=int(self.settings.notebook_seconds)))

    def end(self, reason: str) -> None:
        """Kill everything in the sandbox and keep the reason."""
        self.stopped = self.stopped or reason
        if self.provisioner.has_process:
            run_sync(self.provisioner.kill)()
            run_sync(self.provisioner.wait)()

    def close(self) -> None:
        """Kill the kernel and remove its private files."""
        if self.watch:
            self.watch.done.set()
        stopped = self.stopped
        self.end("")
        self.stopped = stopped
        self.wire.sock.close()
        self.judge_end.close()
        self.folder.cleanup()


@functools.cache
def can_fork_into_sandbox() -> bool:
    """Whether a fork can enter a sandbox here: `setns` takes a pidfd since Linux 5.8. Warns if not."""
    number = [int(part) for part in re.findall(r"\d+", platform.release())[:2]]
    if sys.platform == "linux" and number >= [5, 8]:
        return True
    print(ERROR.format(text("run.cold")), file=sys.stderr)
    return False


def make_readable(folder: Path) -> None:
    """The sandbox's user is not the owner of these copies."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)

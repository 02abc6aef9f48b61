"""A learner's kernel seen from the grader: start, run one cell, end."""

import functools
import platform
import re
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat.v4 import new_notebook, new_output

from ..border.wire import Closed, Late, TooLong, Wire
from ..messages import text
from . import sandbox
from .provisioner import ColdProvisioner, WarmProvisioner
from .watch import Watch

ERROR = "\x1b[31m{}\x1b[0m"
GRACE = 10  # seconds after an interrupt
START = 60  # seconds for a cold kernel to start
KEPT = 20  # outputs of a cell that produced too many
LIMITS = ("memory_mb", "file_mb", "disk_mb", "processes", "message_mb")
SHOWN = ("stream", "display_data", "update_display_data", "execute_result", "error", "clear_output")
MERGE = CoalesceStreamsPreprocessor()  # what was printed in pieces


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
        self.watch = None
        self.stage = Path(tempfile.mkdtemp(prefix="grading-"))
        shutil.copytree(
            files, self.stage, dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("*.ipynb", "timestamp.txt", *shipped.files),
        )  # fmt: skip
        make_readable(self.stage)
        self.judge_end, bridge = socket.socketpair()
        cells, theirs = socket.socketpair()
        self.wire = Wire(cells, settings.output_mb << 20)
        self.outputs = NotebookClient(new_notebook())  # knows how messages become outputs
        self.provisioner = self._provisioner([theirs, bridge], shipped)

    def _provisioner(self, wires, shipped):
        settings = self.settings
        sandboxed = not settings.unsafe_without_sandbox
        limits = {name: getattr(settings, name) for name in LIMITS}
        setup = {"shipped": shipped.names, "limits": limits, "sandboxed": sandboxed}
        warm = sandboxed and settings.warm and can_be_warm()
        kind, more = (WarmProvisioner, {"warm_up": settings.warm_up}) if warm else (ColdProvisioner, {})
        return kind(setup=setup, stage=str(self.stage), shipped=shipped, wires=wires, **more)

    def start(self):
        """Start the kernel. Raises SandboxUnavailable before anything of the learner runs."""
        if not self.settings.unsafe_without_sandbox:
            sandbox.check()
        run_sync(self.provisioner.launch_kernel)()
        try:
            self.wire.receive(START)
        except (Closed, Late) as error:
            raise RuntimeError("the kernel did not start") from error
        roots = [self.provisioner.pid, getattr(self.provisioner, "kernel", None)]
        pids = [int(pid) for pid in roots if pid]
        self.watch = Watch(pids, self.settings.memory_mb, self._kill_from_watch)
        self.watch.start()

    def _kill_from_watch(self):
        self.stopped = text("run.memory", limit=self.settings.memory_mb)
        self.provisioner.process.kill()

    def run_cell(self, cell):
        """Run a code cell and fill its outputs; over a budget, end the kernel with a message in the cell."""
        cell.outputs, cell.execution_count = [], None
        if self.stopped:
            cell.outputs = [error_output("GradingStopped", text("run.skipped"))]
            return
        seconds, count = max(1, int(min(self.settings.cell_seconds, self.left))), None
        started = time.monotonic()
        try:
            self.wire.send({"source": cell.source, "seconds": seconds}, GRACE)
            count = self._collect(cell, started + seconds + GRACE)
        except TooLong:
            cell.outputs = cell.outputs[:KEPT]
            self.end(text("run.output", limit=self.settings.output_mb))
        except Late:
            self.end(self.stopped or text("run.unresponsive"))
        except Closed:
            self.end(self.stopped or text("run.dead"))
        except Exception as error:  # the learner's process may send anything
            self.end(f"{type(error).__name__}: {str(error)[:200]}")
        cell.execution_count = count
        MERGE.preprocess_cell(cell, {}, 0)
        elapsed = time.monotonic() - started
        self.left -= elapsed
        if elapsed >= seconds and not self.stopped:
            self._over_time(cell, seconds)
        if self.stopped:
            cell.outputs.append(error_output("GradingStopped", self.stopped))

    def _collect(self, cell, deadline):
        """Take the cell's messages until its reply; the number of the execution, as the kernel counts."""
        self.outputs.nb.cells = [cell]
        self.outputs.reset_execution_trackers()
        self.outputs.clear_before_next_output = False
        while True:
            message = self.wire.receive(deadline - time.monotonic())
            if self.wire.received > self.wire.limit:
                raise TooLong("all outputs of the notebook")
            kind, content = message["msg_type"], message["content"]
            if kind == "execute_reply":
                return content["execution_count"] if type(content["execution_count"]) is int else None
            if kind == "stream" and not isinstance(content["text"], str):
                raise ValueError("a malformed stream")
            if kind in SHOWN:
                header = {"msg_type": kind}
                whole = {"msg_type": kind, "header": header, "parent_header": {}, "content": content}
                self.outputs.process_message(whole, cell, 0)

    def _over_time(self, cell, seconds):
        cell.outputs.append(error_output("CellTimeoutError", text("run.cell_time", seconds=seconds)))
        if self.left <= 0:
            self.end(text("run.notebook_time", seconds=int(self.settings.notebook_seconds)))

    def end(self, reason):
        """Kill everything in the sandbox; remember why."""
        self.stopped = self.stopped or reason
        if self.provisioner.has_process:
            run_sync(self.provisioner.kill)()
            run_sync(self.provisioner.wait)()

    def close(self):
        """Kill the kernel and remove its private files."""
        if self.watch:
            self.watch.done.set()
        stopped = self.stopped
        self.end("")
        self.stopped = stopped
        self.wire.sock.close()
        self.judge_end.close()
        shutil.rmtree(self.stage)


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

"""IPython's shell for notebooks without jupyter's sockets: cells come and outputs go over one wire."""

import builtins
import io
import os
import select
import signal
import sys
import tempfile
import threading
import time

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from traitlets import observe
from traitlets.config import Config

from grading.border.wire import Closed

HELD, HELD_SECONDS = 1 << 16, 0.2  # printed characters wait for more, but not for long


class Messages(Session):
    """What ipykernel takes for jupyter's session: its messages go to `wire`, in jupyter's protocol."""

    wire = None
    writer = None  # the stream that was printed to last: no other holds anything back

    def __init__(self):
        super().__init__()
        self.lock = threading.RLock()

    def send(self, stream, msg_or_type, content=None, *args, **kwargs):
        """Send a message: its type and its content. No other part of it, and no socket, is needed here."""
        if isinstance(msg_or_type, dict):
            msg_or_type, content = msg_or_type["msg_type"], msg_or_type["content"]
        with self.lock:
            self.wire.send({"msg_type": msg_or_type, "content": content})


class Stream(io.TextIOBase):
    """Standard output or error of the cells: `name` is "stdout" or "stderr"."""

    encoding = "UTF-8"

    def __init__(self, name, messages):
        self.name, self.messages = name, messages
        self.held, self.sent = "", 0.0

    def writable(self):
        """Yes."""
        return True

    def write(self, printed):
        """Hold the text back for a moment, but to the end of its line."""
        if not isinstance(printed, str):
            raise TypeError(f"write() argument must be str, not {type(printed).__name__}")
        with self.messages.lock:
            if self.messages.writer not in (None, self):
                self.messages.writer.flush()
            self.messages.writer = self
            self.held += printed
            late = time.monotonic() - self.sent > HELD_SECONDS
            if len(self.held) > HELD or (late and printed.endswith("\n")):
                self.flush()
        return len(printed)

    def flush(self):
        """Send what was held back."""
        with self.messages.lock:
            held, self.held, self.sent = self.held, "", time.monotonic()
            if held:
                self.messages.send(None, "stream", {"name": self.name, "text": held})


class Shell(ZMQInteractiveShell):
    """The learner's shell."""

    @observe("exit_now")
    def _update_exit_now(self, change):
        """`serve` looks at it; there is no event loop to stop."""


def prepare():
    """The shell of this process, made by the first call. It can be forked before it is served."""
    if Shell.initialized():
        return Shell.instance()
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    config = Config({"HistoryManager": {"enabled": False}})
    with tempfile.TemporaryDirectory() as folder:
        profile = ProfileDir(location=folder)
        shell = Shell.instance(config=config, ipython_dir=folder, profile_dir=profile)
    shell.displayhook.session = shell.display_pub.session = Messages()
    return shell


def serve(shell, cells, bridge):
    """Run the cells that come in on one wire, answer the judge on the bridge's, until the grader hangs up."""
    messages = shell.display_pub.session
    messages.wire = cells
    streams = Stream("stdout", messages), Stream("stderr", messages)
    builtins.input = no_input
    messages.send(None, "ready", {})
    while not shell.exit_now:
        ready, _, _ = select.select([cells.sock, bridge.wire.sock], [], [])
        if bridge.wire.sock in ready:
            bridge.ready()
            continue
        try:
            request = cells.receive()
        except Closed:
            return
        sys.stdout, sys.stderr = streams  # whatever an earlier cell has put in their place
        run_cell(shell, request["source"], request["seconds"])
        if messages.writer:
            messages.writer.flush()
        messages.send(None, "execute_reply", {"execution_count": shell.execution_count - 1})


def run_cell(shell, source, seconds):
    """Run a cell; interrupt it after `seconds`."""
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        shell.run_cell(source, store_history=True)
    except BaseException:  # an interrupt between the learner's lines, or a hook of the learner's
        shell.showtraceback()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def no_input(prompt=""):
    """In place of `input`, as in every notebook that nobody sits at."""
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")

"""IPython's shell for notebooks without jupyter's sockets: cells come and outputs go over one wire."""

import asyncio
import builtins
import contextlib
import getpass
import inspect
import io
import os
import select
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.compilerop import CachingCompiler
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import ExecutionResult
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from traitlets import Type, observe
from traitlets.config import Config

from nbgrader_apart.inside.alarm import Alarm
from nbgrader_apart.inside.bridge import Bridge
from nbgrader_apart.inside.descriptors import Descriptor
from nbgrader_apart.wire.connection import Closed, Wire

SHOWN = 2000  # characters of an error in a reply
NO_MODULE = ""  # where `inspect` finds None among the modules
HELD, HELD_SECONDS = 1 << 16, 0.2  # the most characters in a stream's buffer, and how long they wait
# Magics that arrange what is around the code and run none of it.
SURROUNDINGS = {
    "aimport", "autoreload", "colors", "conda", "config", "gui", "load_ext", "mamba", "matplotlib",
    "micromamba", "pip", "pylab", "reload_ext", "subshell", "unload_ext", "uv",
}  # fmt: skip
STDOUT, STDERR = 1, 2  # their descriptors
PASSES = 20  # of the event loop after a cell, if there are tasks: about what ipykernel's makes between two
UNWOUND = 5  # seconds for an interrupted cell that awaits


class Messages(Session):
    """In place of jupyter's session: ipykernel's messages go to `wire`, in jupyter's protocol."""

    wire: Wire  # set by `serve`
    writer: "Stream | None" = None  # the stream that was printed to last: no other has text in its buffer

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()

    def send(
        self,
        stream: object,
        msg_or_type: str | dict,
        content: dict | None = None,
        *args: object,
        **kwargs: object,
    ) -> None:
        """Send a message's type and content. The other arguments, such as the socket, are not needed."""
        if isinstance(msg_or_type, dict):
            kind, content = msg_or_type["msg_type"], msg_or_type["content"]
        else:
            kind = msg_or_type
        with self.lock:
            self.wire.send({"msg_type": kind, "content": content})


class Stream(io.TextIOBase):
    """Standard output or error of the cells: `name` is "stdout" or "stderr"."""

    encoding = "UTF-8"

    def __init__(self, name: str, messages: Messages) -> None:
        self.name, self.messages = name, messages
        self.held, self.sent = "", 0.0

    def writable(self) -> bool:
        """A text stream for output."""
        return True

    def fileno(self) -> int:
        """For programs and `faulthandler`; what is written there is shown at the end of the cell."""
        return STDOUT if self.name == "stdout" else STDERR

    def write(self, printed: str) -> int:
        """Buffer the text for a moment, and send whole lines."""
        if not isinstance(printed, str):
            raise TypeError(f"write() argument must be str, not {type(printed).__name__}")
        with self.messages.lock:
            if self.messages.writer is not None and self.messages.writer is not self:
                self.messages.writer.flush()
            self.messages.writer = self
            self.held += printed
            late = time.monotonic() - self.sent > HELD_SECONDS
            if len(self.held) > HELD or (late and printed.endswith("\n")):
                self.flush()
        return len(printed)

    def flush(self) -> None:
        """Send what is in the buffer."""
        with self.messages.lock:
            held, self.held, self.sent = self.held, "", time.monotonic()
            if held:
                self.messages.send(None, "stream", {"name": self.name, "text": held})


class Compiler(CachingCompiler):
    """Tells `inspect` which code is a cell's: for each frame of a traceback it would search all modules."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        """As in IPython."""
        name = super().get_code_name(raw_code, transformed_code, number)
        inspect.modulesbyfile[name] = NO_MODULE
        with contextlib.suppress(FileNotFoundError):  # the learner's code may have removed the folder
            inspect.modulesbyfile[str(Path(name).absolute())] = NO_MODULE
        return name


class Shell(ZMQInteractiveShell):
    """The learner's shell."""

    compiler_class = Type(Compiler)
    unwinding = False  # while a cell that was interrupted ends, which has been shown already

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """As in IPython."""
        if not self.unwinding:
            super().showtraceback(*args, **kwargs)

    @observe("exit_now")
    def _update_exit_now(self, change: object) -> None:
        """`serve` checks `exit_now`; there is no event loop to stop."""

    def enable_gui(self, gui: object = None) -> None:
        """Windows would need an event loop; pictures in the notebook, `%matplotlib inline`, need none."""

    def _format_exception_for_storage(self, *args: object, **kwargs: object) -> None:
        """Nobody reads the history of errors; for it each error would get a second traceback."""

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> object:
        """What a magic needs may be on the learner's computer only: it is named, and the cell goes on."""
        try:
            return super().run_line_magic(magic_name, line, _stack_depth + 1)
        except Exception as error:
            if magic_name not in SURROUNDINGS and self.find_line_magic(magic_name):
                raise
            print(f"%{magic_name}: {error}", file=sys.stderr)
            return None


Shell.__name__ = ZMQInteractiveShell.__name__  # by which code finds out that it is in a notebook


def prepare() -> Shell:
    """The shell of this process, made by the first call. It can be forked before it is served."""
    if Shell.initialized():
        return Shell.instance()
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    config = Config({"HistoryManager": {"enabled": False}})
    with tempfile.TemporaryDirectory() as folder:
        profile = ProfileDir(location=folder)
        shell = Shell.instance(config=config, ipython_dir=folder, profile_dir=profile)
    shell.run_line_magic("load_ext", "storemagic")  # as jupyter's kernel does
    shell.displayhook.session = shell.display_pub.session = Messages()  # type: ignore[attr-defined]  # ZMQ's own
    return shell


def rehearse() -> None:
    """Run an empty cell and make a traceback before the forks: what that imports and caches, all have."""
    shell = prepare()
    shell.run_cell("pass", silent=True)
    try:
        raise Exception
    except Exception:  # `inspect` finds out once where all modules are from
        shell.InteractiveTB.structured_traceback(*sys.exc_info())


def serve(shell: Shell, cells: Wire, bridge: Bridge) -> None:
    """Run the cells that arrive on one wire, answer the judge on the bridge's, until the grader closes it."""
    messages: Messages = shell.display_pub.session  # type: ignore[attr-defined]  # as above
    messages.wire = cells
    streams = Stream("stdout", messages), Stream("stderr", messages)
    descriptors = [Descriptor(number, stream.write) for number, stream in enumerate(streams, STDOUT)]
    builtins.input = getpass.getpass = no_input
    shell.user_ns["_dh"][:] = [Path.cwd()]  # it was made before the fork, somewhere else
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    while not shell.exit_now:
        ready, _, _ = select.select([cells.sock, bridge.wire.sock], [], [])
        if bridge.wire.sock in ready:
            bridge.ready()
            continue
        try:
            request = cells.receive()
        except Closed:
            return
        sys.stdout, sys.stderr = streams  # an earlier cell may have replaced them
        error, late = run_cell(shell, loop, request["source"], request["seconds"])
        for descriptor in descriptors:
            descriptor.flush()
        if messages.writer:
            messages.writer.flush()
        count = shell.execution_count - 1
        messages.send(None, "execute_reply", {"execution_count": count, "error": error, "late": late})


def run_cell(
    shell: Shell, loop: asyncio.AbstractEventLoop, source: str, seconds: float
) -> tuple[list[str], bool]:
    """Run a cell in the loop, which all cells share; interrupt it after `seconds`.

    Returns the name and the message of its error, if any, for the cell may have switched off that errors are
    shown; and whether it had to be interrupted.
    """
    alarm = Alarm(signal.default_int_handler)
    alarm.set(seconds)
    cell = loop.create_task(run_in_loop(shell, source))
    error: BaseException | None
    try:
        result = loop.run_until_complete(cell)
        error = result.error_before_exec or result.error_in_exec
    except (
        BaseException
    ) as raised:  # an interrupt between two lines of the cell, or a hook of IPython that the learner has set
        error = raised
        shell.showtraceback()
        if not cell.done():  # it awaits: it must not go on in the next cell
            shell.unwinding = True
            cell.cancel()
            loop.run_until_complete(asyncio.wait([cell], timeout=UNWOUND))
            shell.unwinding = False
        elif not cell.cancelled():
            cell.exception()  # else asyncio complains in a later cell that nobody has asked for it
    finally:
        alarm.off()
    return [] if error is None else [type(error).__name__, message_of(error)], alarm.rang


async def run_in_loop(shell: Shell, source: str) -> ExecutionResult:
    """Run a cell as ipykernel does: a task of it lives on when the cell has ended."""
    try:
        code, problem = shell.transform_cell(source), None
    except Exception:
        code, problem = source, sys.exc_info()
    how = {"transformed_cell": code, "preprocessing_exc_tuple": problem}
    if shell.should_run_async(source, **how):
        result = None
        try:
            result = await shell.run_cell_async(source, store_history=True, **how)
        finally:
            shell.events.trigger("post_execute")
            shell.events.trigger("post_run_cell", result)
    else:
        result = shell.run_cell(source, store_history=True)
    for _ in range(PASSES):
        if len(asyncio.all_tasks()) == 1:
            break
        await asyncio.sleep(0)
    return result


def message_of(error: BaseException) -> str:
    """What the exception says, unless its class fails to."""
    try:
        return str(error)[:SHOWN]
    except Exception:
        return ""


def no_input(*_: object, **__: object) -> str:
    """In place of `input` and `getpass`, as in every notebook that runs unattended."""
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")

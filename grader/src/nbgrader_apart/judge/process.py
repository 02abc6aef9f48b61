"""Runs test cells, verbatim, in the judge's process; the learner's names in them are stand-ins."""

import ast
import builtins
import contextlib
import faulthandler
import fcntl
import io
import math
import os
import socket
import traceback
from typing import Any

from nbgrader_apart.inside.shell import Shell
from nbgrader_apart.judge.proxies import Remote
from nbgrader_apart.judge.sandbox_client import LEARNERS, SandboxClient, SandboxError, mirror
from nbgrader_apart.messages import speak, text
from nbgrader_apart.model.syntax import free_names
from nbgrader_apart.wire.arrays import NotPlain, array_kind
from nbgrader_apart.wire.connection import Closed, Wire
from nbgrader_apart.wire.containers import MUTABLE

UNFIT = "apart.unfit"  # the key of a test that has to run inside
PLAIN = (dict, tuple, set, frozenset, float)  # what crosses as a copy of this class
OUTPUT = 20_000  # characters of what a test prints
TRACEBACK = 40  # lines
DESCRIPTOR = b"*"  # goes along with a descriptor


def forked(job: dict[str, Any], control: int, alive: int, report: int) -> None:
    """Be the judge, in a fork of the warm process. There is no notebook: what a test displays is printed."""
    os.write(report, b"%d\n" % os.getpid())
    faulthandler.enable(report)
    Shell.clear_instance()
    serve(job, Wire(socket.socket(fileno=control), 1 << 26), alive)


def serve(job: dict[str, Any], control: Wire, alive: int) -> None:
    """Serve one submission: messages in (`kind`, `source`, `name`, `names`), messages out (nbformat outputs).

    `control` leads to the grader. After a message of the kind "notebook" comes the descriptor of a socket to
    the notebook's kernel. `alive` is the end of a pipe whose other end the grader holds open.
    """
    die_with(alive)
    speak(job["language"])
    os.chdir(job["folder"])
    os.environ.update(job["environment"], NBGRADER_EXECUTION="autograde")
    while True:
        try:
            request = control.receive()
        except Closed:
            return
        if request["kind"] == "notebook":
            control.send({})
            namespace = enter(job, request, receive_socket(control.sock))
            control.send({})
            continue
        if request["kind"] == "trusted":
            namespace.prepare(request["source"], request["name"])
            control.send({"outputs": [], "key": None})
        else:
            outputs, key = namespace.test(request["source"], request["name"], request["names"])
            control.send({"outputs": outputs, "key": key})


def die_with(alive: int) -> None:
    """The operating system ends this process when the pipe's other end closes, whatever it is doing."""
    fcntl.fcntl(alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(alive, fcntl.F_SETFL, os.O_ASYNC)


def receive_socket(control: socket.socket) -> socket.socket:
    """The socket whose descriptor comes next."""
    _, (descriptor,), _, _ = socket.recv_fds(control, len(DESCRIPTOR), 1)
    return socket.socket(fileno=descriptor)


def enter(job: dict[str, Any], notebook: dict[str, Any], sandbox: socket.socket) -> "TestNamespace":
    """The TestNamespace of a notebook; from now on the mirrored functions run in its sandbox."""
    wire = Wire(sandbox, job["message_mb"] << 20)
    client = SandboxClient(wire, job["shipped"], job["call_seconds"], notebook["kernel_pid"])
    for name in job["mirrored"]:
        mirror(name, client)
    return TestNamespace(client, notebook["imported"], job["kernel_names"])


class TestNamespace:
    """The names that the tests of one notebook share."""

    def __init__(self, client: SandboxClient, imported: dict[str, str], kernel_names: list[str]) -> None:
        """A test gets the names that it asks for, and all of `kernel_names`."""
        self.client = client
        self.imported = imported
        self.kernel_names = kernel_names
        self.namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
        # {name: list, array … of the learner's, and as it came}; {name: as it came} where a test changed it
        self.fetched: dict[str, tuple[object, bytes]] = {}
        self.changed: dict[str, bytes] = {}

    def prepare(self, source: str, name: str) -> None:
        """Run the course's own code that tests rely on."""
        with contextlib.redirect_stdout(io.StringIO()):
            self._run(source, name)

    def test(self, source: str, name: str, names: list[str]) -> tuple[list[dict], str | None]:
        """The outputs of a test cell (what it printed, then its number or its error), and the error's key.

        An exception's attribute `key`, where it has one, names its sentence in the course's own catalogue.
        A test that has asked too much of a stand-in is unfit, whatever it has made of that.
        """
        self.client.unfit, self.client.kept = None, []
        printed = io.StringIO()
        result: object = None
        error: BaseException | None = None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                self._bind(names)
                self._refuse_changed(source)
                result = self._run(source, name)
            except BaseException as raised:  # a test fails by raising, SystemExit too
                error = raised
        self.changed |= {
            each: came for each, (value, came) in self.fetched.items() if self._written(value) != came
        }
        outputs = []
        if shown := printed.getvalue():
            outputs.append({"output_type": "stream", "name": "stdout", "text": shown[:OUTPUT]})
        if reason := self.client.unfit or (error is not None and lost(error)):
            return [*outputs, unfit_error(reason)], UNFIT
        if error is not None:
            key = vars(error).get("key")
            return [*outputs, error_of(error)], key if isinstance(key, str) else None
        return [*outputs, *score_of(result)], None

    def _bind(self, names: list[str]) -> None:
        """Fetch the learner's names that this test uses. A name that is not defined stays undefined."""
        names = [*names, *self.kernel_names]
        for name in names:
            self.namespace.pop(name, None)
        found = self.client.values(names)
        for name in found.keys() & self.imported.keys():
            self._import(name, found)
        self.namespace.update(found)
        plain = {name: it for name, it in found.items() if type(it) in MUTABLE or array_kind(type(it))}
        self.fetched = {name: (value, self._written(value)) for name, value in plain.items()}

    def _written(self, value: object) -> bytes:
        try:
            return self.client.objects.attributes.write(value)
        except NotPlain:
            return b""

    def _refuse_changed(self, source: str) -> None:
        """Refuse a test that would read, in one process, what an earlier one has put into a list or array."""
        same = {name for name, (_, came) in self.fetched.items() if self.changed.get(name) == came}
        if same and same & free_names(source):
            raise self.client.refuse(text("apart.earlier"))

    def _import(self, name: str, found: dict[str, Any]) -> None:
        """In place of a stand-in for what the source imports, what the judge imports: its own numpy.

        A learner's object of another name is none: it could answer whatever is asked.
        """
        if not isinstance(found[name], Remote):
            return
        own: dict[str, Any] = {}
        exec(self.imported[name], own)
        same = getattr(own[name], "__name__", None) == found[name].__name__
        found.update({name: own[name]}) if same else found.pop(name)

    def _run(self, source: str, name: str) -> Any:
        tree = ast.parse(source, f"<{name}>")
        last = tree.body[-1] if tree.body else None
        if not isinstance(last, ast.Expr) or source.rstrip().endswith(";"):
            exec(compile(tree, f"<{name}>", "exec"), self.namespace)
            return None
        tree.body.pop()
        exec(compile(tree, f"<{name}>", "exec"), self.namespace)
        return eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), self.namespace)


def lost(error: BaseException) -> str | None:
    """Why the error is the test's fault: it asks for what a value loses when it crosses as plain data."""
    if isinstance(error, AttributeError) and type(error.obj) in PLAIN and error.name:
        return text("apart.plain", name=error.name, kind=type(error.obj).__name__)
    if isinstance(error, TypeError) and str(error).startswith("catching classes that do not inherit"):
        return text("apart.exception")
    return None


def unfit_error(reason: str) -> dict:
    """An nbformat error: the test cannot run apart from the learner's code, for this reason."""
    return plain_error("TestCannotRunApart", text("apart.unfit", reason=reason))


def score_of(result: object) -> list[dict]:
    """A test that ends on a number gives partial credit, as nbgrader has it; nothing else does."""
    if isinstance(result, bool) or not isinstance(result, (int, float)):
        return []
    if not (math.isfinite(result) and result >= 0):
        return [plain_error("ValueError", text("judge.bad_score", value=result))]
    return [
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(float(result))},
            "metadata": {},
            "execution_count": None,
        }
    ]


def error_of(error: BaseException) -> dict:
    """An nbformat error: the exception's own short form when it has one, else a traceback of the test."""
    if isinstance(error, SandboxError):
        return plain_error("SandboxError", str(error))
    message = str(error)[:2000]
    render = getattr(error, "_render_traceback_", None)
    lines = render() if render else short_traceback(error)
    return {"output_type": "error", "ename": type(error).__name__, "evalue": message, "traceback": lines}


def plain_error(name: str, message: str) -> dict:
    """An nbformat error of one line."""
    line = f"\x1b[31m{name}\x1b[0m: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [line]}


def short_traceback(error: BaseException) -> list[str]:
    """The last lines of a traceback without this package's own frames, and without the hidden test's text."""
    frames = [
        f"{frame.filename}, {frame.lineno}: {frame.name}\n    {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == LEARNERS
    ]
    return [*frames[-TRACEBACK:], f"\x1b[31m{type(error).__name__}\x1b[0m: {str(error)[:2000]}"]

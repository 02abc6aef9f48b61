"""Runs test cells, verbatim, in the judge's process; the learner's names in them are stand-ins."""

import ast
import builtins
import contextlib
import io
import math
import os
import socket
import traceback

from ..border.wire import Closed, Wire
from ..messages import text
from .names import loaded_names
from .proxies import Border, SandboxError, mirror

OUTPUT = 20_000  # characters of what a test prints
TRACEBACK = 40  # lines
DESCRIPTOR = b"*"  # goes along with a descriptor


def judge(job, control):
    """Serve one submission: messages in (`kind`, `source`, `name`), messages out (nbformat outputs).

    `control` is the descriptor of a socket to the grader. After one of the kind "notebook" comes that of a
    socket to the notebook's kernel.
    """
    os.chdir(job["folder"])
    os.environ.update(job["environment"], NBGRADER_EXECUTION="autograde")
    control = Wire(socket.socket(fileno=control), 1 << 26)
    control.send({"pid": os.getpid()})
    while True:
        try:
            request = control.receive()
        except Closed:
            return
        if request["kind"] == "notebook":
            control.send({})
            room = enter(job, request["contract"], receive_socket(control.sock))
            continue
        perform = room.prepare if request["kind"] == "trusted" else room.test
        outputs, key = perform(request["source"], request["name"])
        control.send({"outputs": outputs, "key": key})


def receive_socket(control):
    """The socket whose descriptor comes next."""
    _, (descriptor,), _, _ = socket.recv_fds(control, len(DESCRIPTOR), 1)
    return socket.socket(fileno=descriptor)


def enter(job, contract, sandbox):
    """The Room of a notebook; from now on the mirrored functions run in its sandbox."""
    border = Border(Wire(sandbox, job["message_mb"] << 20), job["shipped"], job["call_seconds"])
    for name in job["mirrored"]:
        mirror(name, border)
    return Room(border, set(contract))


class Room:
    """The names that the tests of one notebook share."""

    def __init__(self, border, contract):
        self.border = border
        self.contract = contract
        self.namespace = {"__name__": "__main__", "__builtins__": builtins}

    def prepare(self, source, name):
        """Run the course's own code that tests rely on."""
        with contextlib.redirect_stdout(io.StringIO()):
            self._run(source, name)
        return [], None

    def test(self, source, name):
        """The outputs of a test cell (what it printed, then its number or its error), and the error's key.

        An exception's attribute `key`, where it has one, names its sentence in the course's own catalogue.
        """
        printed = io.StringIO()
        result, error = None, None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                self._bind(source)
                result = self._run(source, name)
            except BaseException as raised:  # a test decides by raising
                error = raised
        outputs = []
        if shown := printed.getvalue():
            outputs.append({"output_type": "stream", "name": "stdout", "text": shown[:OUTPUT]})
        if error is not None:
            key = vars(error).get("key")
            return [*outputs, error_of(error)], key if isinstance(key, str) else None
        return [*outputs, *score_of(result)], None

    def _bind(self, source):
        """Fetch the learner's names that this test uses. A name that is not defined stays undefined."""
        names = sorted(loaded_names(source) & self.contract)
        for name in names:
            self.namespace.pop(name, None)
        self.namespace.update(self.border.values(names))

    def _run(self, source, name):
        tree = ast.parse(source, f"<{name}>")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"<{name}>", "exec"), self.namespace)
        if last is None or source.rstrip().endswith(";"):
            return None
        return eval(compile(ast.Expression(last.value), f"<{name}>", "eval"), self.namespace)


def score_of(result):
    """A test that ends on a number gives partial credit, as nbgrader has it; nothing else does."""
    if isinstance(result, bool) or not isinstance(result, (int, float)):
        return []
    if not (math.isfinite(result) and result >= 0):
        return [plain_error("ValueError", text("judge.bad_score", value=result))]
    return [
        {
            "output_type": "execute_result",
            "data": {"text/plain": repr(float(result))},
            "execution_count": None,
        }
    ]


def error_of(error):
    """An nbformat error: the exception's own short form when it has one, else a traceback of the test."""
    if isinstance(error, SandboxError):
        return plain_error("SandboxError", str(error))
    message = str(error)[:2000]
    render = getattr(error, "_render_traceback_", None)
    lines = render() if render else short_traceback(error)
    return {"output_type": "error", "ename": type(error).__name__, "evalue": message, "traceback": lines}


def plain_error(name, message):
    """An nbformat error of one line."""
    line = f"\x1b[31m{name}\x1b[0m: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [line]}


def short_traceback(error):
    """The last lines of a traceback without this package's own frames, and without the hidden test's text."""
    frames = [
        f"{frame.filename}, {frame.lineno}: {frame.name}\n    {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith("<ячейка")
    ]
    return [*frames[-TRACEBACK:], f"\x1b[31m{type(error).__name__}\x1b[0m: {str(error)[:2000]}"]

"""JSON lines over a socket, with a limit on their length and on the time they take."""

import json
import select
import time


class Closed(Exception):
    """The other side is gone."""


class Late(Exception):
    """The other side did not answer in time."""


class TooLong(Exception):
    """A line over the limit."""


class Wire:
    """One end of a socket pair."""

    def __init__(self, sock, limit):
        self.sock = sock
        self.limit = limit
        self.buffer = bytearray()
        self.received = 0  # bytes so far

    def send(self, message, seconds=None):
        """Send one message. Raises TooLong, Closed or Late."""
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        if len(line) > self.limit:
            raise TooLong(f"{len(line)} bytes")
        try:
            self.sock.settimeout(seconds)
            self.sock.sendall(line)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self, seconds=None):
        """The next message. Raises Closed, Late, TooLong, or ValueError when it is not JSON."""
        deadline = None if seconds is None else time.monotonic() + seconds
        searched = 0
        while (end := self.buffer.find(b"\n", searched)) < 0:
            searched = len(self.buffer)
            if searched > self.limit:
                raise TooLong(f"over {self.limit} bytes")
            self._fill(deadline)
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        try:
            return json.loads(line)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def waiting(self, seconds):
        """Whether something arrives within `seconds`."""
        return b"\n" in self.buffer or bool(select.select([self.sock], [], [], seconds)[0])

    def _fill(self, deadline):
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise Late
        try:
            self.sock.settimeout(left)
            data = self.sock.recv(1 << 20)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        self.buffer += data
        self.received += len(data)

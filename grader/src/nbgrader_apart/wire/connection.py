"""Messages over a socket, with a limit on their length and on the time they take."""

import select
import socket
import struct
from typing import Any

import msgpack

from nbgrader_apart.wire.stopwatch import SHORTEST, Stopwatch
from nbgrader_apart.wire.values import ValueReader

LENGTH = struct.Struct("<I")  # of the msgpack that follows
CHUNK = 1 << 16
ITEM = 8  # bytes of a message for each item in it, at least: the memory that it takes is limited too


class Closed(Exception):
    """The other side has closed the connection."""


class Late(Exception):
    """The other side did not answer in time."""


class TooLong(Exception):
    """A message over the limit."""


def packed(message: object) -> bytes:
    """The bytes of a message."""
    data = msgpack.packb(message, unicode_errors="replace")
    return LENGTH.pack(len(data)) + data


class Wire:
    """One end of a socket pair. Messages are plain data: dicts, lists, texts, bytes and numbers."""

    def __init__(self, sock: socket.socket, limit: int) -> None:
        self.sock = sock
        self.limit = limit
        self.buffer = bytearray()
        self.received = 0  # bytes so far

    def send(self, message: object, seconds: float | None = None) -> None:
        """Send one message. Raises TooLong, Closed or Late."""
        data = packed(message)
        if len(data) - LENGTH.size > self.limit:
            raise TooLong(f"{len(data)} bytes")
        try:
            self.sock.settimeout(seconds)
            self.sock.sendall(data)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self, seconds: float | None = None, watch: Stopwatch | None = None) -> Any:
        """The next message. Raises Closed, Late, TooLong, or ValueError when it is malformed.

        It is late when the watch shows the seconds, which without one begin now.
        """
        watch = watch or Stopwatch()
        self._fill(LENGTH.size, seconds, watch)
        [length] = LENGTH.unpack_from(self.buffer)
        if length > self.limit:
            raise TooLong(f"{length} bytes")
        end = LENGTH.size + length
        self._fill(end, seconds, watch)
        data = bytes(self.buffer[LENGTH.size : end])
        del self.buffer[:end]
        return ValueReader(items=self.limit // ITEM).read(data)

    def waiting(self, seconds: float) -> bool:
        """Whether something arrives within `seconds`."""
        return bool(self.buffer) or bool(select.select([self.sock], [], [], seconds)[0])

    def _fill(self, size: int, seconds: float | None, watch: Stopwatch) -> None:
        """Wait until so many bytes are in the buffer."""
        while len(self.buffer) < size:
            left = None if seconds is None else watch.left(seconds)
            if left is not None and left <= 0:
                raise Late
            try:
                self.sock.settimeout(left and max(left, SHORTEST))
                data = self.sock.recv(CHUNK)
            except TimeoutError:
                continue
            except OSError as error:
                raise Closed(str(error)) from error
            if not data:
                raise Closed("end of stream")
            self.buffer += data
            self.received += len(data)

"""Messages over a socket, with a limit on their length and on the time they take."""

import select
import struct
import time

import msgpack

from .plain import Reader

LENGTH = struct.Struct("<I")  # of the msgpack that follows
CHUNK = 1 << 16
ITEM = 8  # bytes of a message for each item in it, at least: the memory that it takes is limited too


class Closed(Exception):
    """The other side is gone."""


class Late(Exception):
    """The other side did not answer in time."""


class TooLong(Exception):
    """A message over the limit."""


class Wire:
    """One end of a socket pair. Messages are plain data: dicts, lists, texts, bytes and numbers."""

    def __init__(self, sock, limit):
        self.sock = sock
        self.limit = limit
        self.buffer = bytearray()
        self.received = 0  # bytes so far

    def send(self, message, seconds=None):
        """Send one message. Raises TooLong, Closed or Late."""
        data = msgpack.packb(message, unicode_errors="replace")
        if len(data) > self.limit:
            raise TooLong(f"{len(data)} bytes")
        try:
            self.sock.settimeout(seconds)
            self.sock.sendall(LENGTH.pack(len(data)) + data)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise Closed(str(error)) from error

    def receive(self, seconds=None):
        """The next message. Raises Closed, Late, TooLong, or ValueError when it is not one of ours."""
        deadline = None if seconds is None else time.monotonic() + seconds
        self._fill(LENGTH.size, deadline)
        [length] = LENGTH.unpack_from(self.buffer)
        if length > self.limit:
            raise TooLong(f"{length} bytes")
        end = LENGTH.size + length
        self._fill(end, deadline)
        data = bytes(self.buffer[LENGTH.size : end])
        del self.buffer[:end]
        return Reader(items=self.limit // ITEM).read(data)

    def waiting(self, seconds):
        """Whether something arrives within `seconds`."""
        return bool(self.buffer) or bool(select.select([self.sock], [], [], seconds)[0])

    def _fill(self, size, deadline):
        """Wait until so many bytes are in the buffer."""
        while len(self.buffer) < size:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise Late
            try:
                self.sock.settimeout(left)
                data = self.sock.recv(CHUNK)
            except TimeoutError as error:
                raise Late from error
            except OSError as error:
                raise Closed(str(error)) from error
            if not data:
                raise Closed("end of stream")
            self.buffer += data
            self.received += len(data)

"""What programs and C code write to descriptors 1 and 2, which no stream of Python's sees."""

import os
import tempfile
from collections.abc import Callable

CHUNK = 1 << 16


class Descriptor:
    """Descriptor 1 or 2 of this process and of those that it starts: a file without a name.

    A pipe would need somebody who reads it while the cell runs.
    """

    def __init__(self, number: int, show: Callable[[str], object]) -> None:
        """`show` is given the text."""
        self.show, self.shown = show, 0
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  for as long as the process
        os.dup2(self.file.fileno(), number)

    def flush(self) -> None:
        """Show what has been written since the last time."""
        while part := os.pread(self.file.fileno(), CHUNK, self.shown):
            self.shown += len(part)
            self.show(part.decode("utf-8", "replace"))

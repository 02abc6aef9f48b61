"""The outputs of a cell, from the messages that its kernel sent in Jupyter's protocol.

nbclient and nbconvert do this too, but in quadratic time: they go through all displays of an id for each
new one, through the whole stream for each piece of it, and through a line for each of its characters.
"""

import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output, output_from_msg

from nbgrader_apart.messages import text

MOST = 1000  # outputs of a cell
COPIES = 10  # of a display: an update goes to all of them
# What the rest of a line is printed over. It begins at the line: elsewhere the search would be repeated.
OVERPRINTED = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)


class Outputs:
    """The outputs of one cell. Messages are not trusted; time and memory are linear in their size."""

    def __init__(self) -> None:
        self._clear()
        self._cleared_by_next = False
        self._cut = False

    def _clear(self) -> None:
        # pairs of an nbformat output and the pieces of a stream, or else the id of a display
        self._shown: list[tuple[NotebookNode, list[str] | str | None]] = []
        self._displays: dict[
            str, list
        ] = {}  # id -> [the output that was shown last under it, how often it is shown]

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Take a message. Raises an Exception of any class when it is not one of Jupyter's."""
        if kind == "clear_output":
            self._cleared_by_next = bool(content.get("wait"))
            if not self._cleared_by_next:
                self._clear()
            return
        display = (content.get("transient") or {}).get("display_id")
        if kind == "update_display_data":
            if display in self._displays:
                self._displays[display][0] = output("display_data", content)
            return
        if self._cleared_by_next:
            self._clear()
            self._cleared_by_next = False
        if kind == "stream":
            self._print(content["name"], content["text"])
        else:
            self._display(output(kind, content), display)

    def _print(self, name: str, printed: object) -> None:
        if not isinstance(printed, str):
            raise ValueError("a malformed stream")
        last, pieces = self._shown[-1] if self._shown else (None, None)
        if last is not None and isinstance(pieces, list) and last.name == name:
            pieces.append(printed)
        else:
            self._append(new_output("stream", name=name), [printed])

    def _display(self, shown: NotebookNode, display: str | None) -> None:
        if display is not None:
            about = self._displays.setdefault(display, [shown, 0])
            about[0] = shown
            about[1] += 1
            if about[1] > COPIES:
                self._cut = True
                return
        self._append(shown, display)

    def _append(self, shown: NotebookNode, about: list[str] | str | None) -> None:
        if len(self._shown) < MOST:
            self._shown.append((shown, about))
        else:
            self._cut = True

    def nodes(self, count: int | None) -> list[NotebookNode]:
        """The outputs as nbformat has them; `count` is the number of the cell's execution."""
        for shown, about in self._shown:
            if isinstance(about, list):
                shown.text = OVERPRINTED.sub("", "".join(about))
            elif about is not None:
                latest, _ = self._displays[about]
                shown.data, shown.metadata = latest.data, latest.metadata
            if shown.output_type == "execute_result":
                shown.execution_count = count
        nodes = [shown for shown, _ in self._shown]
        return [*nodes, new_output("stream", name="stderr", text=text("run.many"))] if self._cut else nodes


def output(kind: str, content: dict[str, Any]) -> NotebookNode:
    """An nbformat output; raises ValueError, KeyError or TypeError when it would be malformed."""
    return output_from_msg({"header": {"msg_type": kind}, "content": content})

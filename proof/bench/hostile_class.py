"""What a worst hostile submission costs the class that it is in: minutes, and nobody's marks."""

import sys
import tempfile
from dataclasses import dataclass
from textwrap import indent

import nbformat

from course.build.editions import ORIGINAL
from proof.bench.bench_class import Classroom

SIZE = 20
LOOP = """
while True:
    try:
        while True:
            pass
    except BaseException:
        continue
"""
LOOP_IN_CALL = f"""
def forward(*_):{indent(LOOP, "    ")}
MSELoss.forward = forward
"""
KEYS = """
wire = get_ipython().display_pub.session.wire
prime, count = (1 << 61) - 1, 40_000
key = b"\\xc7\\x0c\\x02"
entries = [key + (k * prime).to_bytes(12, "little", signed=True) + b"\\xc0" for k in range(1, count + 1)]
body = b"\\xdf" + count.to_bytes(4, "big") + b"".join(entries)
wire.sock.sendall(len(body).to_bytes(4, "little") + body)
"""
SHARED = """
import mmap
shared = mmap.mmap(-1, 4200 << 20)
for start in range(0, 4200 << 20, 4096):
    shared[start] = 1
"""
FORKS = """
import os, time
for _ in range(3000):
    try:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    except OSError:
        break
"""


@dataclass(frozen=True)
class Hostile:
    """`code` is put before, or `after`, what the learner wrote first in `notebooks`, a pattern."""

    what: str
    code: str
    notebooks: str = "task-3-*"
    after: bool = False

    def spoil(self, folder):
        """Change the submission in the folder."""
        for path in folder.glob(f"{self.notebooks}.ipynb"):
            notebook = nbformat.read(path, as_version=4)
            cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution"))
            cell.source = f"{cell.source}\n{self.code}" if self.after else f"{self.code}\n{cell.source}"
            nbformat.write(notebook, path)


WORST = (
    Hostile("an endless loop that swallows interrupts, in every notebook", LOOP, "*"),
    Hostile("the same in a method that a test calls", LOOP_IN_CALL, after=True),
    Hostile("a message of 40 000 keys that collide", KEYS),
    Hostile("4.2 GB that are shared with nobody", SHARED),
    Hostile("forks until nothing is left", FORKS),
)


def measure(size=SIZE, worst=WORST):
    """{"size": …, "without": seconds, "with": {what: seconds}}; exits when another's marks have changed."""
    seconds, marks = grade(size)
    found = {"size": size, "without": seconds, "with": {}}
    for hostile in worst:
        found["with"][hostile.what], others = grade(size, hostile)
        if changed := [student for student in others if others[student] != marks[student]]:
            sys.exit(f"{hostile.what}: the marks of {', '.join(changed)} have changed")
    return found


def grade(size, hostile=None):
    """(seconds, marks of the others) of a class whose submission in the middle is hostile."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        room = Classroom(folder, "ours")
        room.hand_in(0, size)
        spoiled = sorted((room.folder / "submitted").iterdir())[size // 2]
        if hostile:
            hostile.spoil(spoiled / ORIGINAL.assignment)
        seconds, marks = room.grade().wall, room.marks()
        print(f"{hostile.what if hostile else 'nothing hostile'}: {seconds:.0f} s", flush=True)
        own = marks.pop(spoiled.name)
        print(f"  {sum(own.values()):g} points of its own")
        return seconds, marks

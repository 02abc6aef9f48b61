"""A class of example submissions in a folder of its own, graded by stock nbgrader or by `grading`."""

import contextlib
import resource
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import psutil
from nbgrader.api import Gradebook

from course.build.editions import ORIGINAL
from course.build.paths import ROOT
from nbgrader_apart.testing import forked
from proof.demo.submissions import load, names

STOCK = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "backprop"
c.GenerateAssignment.force = True
c.Execute.timeout = 60
"""
OURS = (
    STOCK
    + """
load_subconfig({config!r})
c.CourseDirectory.root = {root!r}
"""
)
SAMPLE = 2.0  # seconds between two looks at the memory: once a second would cost 2 % of both cores


@dataclass
class Run:
    """What one command cost: seconds of the clock and of processors, MB at its peak."""

    submissions: int
    wall: float
    cpu: float
    memory: float


class Classroom:
    """`size` submissions, the examples in turn; `kind` is "stock" or "ours"."""

    def __init__(self, folder, kind):
        self.folder = Path(folder) / kind
        self.kind = kind
        shutil.copytree(ORIGINAL.source, self.folder / "source" / ORIGINAL.assignment)
        values = {"root": str(self.folder), "config": str(ROOT / "nbgrader_config.py")}
        (self.folder / "nbgrader_config.py").write_text({"stock": STOCK, "ours": OURS}[kind].format(**values))
        self._run("nbgrader", "generate_assignment", ORIGINAL.assignment)

    def hand_in(self, first, count, examples=None):
        """Write submissions number `first` to `first + count - 1`."""
        shutil.rmtree(self.folder / "submitted", ignore_errors=True)
        order = islice(cycle(examples or names()), first, first + count)
        for number, name in enumerate(order, start=first):
            load(name).write(ORIGINAL.release, self.folder / "written")
            target = self.folder / "submitted" / f"s{number:04}-{name}"
            target.parent.mkdir(exist_ok=True)
            (self.folder / "written" / name).rename(target)

    def grade(self):
        """Grade what was handed in; the Run."""
        count = len(list((self.folder / "submitted").iterdir()))
        command = ("nbgrader", "autograde") if self.kind == "stock" else ("nbgrader_apart", "grade")
        options = [] if self.kind == "stock" else ["--quiet"]
        return self.measure(*command, ORIGINAL.assignment, *options, submissions=count)

    def measure(self, module, *arguments, submissions):
        """Run a command on so many submissions; the Run."""
        before, started = processor_seconds(), time.monotonic()
        memory = self._run(module, *arguments)
        return Run(submissions, time.monotonic() - started, processor_seconds() - before, memory)

    def marks(self):
        """{student: {notebook: points}}"""
        with Gradebook(f"sqlite:///{self.folder}/gradebook.db") as gradebook:
            return {
                submission.student_id: {notebook.name: notebook.score for notebook in submission.notebooks}
                for submission in gradebook.assignment_submissions(ORIGINAL.assignment)
            }

    def finished(self):
        """When each submission was recorded, in seconds, in order."""
        marks = self.folder.glob(f"autograded/*/{ORIGINAL.assignment}/.graded.json")
        return sorted(path.stat().st_mtime for path in marks)

    def _run(self, module, *arguments):
        """Run a command to its end; its peak memory in MB. Raises RuntimeError when it fails."""
        command = [sys.executable, "-m", module, *arguments]
        with (self.folder / "log.txt").open("a") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=forked.environment(), stdout=log, stderr=subprocess.STDOUT
            )
            watch = Memory(process.pid)
            try:
                code = process.wait()
            finally:
                process.terminate()  # of no effect unless the wait was interrupted
                process.wait()
                watch.done.set()
        if code:
            raise RuntimeError(f"{' '.join(command)} ended with {code}: see {log.name}")
        return watch.peak / 2**20


class Memory(threading.Thread):
    """Looks at the memory of a process and its descendants; pages that several share count once."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.peak, self.done = psutil.Process(pid), 0, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(SAMPLE):
            total = 0
            for process in self._family():
                with contextlib.suppress(psutil.NoSuchProcess):
                    total += process.memory_full_info().pss
            self.peak = max(self.peak, total)

    def _family(self):
        """The process and its descendants; nobody once it has ended."""
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def processor_seconds():
    """CPU seconds of all descendants that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

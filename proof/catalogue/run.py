"""Runs catalogue entries against the notebooks' own test cells, one forked process per entry, no kernel."""

import contextlib
import io
import linecache
import multiprocessing
import os
import sys
import time
import warnings
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import wait

from course.build import catalogue, notebook_text
from course.build.editions import ORIGINAL

WORKERS = os.cpu_count() or 2
SECONDS = 60  # for one entry; the slowest needs 2


@dataclass(frozen=True)
class Result:
    """What became of an entry: for every graded check the sentence of its failure and the sentence's key.

    Both are "" when the check passed; the key is "" too when something else than a check failed. `ended`
    says why there are none of them: how the entry's process ended before it could answer.
    """

    entry: catalogue.Entry
    messages: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    ended: str = ""

    @property
    def failed(self):
        return {check for check, message in self.messages.items() if message}


def run_all(entries, seconds=SECONDS, edition=ORIGINAL):
    """Results of all entries, in order. Each entry has a process of its own, forked from a warm one.

    The notebooks and checks are those of the edition; of one in a process, since modules are imported once.

    An entry that ends its process or takes more than `seconds` gets a Result that says so.
    """
    _warm_up(dict.fromkeys(entry.notebook for entry in entries), edition)
    waiting, running, results = list(enumerate(entries))[::-1], {}, {}
    while waiting or running:
        while waiting and len(running) < WORKERS:
            number, entry = waiting.pop()
            running[_Fork(entry, seconds, edition)] = number
        for fork in wait(running, max(0, min(fork.deadline for fork in running) - time.monotonic())):
            results[running.pop(fork)] = fork.result()
        for fork in [fork for fork in running if fork.deadline < time.monotonic()]:
            results[running.pop(fork)] = Result(fork.entry, ended=f"was stopped after {seconds} s")
            fork.stop()
    return [results[number] for number in range(len(entries))]


class _Fork:
    """A process that runs one entry; `wait` takes it for the pipe through which its Result comes."""

    def __init__(self, entry, seconds, edition):
        context = multiprocessing.get_context("fork")
        self.entry = entry
        self.deadline = time.monotonic() + seconds
        self.answer, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=lambda: sender.send(run(entry, edition.language)), daemon=True)
        self.process.start()
        sender.close()  # the process alone has this end now, so its death is the end of the pipe

    def fileno(self):
        return self.answer.fileno()

    def result(self):
        """The Result that has come, or one that says how the process ended without."""
        try:
            result = self.answer.recv()
        except (EOFError, OSError):
            self.process.join(1)
            result = Result(self.entry, ended=f"ended its process with code {self.process.exitcode}")
        self.stop()
        return result

    def stop(self):
        """End the process, whatever it still does."""
        self.process.kill()
        self.process.join()
        self.answer.close()


def _warm_up(notebooks, edition):
    """Do once what every fork would: the reference solutions import everything and fill every cache."""
    sys.path.insert(0, str(edition.source))
    import torch

    torch.set_num_threads(1)  # threads do not live on in a fork
    for notebook in notebooks:
        own = {name: code for name, code, graded in _cells(notebook, edition.language) if not graded}
        reference = catalogue.Entry(notebook, "the reference solution", notebook, cells=own, changed="")
        for check, message in run(reference, edition.language).messages.items():
            if message:
                raise ValueError(f"{notebook}: the reference solution fails {check}: {message}")


@cache
def _cells(notebook, language=ORIGINAL.language):
    """(grade id, source, whether it gives points) of all cells but visible checks and pictures."""
    cells = [cell for cell in notebook_text.build(notebook, language).cells if "nbgrader" in cell.metadata]
    return [(cell.id, cell.source, cell.metadata.nbgrader.grade) for cell in cells]


def run(entry, language=ORIGINAL.language):
    """Execute the notebook with the entry's cells in place; an error ends only its own cell.

    A graded check above the entry's first cell passes, as it has with the reference solution.
    """
    import torch

    torch.set_default_dtype(torch.float32)  # a solution that ran in this process before may have set another
    namespace = {"__name__": "__main__"}
    messages, keys, changed = {}, {}, bool(entry.extra)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, extra in enumerate(entry.extra):
            _execute(extra, f"extra-{number}", namespace)
        for grade_id, source_code, graded in _cells(entry.notebook, language):
            changed = changed or grade_id in entry.cells
            message = key = ""
            if changed or not graded:
                message, key = _execute(entry.cells.get(grade_id, source_code), grade_id, namespace)
            if graded:
                messages[grade_id], keys[grade_id] = message, key
    return Result(entry, messages, keys)


def _execute(code, name, namespace):
    """Run one cell; the message of the error that ended it and the message's key, or two empty strings.

    As in IPython, its lines can be shown, and the checks know which cells have stopped.
    """
    from checks import cells

    file = f"<{name}>"
    linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
    try:
        exec(compile(code, file, "exec"), namespace)
    except Exception as error:
        cells.note(namespace, code, error)
        return str(error) or type(error).__name__, getattr(error, "key", "")
    cells.note(namespace, code, None)
    return "", ""

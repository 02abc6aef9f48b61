"""Several tasks at once, each in a bounded call; one that fails does not affect the others."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from itertools import islice
from multiprocessing.connection import wait
from typing import Any, Generic, TypeVar

from nbgrader_apart.processes.bounded import Call
from nbgrader_apart.processes.signals import deferred

Job = TypeVar("Job", Call, Future)
Task = TypeVar("Task")
TICK = 0.25  # seconds between two updates of the progress


class Pool(ABC, Generic[Task, Job]):
    """`run` gives an outcome for every task: what its job returned, or the exception that ended it."""

    def __init__(self, workers: int, at_once: int) -> None:
        self.workers, self.at_once = workers, at_once
        self.running: dict[Job, Task] = {}

    def expect_tasks(self) -> None:
        """There will be tasks: get ready for them meanwhile."""

    @abstractmethod
    def start(self, task: Task) -> Job:
        """Start the task."""

    @abstractmethod
    def ended(self) -> Collection[Job]:
        """The running jobs that have ended; waits for one, TICK seconds at most."""

    @abstractmethod
    def end(self, job: Job) -> None:
        """End the job if it still runs, and release what it holds."""

    def run(self, tasks: Iterable[Task], tick: Callable[[list[Task]], None]) -> Iterator[tuple[Task, Any]]:
        """Yield (task, what it returned or the exception) as tasks end; call `tick(running tasks)` regularly.

        `tasks` is consumed as workers become free.
        """
        waiting = iter(tasks)
        self._fill(waiting)
        while self.running:
            ended = []
            for job in self.ended():
                try:
                    outcome = job.result()
                except Exception as error:
                    outcome = error
                with deferred():
                    self.end(job)
                    ended.append((self.running.pop(job), outcome))
            self._fill(waiting)  # the caller's work on an outcome keeps no worker waiting
            yield from ended
            tick(list(self.running.values())[: self.workers])

    def _fill(self, waiting: Iterator[Task]) -> None:
        """Start as many tasks as there is room for."""
        for task in islice(waiting, self.at_once - len(self.running)):
            with deferred():  # a signal between the two would leave a job that nobody ends
                self.running[self.start(task)] = task

    def close(self) -> None:
        """End what is still running."""
        for job in self.running:
            self.end(job)


class CallPool(Pool[Task, Call]):
    """Forks of this process. `start` begins a task's Call; `workers` 0 is one more than cores."""

    def __init__(self, start: Callable[[Task], Call], workers: int = 0) -> None:
        workers = workers or (os.cpu_count() or 1) + 1  # one waits while the others compute
        super().__init__(workers, workers)
        self.begin = start

    def start(self, task: Task) -> Call:
        return self.begin(task)

    def ended(self) -> list[Call]:
        answered = wait([call.reader for call in self.running], TICK)
        return [call for call in self.running if call.reader in answered or call.is_due()]

    def end(self, job: Call) -> None:
        job.end()

"""Where tasks run: in forks of this process, or on a cluster of dask.distributed; each in a bounded call."""

import multiprocessing
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for_futures
from itertools import islice
from multiprocessing.connection import wait as wait_for_readers
from typing import Generic, TypeVar

from nbgrader_apart.class_run import task as work
from nbgrader_apart.class_run.task import Graded, Task
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import CourseError
from nbgrader_apart.processes.bounded import Call
from nbgrader_apart.processes.warm_process import WarmProcess

Job = TypeVar("Job", Call, Future)
AHEAD = 2  # tasks that wait for each worker of a cluster, so that no worker is idle
TICK = 0.25  # seconds between two updates of the progress


class Pool(ABC, Generic[Job]):
    """`run` gives an outcome for every task: what grading it returned, or the exception that ended it."""

    def __init__(self, workers: int, at_once: int) -> None:
        self.workers, self.at_once = workers, at_once
        self.running: dict[Job, Task] = {}

    @abstractmethod
    def start(self, task: Task) -> Job:
        """Start the task."""

    @abstractmethod
    def ended(self) -> Collection[Job]:
        """The running jobs that have ended; waits for one, TICK seconds at most."""

    @abstractmethod
    def end(self, job: Job) -> None:
        """End the job if it still runs, and release what it holds."""

    def run(
        self, tasks: Iterable[Task], tick: Callable[[list[Task]], None]
    ) -> Iterator[tuple[Task, Graded | Exception]]:
        """Yield (task, Graded or exception) as tasks end; call `tick(running tasks)` regularly.

        `tasks` is consumed as workers become free.
        """
        waiting = iter(tasks)
        while True:
            for task in islice(waiting, self.at_once - len(self.running)):
                self.running[self.start(task)] = task
            if not self.running:
                return
            for job in self.ended():
                task = self.running.pop(job)
                outcome: Graded | Exception
                try:
                    outcome = job.result()
                except Exception as error:
                    outcome = error
                finally:
                    self.end(job)
                yield task, outcome
            tick(list(self.running.values())[: self.workers])

    def close(self) -> None:
        """End what is still running."""
        for job in self.running:
            self.end(job)


class LocalPool(Pool[Call]):
    """Forks of this process, which share its warm process."""

    def __init__(self, workers: int, name: str) -> None:
        """Raises CourseError when the course has no assignment of this name."""
        workers = workers or (os.cpu_count() or 1) + 1  # one waits while the others compute
        super().__init__(workers, workers)
        work.warm_process(name)  # it imports while this process prepares the first tasks

    def start(self, task: Task) -> Call:
        return work.start(task)

    def ended(self) -> list[Call]:
        answered = wait_for_readers([call.reader for call in self.running], TICK)
        return [call for call in self.running if call.reader in answered or call.is_due()]

    def end(self, job: Call) -> None:
        job.end()

    def close(self) -> None:
        """End the forks and the warm process."""
        super().close()
        for lost in multiprocessing.active_children():  # started when a signal came, so not noted as running
            lost.kill()
            lost.join()
        WarmProcess.close_all()  # it ends when no fork holds a connection to it


class DaskPool(Pool[Future]):
    """Workers of a cluster that somebody has started with `dask scheduler` and `dask worker`."""

    def __init__(self, address: str, name: str) -> None:
        from distributed import Client  # half a second that a local run does not need

        try:
            self.client = Client(address, timeout="5s", set_as_default=False)
        except (OSError, ValueError) as error:
            raise CourseError(text("batch.no_scheduler", address=address, reason=str(error)[:200])) from error
        threads = self.client.nthreads()
        if not threads:
            self.client.close()
            raise CourseError(text("batch.no_workers", address=address))
        self._compare_versions(name)
        self.executor = self.client.get_executor(pure=False)
        super().__init__(sum(threads.values()), AHEAD * sum(threads.values()))

    def _compare_versions(self, name: str) -> None:
        expected = work.version(name)
        answers = self.client.run(work.version, name, on_error="return")
        for worker, answer in answers.items():
            if answer != expected:
                self.client.close()
                about = {"worker": worker, "answer": str(answer)[:200], "expected": expected}
                raise CourseError(text("batch.bad_worker", **about))

    def start(self, task: Task) -> Future:
        return self.executor.submit(grade_there, task)

    def ended(self) -> set[Future]:
        return wait_for_futures(self.running, TICK, FIRST_COMPLETED).done

    def end(self, job: Future) -> None:
        job.cancel()

    def close(self) -> None:
        """Leave the cluster."""
        super().close()
        self.client.close()


def grade_there(task: Task) -> Graded:
    """Grade a task in a Dask worker. Raises what grading raises, OutOfTime, Died."""
    multiprocessing.current_process().daemon = False  # a daemon, as a nanny's worker is, may not fork
    call = work.start(task)
    try:
        return call.result()
    finally:
        call.end()

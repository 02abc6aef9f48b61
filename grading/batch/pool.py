"""Where tasks run: in processes of this machine, or on a cluster of dask.distributed. Both are executors."""

import contextlib
import multiprocessing
import os
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from ..course import CourseError
from ..messages import text
from ..warm.client import WarmProcess
from ..warm.namespaces import die_with_parent
from . import task as work

AHEAD = 2  # tasks that wait for each worker, so that none waits for the next
TICK = 0.25  # seconds between two looks at the progress


class Pool:
    """`run` gives an outcome for every task: what grading it returned, or how it ended."""

    def __init__(self, workers):
        self.workers = workers

    def run(self, tasks, tick):
        """Yield (task, Graded or exception) as tasks end; call `tick(tasks under way)` now and then.

        `tasks` is an iterable that is read as workers become free.
        """
        tasks, suspects = iter(tasks), []
        while True:
            try:
                with self.executor(self.workers) as executor:
                    yield from self._run_on(executor, tasks, suspects, tick)
            except BrokenProcessPool:
                # somebody's submission has taken a worker with it: those under way are graded one by one
                yield from self._one_by_one(suspects, tick)
                suspects = []
            else:
                return

    def _run_on(self, executor, tasks, running, tick):
        futures = {}
        while True:
            for task in islice(tasks, AHEAD * self.workers - len(futures)):
                running.append(task)
                futures[executor.submit(work.grade, task)] = task
            if not futures:
                return
            done, _ = wait(futures, timeout=TICK, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = outcome_of(future)
                if isinstance(outcome, BrokenProcessPool):
                    raise outcome
                task = futures.pop(future)
                running.remove(task)
                yield task, outcome
            tick(running[: self.workers])

    def _one_by_one(self, suspects, tick):
        for task in suspects:
            tick([task])
            with self.executor(1) as executor:
                outcome = outcome_of(executor.submit(work.grade, task))
            if isinstance(outcome, BrokenProcessPool):
                outcome = CourseError(text("batch.worker_died"))
            yield task, outcome


def outcome_of(future):
    """The result of a future, or its exception."""
    try:
        return future.result()
    except Exception as error:
        return error


class LocalPool(Pool):
    """Processes forked from this one, which share its warm process."""

    def __init__(self, workers, settings, shipped):
        super().__init__(workers or os.cpu_count() + 1)  # one waits while the others compute
        self.settings = settings
        self.shipped = shipped

    @contextlib.contextmanager
    def executor(self, workers):
        """A fresh executor; its workers die with this process."""
        if self.settings.warm and not self.settings.unsafe_without_sandbox:
            WarmProcess.get(self.settings.warm_up, self.shipped)
        context = multiprocessing.get_context("fork")
        executor = ProcessPoolExecutor(workers, context, initializer=die_with_parent)
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)

    def close(self):
        """End the warm process."""
        WarmProcess.close_all()


class DaskPool(Pool):
    """Workers of a cluster that somebody has started with `dask scheduler` and `dask worker`."""

    def __init__(self, address, name):
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
        super().__init__(sum(threads.values()))

    def _compare_versions(self, name):
        expected = work.version(name)
        answers = self.client.run(work.version, name, on_error="return")
        for worker, answer in answers.items():
            if answer != expected:
                self.client.close()
                about = {"worker": worker, "answer": str(answer)[:200], "expected": expected}
                raise CourseError(text("batch.bad_worker", **about))

    @contextlib.contextmanager
    def executor(self, workers):
        """The cluster's executor; the cluster stays."""
        yield self.client.get_executor(pure=False)

    def close(self):
        """Leave the cluster."""
        self.client.close()

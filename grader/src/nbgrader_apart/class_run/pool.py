"""Where submissions are graded: in forks of this process, or on a cluster of dask.distributed."""

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for_futures

from nbgrader_apart.class_run import task as work
from nbgrader_apart.class_run.task import Graded, Task
from nbgrader_apart.messages import text
from nbgrader_apart.model.course import CourseError
from nbgrader_apart.processes.pool import TICK, CallPool, Pool
from nbgrader_apart.processes.warm_process import WarmProcess

AHEAD = 2  # tasks that wait for each worker of a cluster, so that no worker is idle


class LocalPool(CallPool[Task]):
    """Forks of this process, which share its warm process."""

    def __init__(self, workers: int, assignment: str) -> None:
        super().__init__(work.start, workers)
        self.assignment = assignment

    def expect_tasks(self) -> None:
        """Let the warm process import what tasks need."""
        work.warm(self.assignment)

    def close(self) -> None:
        """End the forks and the warm process."""
        super().close()
        WarmProcess.close_all()  # it ends when no fork holds a connection to it


class DaskPool(Pool[Task, Future]):
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

"""What it costs that tests have a process of their own, measured on the reference submission."""

import copy
import resource
import tempfile
import time
from pathlib import Path

import psutil

from course.build.editions import ORIGINAL
from nbgrader_apart import grade_notebook
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.model import assignment
from nbgrader_apart.model.course import Course
from nbgrader_apart.model.settings import Grading
from nbgrader_apart.processes.warm_process import WarmProcess

ROUNDS = 5
BURIED = 0.5  # seconds until the warm process has waited for its last forks


def cpu_seconds():
    """(judged apart, tests in the kernel): CPU seconds of all processes, the best of ROUNDS."""
    course = Course()
    settings = course.settings
    judged = assignment.load(course.source(ORIGINAL.assignment))
    inside = Grading(config=course.config, tests="inside")
    judge = Judge(settings, judged.folder, judged.shipped)
    seconds(judged, settings, judge)  # warms up
    apart, together = [], []
    for _ in range(ROUNDS):
        apart.append(seconds(judged, settings, judge))
        together.append(seconds(judged, inside, judge))
    WarmProcess.close_all()
    return min(apart), min(together)


def seconds(source, settings, judge):
    """CPU seconds of grading once."""
    before = spent()
    grade(source, settings, judge)
    judge.close()
    time.sleep(BURIED)
    return spent() - before


def grade(source, settings, judge):
    """Run and judge all source notebooks: they are the reference submission."""
    with tempfile.TemporaryDirectory() as files:
        for name, cells in source.sources.items():
            grade_notebook.grade(copy.deepcopy(cells), name, source, Path(files), settings, {}, judge)


def spent():
    """CPU seconds so far of this process, of its children and of the warm process's forks."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    warm = [psutil.Process(warm.process.pid).cpu_times() for warm in WarmProcess.running.values()]
    return sum(each.ru_utime + each.ru_stime for each in usage) + sum(sum(times[:4]) for times in warm)

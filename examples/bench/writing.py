"""What the one writer to the gradebook needs for a submission."""

import contextlib
import time
from dataclasses import replace

from grading.batch import task as work
from grading.batch.command import task_of
from grading.batch.writer import Writer
from grading.course import Course
from grading.warm.client import WarmProcess

from ..submissions import ASSIGNMENT

COPIES = 50


def seconds(classroom):
    """Seconds of the clock for recording one graded submission: the mean of COPIES by as many students."""
    with contextlib.chdir(classroom.folder):
        course = Course()
        writer = Writer(course, ASSIGNMENT)
        folders = course.submitted(ASSIGNMENT)
        task = task_of(course, writer, folders, min(folders))
        graded = work.grade(task)
        WarmProcess.close_all()
        started = time.monotonic()
        for number in range(COPIES):
            student = f"copy-{number}"
            writer.record(replace(task, student=student), replace(graded, student=student))
        return (time.monotonic() - started) / COPIES

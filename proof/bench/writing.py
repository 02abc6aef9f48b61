"""What the one writer to the gradebook needs for a submission."""

import contextlib
import time
from dataclasses import replace

from course.build.editions import ORIGINAL
from nbgrader_apart.class_run import task as work
from nbgrader_apart.class_run.gradebook_writer import GradebookWriter
from nbgrader_apart.class_run.grading_run import Run
from nbgrader_apart.model.course import Course
from nbgrader_apart.processes.warm_process import WarmProcess

COPIES = 50


def seconds(classroom):
    """Seconds of the clock for recording one graded submission: the mean of COPIES by as many students."""
    with contextlib.chdir(classroom.folder):
        course = Course()
        writer = GradebookWriter(course, ORIGINAL.assignment)
        folders = course.submitted(ORIGINAL.assignment)
        task = Run(course, writer, folders, force=True).task(min(folders))
        graded = work.grade(task)
        WarmProcess.close_all()
        started = time.monotonic()
        for number in range(COPIES):
            student = f"copy-{number}"
            writer.record(replace(task, student=student), replace(graded, student=student))
        return (time.monotonic() - started) / COPIES

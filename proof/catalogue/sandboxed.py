"""Runs catalogue entries as grading does: learner's cells in the sandbox, tests by the judge, no nbgrader.

python -m proof.catalogue.sandboxed [EVERY]   every (EVERY-th) entry fails the same checks in the same words
"""

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from nbformat.v4 import new_code_cell

from course.build import catalogue
from course.build.editions import ORIGINAL
from nbgrader_apart.judge.client import Judge
from nbgrader_apart.model import assignment
from nbgrader_apart.model.course import Course
from nbgrader_apart.model.syntax import bound_names, loaded_names
from nbgrader_apart.processes.kernel import LearnersKernel
from proof.catalogue.run import _cells


@cache
def settings():
    """The course's settings, as nbgrader_config.py has them."""
    return Course().settings


def failing(entry):
    """{check that fails: the key of its sentence, or what it says when it has none}"""
    cells = _cells(entry.notebook)
    reference = catalogue.reference(entry.notebook)
    contract = set().union(*(bound_names(code) for code in reference.values()))
    failed = {}
    packages = assignment.load(ORIGINAL.source).shipped
    with (
        tempfile.TemporaryDirectory() as empty,
        Judge(settings(), ORIGINAL.source, packages) as judge,
    ):
        kernel = LearnersKernel(settings(), empty, packages)
        try:
            kernel.start()
            judge.start_notebook({}, kernel.judge_end, kernel.pid)
            for extra in entry.extra:
                kernel.run_cell(new_code_cell(extra))
            for name, code, graded in cells:
                if not graded:
                    kernel.run_cell(new_code_cell(entry.cells.get(name, code)))
                    if name not in reference:
                        judge.trusted(code, name)
                    continue
                outputs, key = judge.test(code, name, loaded_names(code) & contract)
                errors = [output["evalue"] for output in outputs if output["output_type"] == "error"]
                if errors:
                    failed[name] = key or errors[0]
        finally:
            kernel.close()
    return failed


def run(entry):
    """(entry, its failing checks)"""
    return entry, failing(entry)


def main(every=1):
    """Print each entry that is judged otherwise, and the totals; 1 when there is one."""
    entries = (catalogue.mistakes() + catalogue.alternatives())[::every]
    same = 0
    with ProcessPoolExecutor(2) as pool:
        for entry, failed in pool.map(run, entries):
            if set(failed) == set(entry.fails) and set(failed.values()) == set(entry.diagnosis):
                same += 1
                continue
            expected = f"not {entry.fails}, {entry.diagnosis}"
            print(f"{entry.notebook}: {entry.name}: {failed}, {expected}", flush=True)
    print(f"catalogue entries with the same marks in the sandbox: {same} / {len(entries)}")
    return 0 if same == len(entries) else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

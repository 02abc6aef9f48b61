"""`quick` prints the ratio to stock nbgrader in a few minutes; the others write docs/performance.*."""

import os
import sys
import tempfile
from dataclasses import asdict
from typing import Annotated

import typer

from nbgrader_apart.processes.signals import end_cleanly
from proof.bench import (
    after_grading,
    hostile_class,
    judging_apart,
    own_tests,
    performance_page,
    waits,
    writing,
)
from proof.bench.bench_class import Classroom, Run
from proof.bench.bound import own_seconds
from proof.demo.submissions import names

# as much work as most of a class; `loops`, whose cells need five times as much, is in the full run only
QUICK = ("reference", "autograd-instead-of-formulas", "partly-done", "unsummed-bias")
QUICK_ROUNDS, QUICK_OURS = 2, 20  # twice: 2 submissions by stock nbgrader, then 20 by ours
SIZES, CHUNK = (10, 30, 500, 100), 5  # in this order: the longest work of stock nbgrader comes last
BOUND_ROUNDS = 2

app = typer.Typer(add_completion=False, help=__doc__, pretty_exceptions_enable=False)


@app.command()
def quick():
    """Stock nbgrader and ours by turns on the same four submissions (ours on ten copies of each)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        stock, ours = Classroom(folder, "stock"), Classroom(folder, "ours")
        slow, fast = [], []
        for turn in range(QUICK_ROUNDS):
            share = len(QUICK) // QUICK_ROUNDS
            stock.hand_in(turn * share, share, QUICK)
            slow.append(tell("stock nbgrader", stock.grade()))
            ours.hand_in(turn * QUICK_OURS, QUICK_OURS, QUICK)
            fast.append(tell("ours", ours.grade()))
        same_marks(stock.marks(), ours.marks())
        bound = own_seconds(ours.folder / "submitted") / QUICK_OURS / os.cpu_count()
    slow, fast = total(slow), total(fast)
    times = fast.wall / fast.submissions / bound
    print(f"lower bound: {bound:.2f} s a submission; ours takes {times:.1f} times as long")
    ratio, rates = per_minute(fast) / per_minute(slow), f"{per_minute(fast):.1f}, {per_minute(slow):.2f}"
    print(f"{ratio:.1f}x the submissions per minute of stock nbgrader ({rates})")


@app.command()
def full():
    """Everything, in hours: what the other commands measure, the classes last."""
    measure_waits()
    measure_after()
    measure_hostile()
    measure_tests()
    measure_grading()


@app.command("grading")
def measure_grading(largest: int = 500, stock_up_to: int = 100):
    """Whole classes by turns, up to the largest; the page gets these numbers anew after each."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        examples = Classroom(folder, "ours")
        examples.hand_in(0, len(names()))
        own = min(own_seconds(examples.folder / "submitted") for _ in range(BOUND_ROUNDS))  # load only adds
        bound = own / len(names()) / os.cpu_count()
        found = {"sizes": [], "bound": bound, "writer": writing.seconds(examples)}
        stock = Stock(folder)
        for size in [size for size in SIZES if size <= largest]:
            with tempfile.TemporaryDirectory(prefix="class-", dir=folder) as own_folder:
                ours = Classroom(own_folder, "ours")
                found["sizes"].append(compare(ours, size, stock if size <= stock_up_to else None))
            found["sizes"].sort(key=lambda row: row["size"])
            performance_page.keep("grading", found)


@app.command("after")
def measure_after(sizes: Annotated[list[int] | None, typer.Argument(help="Two sizes of a class.")] = None):
    """Feedback, report and exports of whole classes; the page gets these numbers anew."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        performance_page.keep("after_grading", after_grading.measure(folder, sizes or after_grading.SIZES))


@app.command("hostile")
def measure_hostile(size: int = hostile_class.SIZE):
    """What one of the worst hostile submissions costs a class; the page gets these numbers anew."""
    performance_page.keep("hostile_class", hostile_class.measure(size))


@app.command("waits")
def measure_waits():
    """What a learner waits for, in seconds, where it is slowest; the page gets these numbers anew."""
    performance_page.keep("waits", waits.measure())


@app.command("tests")
def measure_tests():
    """What `make test` spends, step by step; the page gets these numbers anew."""
    performance_page.keep("own_tests", own_tests.measure())


@app.command("standins")
def measure_standins():
    """What judging in a process of its own costs, on the reference submission."""
    judged, in_kernel = judging_apart.cpu_seconds()
    more = judged / in_kernel - 1
    print(f"judged apart: {judged:.2f} CPU s; tests in the kernel: {in_kernel:.2f} CPU s; {more:+.0%}")


@app.command("page")
def write_page():
    """Make docs/performance.md and .svg anew from the numbers of the last runs."""
    performance_page.write()


class Stock:
    """A class that stock nbgrader grades while it grows: nothing is graded again for a larger size."""

    def __init__(self, folder):
        self.classroom, self.runs = Classroom(folder, "stock"), []

    def grow(self, size):
        """Grade in chunks until `size` are graded."""
        while self.graded() < size:
            self.classroom.hand_in(self.graded(), CHUNK)
            self.runs.append(tell("stock nbgrader", self.classroom.grade()))

    def graded(self):
        """How many it has graded so far."""
        return sum(run.submissions for run in self.runs)


def compare(ours, size, stock):
    """One class: ours on the whole class, and stock nbgrader, if given, before and after it."""
    ours.hand_in(0, size)
    if stock:
        stock.grow((stock.graded() + size) // 2)
    result = {"size": size, "ours": asdict(tell("ours", ours.grade())), "finished": ours.finished()}
    if stock:
        stock.grow(size)
        result["stock"] = asdict(total(stock.runs))
        same_marks(stock.classroom.marks(), ours.marks())
    return result


def same_marks(stock, ours):
    """Exit when stock nbgrader gave a submission other marks than ours gave one of the same example."""
    by_example = {example(student): marks for student, marks in ours.items()}
    for student, marks in stock.items():
        other = by_example[example(student)]
        if other != marks:
            sys.exit(f"marks differ for {student}: {marks} by stock nbgrader, {other} by ours")
    print(f"marks are the same: {len(stock)} submissions of stock nbgrader, {len(ours)} of ours")


def example(student):
    """The example that a student of a Classroom has handed in."""
    return student.partition("-")[2]


def tell(name, run):
    """Print a run; the run."""
    wall, cpu = run.wall / run.submissions, run.cpu / run.submissions
    each = f"{wall:.2f} s and {cpu:.2f} CPU s each, {run.memory:.0f} MB"
    print(f"{name}: {run.submissions} submissions, {each}", flush=True)
    return run


def total(runs):
    """Several runs as one."""
    return Run(
        sum(run.submissions for run in runs), sum(run.wall for run in runs),
        sum(run.cpu for run in runs), max(run.memory for run in runs),
    )  # fmt: skip


def per_minute(run):
    """Submissions a minute."""
    return 60 * run.submissions / run.wall


if __name__ == "__main__":
    end_cleanly(lambda: "interrupted")
    app(prog_name="python -m proof.bench")

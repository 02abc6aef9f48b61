"""`python -m ways.table` in grader/tests: grades each habit three ways, and compares with docs/habits.md.

`--write` writes the page.
"""

import difflib
import sys
import warnings
from pathlib import Path

from ways.habits import HABITS, OWN

from nbgrader_apart.judge.process import UNFIT
from nbgrader_apart.messages import speak, text
from nbgrader_apart.processes.warm_process import WarmProcess
from support.one_test import POINTS, graded, points, records, stock_points

PAGE = Path(__file__).parents[3] / "docs" / "habits.md"
ABOUT = """# Habits of tests, graded three ways

{count} courses of one test or a few, each with a habit of real nbgrader courses, with a right answer and a
wrong one (`grader/tests/ways/habits.py`): graded by nbgrader's own Execute and rules (*stock*), `inside` and
`apart`. A test is worth {points} points; «2 / 0» are those of the right and of the wrong answer, a plus is
between several tests.

`apart` gives stock's points to {equal} and refuses {refused}: «This test cannot run apart from the student's
code: …», with the reason that stands here, and «needs manual grade». `make peer` grades all of them, in CI
every night, and fails when this page says something else; `python -m ways.table --write` in `grader/tests`
writes it.

| habit | stock | inside | apart |
|:--|:-:|:-:|:--|
"""


def page():
    """The page, after grading everything."""
    rows = {habit: (stock(habit), inside(habit), apart(habit)) for habit in HABITS}
    refused = sum(row[2].startswith("refused") for row in rows.values())
    about = ABOUT.format(count=len(rows), points=POINTS, equal=len(rows) - refused, refused=refused)
    return about + "".join(f"| {habit} | {' | '.join(row)} |\n" for habit, row in rows.items())


def answers(habit):
    """The right answers, if they are not the source's own, and wrong ones."""
    return OWN.get(habit), [HABITS[habit][1]]


def stock(habit):
    """The points by nbgrader's own code."""
    cells, _, _, files = HABITS[habit]
    return both(stock_points(cells, given, files) for given in answers(habit))


def inside(habit):
    """The points with tests inside."""
    cells, _, _, files = HABITS[habit]
    return both(points(cells, given, files) for given in answers(habit))


def apart(habit):
    """The points with tests apart, or why a test is refused."""
    cells, _, _, files = HABITS[habit]
    found = []
    for given in answers(habit):
        with graded(cells, given, files, tests="apart") as notebook:
            found.append(records(notebook))
    before, _, after = text("apart.unfit", reason="\0").partition("\0")
    for record in [record for part in found for record in part]:
        if record["key"] == UNFIT:
            return f"refused: {record['message'].removeprefix(before).removesuffix(after)}"
    return both([record["points"] for record in part] for part in found)


def both(parts):
    """Right and wrong answer's points, those of several tests with a plus."""
    return " / ".join("+".join(f"{float(one):g}" for one in part) for part in parts)


def main():
    """Exit with 1 when the page says something else."""
    speak("en")
    warnings.simplefilter("ignore")
    try:
        now = page()
    finally:
        WarmProcess.close_all()
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(now, "utf-8")
    said = PAGE.read_text("utf-8")
    sys.stdout.writelines(difflib.unified_diff(said.splitlines(True), now.splitlines(True), str(PAGE), "now"))
    print(f"{len(HABITS)} habits graded three ways")
    sys.exit(said != now)


if __name__ == "__main__":
    main()

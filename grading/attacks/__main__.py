"""Runs the attacks through nbgrader, in two classes with honest controls, and prints two ratios."""

import argparse
import concurrent.futures
import sys
import tempfile
import time
from pathlib import Path

from .case import written_attacks
from .classroom import Classroom
from .families import accidents, feedback, forged  # noqa: F401  they enter their attacks in the register
from .families.register import ATTACKS
from .guard import Guard

FAST_PER_FAMILY = 4


def chosen(fast, names):
    """The attacks to run: all, the first few of each family, or those that are named."""
    attacks = written_attacks() + ATTACKS
    if names:
        return [attack for attack in attacks if attack.name in names]
    if not fast:
        return attacks
    by_family = {}
    for attack in attacks:
        by_family.setdefault(attack.family, []).append(attack)
    return [attack for family in by_family.values() for attack in family[:FAST_PER_FAMILY]]


def main():
    """Run, compare, print; the exit code is 0 only when everything is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m grading.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these attacks")
    parser.add_argument("--fast", action="store_true", help=f"the first {FAST_PER_FAMILY} of each family")
    options = parser.parse_args()
    attacks = chosen(options.fast, options.names)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder, Guard(folder) as guard:
        Path(folder).chmod(0o755)
        rooms = [Classroom(Path(folder) / f"class{n}", attacks[n::2], guard) for n in (0, 1)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(Classroom.run, [room for room in rooms if room.attacks]))
        left = guard.left_behind()
    problems = [problem for room in rooms for problem in room.problems] + left
    controls = [good for room in rooms for good in room.controls]
    stopped = sum(room.stopped for room in rooms)
    for problem in problems:
        print(f"✗ {problem}")
    print(f"attacks stopped / tried: {stopped} / {len(attacks)}")
    print(f"controls right / tried: {sum(controls)} / {len(controls)}")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if problems or not all(controls) or stopped != len(attacks) else 0


if __name__ == "__main__":
    sys.exit(main())

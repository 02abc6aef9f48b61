"""Runs the attacks in two classes with honest controls, one for each way to grade, and prints the ratios.

All attacks go through both commands; with --fast one of each family goes through one of them.
"""

import argparse
import concurrent.futures
import sys
import tempfile
import time
from pathlib import Path

from proof.attacks.attacked_class import Classroom
from proof.attacks.case import written_attacks
from proof.attacks.families import accidents, feedback, forged  # noqa: F401  they enter their attacks in the register
from proof.attacks.families.register import ATTACKS
from proof.attacks.guard import Guard

COMMANDS = (("nbgrader", "autograde"), ("nbgrader_apart", "grade"))


def chosen(fast, names):
    """The attacks to run: all, the first of each family, or those that are named."""
    attacks = written_attacks() + ATTACKS
    if names:
        return [attack for attack in attacks if attack.name in names]
    if not fast:
        return attacks
    by_family = {}
    for attack in attacks:
        by_family.setdefault(attack.family, attack)
    return list(by_family.values())


def main():
    """Run, compare, print; the exit code is 0 only when everything is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m proof.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these attacks")
    parser.add_argument("--fast", action="store_true", help="the first of each family")
    options = parser.parse_args()
    attacks = chosen(options.fast, options.names)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder, Guard(folder) as guard:
        Path(folder).chmod(0o755)
        shares = [attacks[0::2], attacks[1::2]] if options.fast else [attacks, attacks]
        rooms = [
            Classroom(Path(folder) / f"class{n}", share, guard, command)
            for n, (share, command) in enumerate(zip(shares, COMMANDS, strict=True))
        ]
        with concurrent.futures.ThreadPoolExecutor(len(rooms)) as pool:
            list(pool.map(Classroom.run, rooms))
        left = guard.left_behind()
    problems = [problem for room in rooms for problem in room.problems] + left
    controls = [good for room in rooms for good in room.controls]
    for problem in problems:
        print(f"✗ {problem}")
    for room in rooms:
        print(
            f"{' '.join(room.command)}: attacks stopped / tried: {room.stopped} / {len(room.attacks)}, ",
            end="",
        )
        print(f"controls right / tried: {sum(room.controls)} / {len(room.controls)}")
    stopped, tried = sum(room.stopped for room in rooms), sum(len(room.attacks) for room in rooms)
    print(f"attacks stopped / tried: {stopped} / {tried}")
    print(f"controls right / tried: {sum(controls)} / {len(controls)}")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if problems or not all(controls) or stopped != tried else 0


if __name__ == "__main__":
    sys.exit(main())

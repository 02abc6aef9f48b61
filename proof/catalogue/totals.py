"""Compares what the catalogues state with what happened: totals, and a sentence for what is off."""

from dataclasses import dataclass, field

from course.build import catalogue

ENOUGH = 3  # mistakes that fail each graded check
# sentences that tell where an answer differs, not why
UNEXPLAINED = (
    "value.wrong",
    "value.shape",
    "paper.wrong",
    "call.raised",
    "loop.losses",
    "loop.parameters",
    "loop.first_loss",
)


@dataclass
class Totals:
    """The numbers of the README."""

    mistakes: int = 0
    caught: int = 0
    alternatives: int = 0
    accepted: int = 0
    right: int = 0
    none: int = 0
    wrong: int = 0
    problems: list = field(default_factory=list)

    def sentence(self):
        """One line for the terminal."""
        return (
            f"mistakes caught {self.caught}/{self.mistakes}, right alternatives accepted "
            f"{self.accepted}/{self.alternatives}, diagnoses right {self.right}, none {self.none}, "
            f"wrong {self.wrong}, false alarms {self.alternatives - self.accepted}"
        )


def compare(results, whole=True):
    """Totals over the results of both catalogues, or of some entries when they are not the `whole`."""
    totals = Totals()
    for result in results:
        (_compare_mistake if result.entry.fails else _compare_alternative)(result, totals)
        if result.ended:
            totals.problems.append(f"{result.entry.name} {result.ended}")
    if whole:
        totals.problems += _coverage([result.entry for result in results if result.entry.fails])
    return totals


def _compare_alternative(result, totals):
    totals.alternatives += 1
    totals.accepted += not (result.failed or result.ended)
    totals.problems += [
        f"{result.entry.name}: is right, but {check} says «{result.messages[check]}»"
        for check in result.failed
    ]


def _compare_mistake(result, totals):
    entry, expected = result.entry, set(result.entry.fails)
    totals.mistakes += 1
    if result.ended:
        totals.none += 1
        return
    totals.caught += result.failed == expected
    totals.problems += [
        f"{entry.name}: {check} must fail, but passed" for check in sorted(expected - result.failed)
    ]
    totals.problems += [
        f"{entry.name}: {check} must pass, but says «{result.messages[check]}»"
        for check in sorted(result.failed - expected)
    ]
    shown = {result.keys[check] for check in result.failed}
    causes = {key for key in shown if not key.startswith(UNEXPLAINED)}
    if causes - set(entry.diagnosis):
        totals.wrong += 1
    elif causes:
        totals.right += 1
    else:
        totals.none += 1
    if shown != set(entry.diagnosis):
        said = "; ".join(
            f"{check} says {result.keys[check] or 'no key'} «{result.messages[check]}»"
            for check in sorted(result.failed)
        )
        totals.problems.append(f"{entry.name}: must say {', '.join(entry.diagnosis)}, but {said}")


def _coverage(entries):
    """Every graded check of the notebooks at hand needs ENOUGH mistakes, one of which it alone catches."""
    problems = []
    for notebook in sorted({entry.notebook for entry in entries}):
        fails = [set(entry.fails) for entry in entries if entry.notebook == notebook]
        for check in catalogue.points(notebook):
            count = sum(check in failed for failed in fails)
            if count < ENOUGH:
                problems.append(f"{notebook}: only {count} mistakes fail {check}, not {ENOUGH}")
            if {check} not in fails:
                problems.append(f"{notebook}: no mistake is caught by {check} alone")
    return problems

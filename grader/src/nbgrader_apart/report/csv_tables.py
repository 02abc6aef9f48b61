"""The report's data as CSV files, one per kind of row."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from nbgrader_apart.export.written_files import Value, write_csv
from nbgrader_apart.model.marks import Mark
from nbgrader_apart.report import class_summary
from nbgrader_apart.report.class_summary import Mistake, Rate
from nbgrader_apart.report.collect import Check, Group, Learner, Outcome

LEARNERS = [
    *("student_id", "name", "email", "state", "score", "max_score", "late_submission_penalty"),
    *("extra_credit", "submitted_utc", "due_utc", "seconds_late", "not_handed_in", "hand_ins"),
    *("score_before", "asks_for_feedback", "refused", "waiting_for_a_person", "problem"),
]
RESULTS = [
    *("student_id", "notebook", "check", "title", "points", "max_points"),
    *("outcome", "waiting_for_a_person", "diagnosis", "message"),
]
CHECKS = [
    "notebook",
    "check",
    "title",
    "max_points",
    "learners",
    *map(str, Outcome),
    "pass_rate",
]
MISTAKES = ["diagnosis", "sentence", "learners", "checks"]


def write(folder: Path, group: Group, rates: list[Rate], mistakes: list[Mistake]) -> None:
    """Write learners.csv, results.csv, checks.csv and mistakes.csv. Raises ExportError."""
    write_csv(
        folder / "learners.csv",
        LEARNERS,
        [_learner(learner, group.problems) for learner in group.learners],
    )
    write_csv(
        folder / "results.csv",
        RESULTS,
        [row for learner in group.graded for row in _results(learner)],
    )
    write_csv(
        folder / "checks.csv",
        CHECKS,
        [
            [
                *(rate.check.notebook, rate.check.name, rate.check.title, rate.check.possible, rate.tried),
                *(rate.outcomes[outcome] for outcome in Outcome),
                round(rate.share, 4),
            ]
            for rate in rates
        ],
    )
    write_csv(
        folder / "mistakes.csv",
        MISTAKES,
        [
            [
                mistake.key or "",
                mistake.sentence,
                mistake.learners,
                _named(check for check, _ in mistake.checks),
            ]
            for mistake in mistakes
        ],
    )


def _learner(learner: Learner, problems: list[tuple[Mark, str]]) -> list[Value]:
    mark = learner.mark
    waiting = [check for _, checks, _ in class_summary.questions(learner) for check in checks]
    refused = [f"{notebook}: {reason}" for notebook, reason in learner.refused.items()]
    return [
        *(mark.student, mark.name, mark.email, str(mark.state), mark.score if mark.is_mark else None),
        *(mark.possible, mark.penalty, mark.extra, mark.submitted, mark.due, int(mark.seconds_late)),
        *(" ".join(learner.absent), learner.last.hand_ins if learner.last else None),
        *(
            learner.last.before if learner.last else None,
            " ".join(learner.asks),
            "; ".join(refused),
            _named(waiting),
            " ".join(problem for odd, problem in problems if odd is mark),
        ),
    ]


def _results(learner: Learner) -> Iterator[list[Value]]:
    for check, result in learner.results.items():
        yield [
            *(learner.mark.student, check.notebook, check.name, check.title, result.points, check.possible),
            *(str(result.outcome), int(result.waiting), result.key or "", result.message or ""),
        ]


def _named(checks: Iterable[Check]) -> str:
    return " ".join(f"{check.notebook}/{check.name}" for check in checks)

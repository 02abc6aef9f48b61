"""The report's data as CSV files, one per kind of row."""

from ..export.files import write_csv
from . import summary

LEARNERS = [
    *("student_id", "name", "email", "state", "score", "max_score", "late_submission_penalty"),
    *("submitted_utc", "seconds_late", "asks_for_feedback", "refused", "waiting_for_a_person"),
]
RESULTS = [
    *("student_id", "notebook", "check", "title", "points", "max_points"),
    *("outcome", "waiting_for_a_person", "diagnosis", "message"),
]
CHECKS = ["notebook", "check", "title", "max_points", "learners", *map(str, summary.Outcome), "pass_rate"]
MISTAKES = ["diagnosis", "sentence", "learners", "checks"]


def write(folder, group, rates, mistakes):
    """Write learners.csv, results.csv, checks.csv and mistakes.csv. Raises ExportError."""
    write_csv(
        folder / "learners.csv",
        LEARNERS,
        [_learner(learner) for learner in group.learners],
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
            [rate.check.notebook, rate.check.name, rate.check.title, rate.check.possible, rate.tried]
            + [rate.outcomes[outcome] for outcome in summary.Outcome]
            + [round(rate.share, 4)]
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


def _learner(learner):
    mark = learner.mark
    waiting = [check for _, checks, _ in summary.questions(learner) for check in checks]
    refused = [f"{notebook}: {reason}" for notebook, reason in learner.refused.items()]
    return [
        *(mark.student, mark.name, mark.email, str(mark.state), mark.score, mark.possible, mark.penalty),
        *(
            mark.submitted,
            int(mark.seconds_late),
            " ".join(learner.asks),
            "; ".join(refused),
            _named(waiting),
        ),
    ]


def _results(learner):
    for check, result in learner.results.items():
        yield [
            *(learner.mark.student, check.notebook, check.name, check.title, result.points, check.possible),
            *(str(result.outcome), int(result.waiting), result.key or "", result.message or ""),
        ]


def _named(checks):
    return " ".join(f"{check.notebook}/{check.name}" for check in checks)

"""What the latest grading of a submission was of, and what it changed: kept in its folder's mark."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from nbgrader_apart.model.disk import File
from nbgrader_apart.model.marks import Mark
from nbgrader_apart.record.fingerprint import fingerprint


@dataclass(frozen=True)
class HandIn:
    """What was handed in: `time` as nbgrader writes it, `content` a hash of the files."""

    time: str | None
    content: str

    @classmethod
    def of(cls, time: str | None, files: Iterable[File]) -> "HandIn":
        """The HandIn of a submission's Files."""
        return cls(time, fingerprint("", None, files))


@dataclass(frozen=True)
class LastGrading:
    """`before` is the mark just before, None for the first; `hand_ins` counts what was handed in and graded.

    `again`: this was of another hand-in than the grading before it.
    """

    graded: str  # UTC
    time: str | None
    content: str
    before: float | None
    score: float
    hand_ins: int = 1
    again: bool = False


def following(earlier: LastGrading | None, hand_in: HandIn, before: Mark | None, after: Mark) -> LastGrading:
    """The LastGrading after the `earlier` one; `before` and `after` are the learner's marks."""
    again = earlier is not None and (earlier.time, earlier.content) != (hand_in.time, hand_in.content)
    return LastGrading(
        graded=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
        time=hand_in.time,
        content=hand_in.content,
        before=before.score if before and before.is_mark else None,
        score=after.score,
        hand_ins=(earlier.hand_ins if earlier else 0) + (again or earlier is None),
        again=again,
    )


def to_json(grading: LastGrading) -> dict[str, object]:
    """The LastGrading as JSON."""
    return asdict(grading)


def from_json(found: Mapping[str, object]) -> LastGrading | None:
    """The LastGrading in a folder's mark; None when that was written by another version."""
    names = [field.name for field in fields(LastGrading)]
    if not set(names) <= set(found):
        return None
    return LastGrading(**{name: found[name] for name in names})  # type: ignore[arg-type]

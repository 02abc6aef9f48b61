"""The page: one HTML file that makes no requests and runs nothing but its own two scripts."""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from nbgrader_apart.messages import duration, language, text
from nbgrader_apart.messages.written import moment
from nbgrader_apart.messages.written import number as points
from nbgrader_apart.model.marks import Mark, State
from nbgrader_apart.report import class_summary, histograms
from nbgrader_apart.report.class_summary import Bin, Mistake, Rate
from nbgrader_apart.report.collect import Check, Group, Learner, Outcome, Result

HERE = Path(__file__).parent
MISTAKES = 30
KINDS = ["provisional", "asks", "late", "partial", "again", "refused", "absent"]
GLYPHS = {Outcome.FULL: "✓", Outcome.PART: "½", Outcome.ZERO: "✗", Outcome.UNDONE: "○"}


@dataclass
class People:
    """The learners that need attention, under the names that the template uses."""

    questions: list[tuple[Mark, str, list[Check], list[str]]]
    asks: list[Learner]
    late: list[Mark]
    partial: list[Learner]
    again: list[Learner]
    refused: list[Learner]
    absent: dict[State, list[Mark]]


def render(
    group: Group,
    distribution: list[Bin],
    rates: list[Rate],
    mistakes: list[Mistake],
    time: str,
    mistakes_page: str,
    files: list[str],
) -> str:
    """The page as text. `mistakes_page` and `files` are addresses relative to the page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"points": points, "moment": moment, "duration": duration}
    environment.globals |= {"t": text, "language": language}
    plotly, script = get_plotlyjs(), _own("report.js")
    shapes = {"marks": histograms.marks(distribution), "notebooks": histograms.notebooks(group)}
    columns = {
        notebook: [check for check in group.checks if check.notebook == notebook] for notebook in group.titles
    }
    people = _people(group)
    return environment.get_template("report.html.j2").render(
        policy=_policy(plotly, script),
        style=_own("report.css"),
        plotly=Markup(plotly),
        script=script,
        figures=_data({name: json.loads(figure.to_json()) for name, figure in shapes.items()}),
        group=group,
        time=time,
        files=files,
        mistakes_page=mistakes_page,
        distribution=distribution,
        spreads=_spreads(group),
        rates=rates,
        mistakes=mistakes,
        shown=MISTAKES,
        topics=class_summary.topics(rates, mistakes),
        changes=class_summary.changes(group),
        columns=columns,
        possible=sum(check.possible for check in group.checks),
        short={notebook: title.partition(". ")[0] for notebook, title in group.titles.items()},
        outcomes=list(Outcome),
        glyphs=GLYPHS,
        kinds=KINDS,
        rows=[_row(learner, columns) for learner in group.learners],
        tiles=_tiles(group, people),
        **vars(people),
    )


def _people(group: Group) -> People:
    """Sort out the learners that need attention."""
    absent: dict[State, list[Mark]] = {}
    for learner in group.learners:
        if learner.mark.state in (State.MISSING, State.UNGRADED):
            absent.setdefault(learner.mark.state, []).append(learner.mark)
    late = [learner.mark for learner in group.learners if learner.mark.seconds_late]
    return People(
        questions=[
            (learner.mark, *question)
            for learner in group.graded
            for question in class_summary.questions(learner)
        ],
        asks=[learner for learner in group.learners if learner.asks],
        late=sorted(late, key=lambda mark: -mark.seconds_late),
        partial=[learner for learner in group.learners if learner.absent],
        again=[learner for learner in group.learners if learner.last and learner.last.hand_ins > 1],
        refused=[learner for learner in group.learners if learner.refused],
        absent=absent,
    )


def _tiles(group: Group, people: People) -> list[dict[str, object]]:
    scores = [learner.mark.score for learner in group.graded]
    possible = max((learner.mark.possible for learner in group.learners), default=0)
    provisional = sum(learner.mark.state == State.PROVISIONAL for learner in group.learners)
    numbers = [
        ("learners", "map", len(group.learners)),
        ("graded", "marks", len(scores)),
        ("median", "marks", points(median(scores)) if scores else "–"),
        ("provisional", "provisional", provisional),
        ("asks", "asks", len(people.asks)),
        ("late", "late", len(people.late)),
        ("partial", "partial", len(people.partial)),
        ("again", "again", len(people.again)),
        ("changed", "changes", len(class_summary.changes(group))),
        ("refused", "refused", len(people.refused)),
        ("absent", "absent", sum(map(len, people.absent.values()))),
    ]
    return [
        {"number": number, "target": target, "label": text(f"report.tile.{name}", possible=points(possible))}
        for name, target, number in numbers
    ]


def _row(learner: Learner, columns: dict[str, list[Check]]) -> dict[str, object]:
    """A learner's row of the table learners × checks."""
    mark = learner.mark
    graded = mark.state in (State.FINAL, State.PROVISIONAL)
    about = {
        "provisional": mark.state == State.PROVISIONAL,
        "asks": bool(learner.asks),
        "late": mark.seconds_late > 0,
        "partial": bool(learner.absent),
        "again": bool(learner.last and learner.last.hand_ins > 1),
        "refused": bool(learner.refused),
    }
    kinds = [kind for kind, holds in about.items() if holds]
    cells = [("sum", points(mark.score) if graded else "–")]
    for checks in columns.values():
        got = sum(learner.results[check].points for check in checks if check in learner.results)
        cells.append(("sum first", points(got) if graded else "–"))
        cells += [_cell(learner.results.get(check)) for check in checks]
    return {
        "mark": mark,
        "kinds": kinds if graded else [*kinds, "absent"],
        "badges": [*kinds, *_more_badges(mark)],
        "absent": len(learner.absent),
        "cells": cells,
    }


def _more_badges(mark: Mark) -> list[str]:
    """What else the table says beside a name: that cannot be chosen by."""
    if not mark.is_mark:
        return [str(mark.state)]
    about = {"extra": mark.extra > 0, "gone": not mark.has_folder}
    return [name for name, holds in about.items() if holds]


def _cell(result: Result | None) -> tuple[str, str]:
    if result is None:
        return "c none", "–"
    shown = points(result.points) if result.outcome == Outcome.PART else GLYPHS[result.outcome]
    return f"c {result.outcome}", shown + ("?" if result.waiting else "")


def _spreads(group: Group) -> list[tuple[str, str, str]]:
    """[(title, mean, median)] of the notebooks, in per cent."""
    found = []
    for notebook, title in group.titles.items():
        shares = histograms.shares(group, notebook)
        average, middle = (f"{number(shares):.0f}" if shares else "–" for number in (mean, median))
        found.append((title, average, middle))
    return found


def _own(name: str) -> Markup:
    return Markup((HERE / name).read_text("utf-8"))


def _data(value: object) -> Markup:
    """JSON that cannot end the element it stands in."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))


def _policy(*scripts: str) -> str:
    """A Content-Security-Policy: these scripts and nothing else, whatever a name or a message may hold."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )

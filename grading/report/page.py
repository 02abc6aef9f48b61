"""The page: one HTML file that asks for nothing from outside and runs nothing but its own two scripts."""

import base64
import hashlib
import json
import os
from pathlib import Path
from statistics import mean, median

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from ..marks import State
from ..messages import text
from . import figures, summary
from .collect import Outcome

HERE = Path(__file__).parent
MISTAKES = 30
KINDS = ["provisional", "asks", "late", "refused", "absent"]
GLYPHS = {Outcome.FULL: "✓", Outcome.PART: "½", Outcome.ZERO: "✗", Outcome.UNDONE: "○"}


def render(group, distribution, rates, mistakes, time, mistakes_page, files):
    """The page as text. `mistakes_page` and `files` are addresses as seen from the page; `time` is a text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {"points": points, "duration": duration}
    environment.globals |= {"t": text}
    plotly, script = get_plotlyjs(), _own("page.js")
    shapes = {"marks": figures.marks(distribution), "notebooks": figures.notebooks(group)}
    columns = {
        notebook: [check for check in group.checks if check.notebook == notebook] for notebook in group.titles
    }
    found = _people(group)
    return environment.get_template("page.html.j2").render(
        language=os.environ.get("COURSE_LANGUAGE", "ru"),
        policy=_policy(plotly, script),
        style=_own("page.css"),
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
        columns=columns,
        possible=sum(check.possible for check in group.checks),
        short={notebook: title.partition(". ")[0] for notebook, title in group.titles.items()},
        outcomes=list(Outcome),
        glyphs=GLYPHS,
        kinds=KINDS,
        rows=[_row(learner, columns) for learner in group.learners],
        tiles=_tiles(group, found),
        **found,
    )


def points(number):
    """Points without needless zeros, as the language writes them."""
    return f"{number:.2f}".rstrip("0").rstrip(".").replace(".", text("report.decimal"))


def duration(seconds):
    """Seconds in words."""
    minutes = int(seconds // 60)
    return text("report.late.duration", days=minutes // 1440, hours=minutes // 60 % 24, minutes=minutes % 60)


def _people(group):
    """The learners that somebody has to do something about, under the names of the template."""
    absent = {}
    for learner in group.learners:
        if learner.mark.state in (State.MISSING, State.UNGRADED):
            absent.setdefault(learner.mark.state, []).append(learner.mark)
    late = [learner.mark for learner in group.learners if learner.mark.seconds_late]
    return {
        "questions": [
            (learner.mark, *question) for learner in group.graded for question in summary.questions(learner)
        ],
        "asks": [learner for learner in group.learners if learner.asks],
        "late": sorted(late, key=lambda mark: -mark.seconds_late),
        "refused": [learner for learner in group.learners if learner.refused],
        "absent": absent,
    }


def _tiles(group, found):
    scores = [learner.mark.score for learner in group.graded]
    possible = max((learner.mark.possible for learner in group.learners), default=0)
    provisional = sum(learner.mark.state == State.PROVISIONAL for learner in group.learners)
    numbers = [
        ("learners", "map", len(group.learners)),
        ("graded", "marks", len(scores)),
        ("median", "marks", points(median(scores)) if scores else "–"),
        ("provisional", "provisional", provisional),
        ("asks", "asks", len(found["asks"])),
        ("late", "late", len(found["late"])),
        ("refused", "refused", len(found["refused"])),
        ("absent", "absent", sum(map(len, found["absent"].values()))),
    ]
    return [
        {"number": number, "target": target, "label": text(f"report.tile.{name}", possible=points(possible))}
        for name, target, number in numbers
    ]


def _row(learner, columns):
    """A learner's row of the table learners × checks."""
    mark = learner.mark
    graded = mark.state in (State.FINAL, State.PROVISIONAL)
    about = {
        "provisional": mark.state == State.PROVISIONAL,
        "asks": bool(learner.asks),
        "late": mark.seconds_late > 0,
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
        "badges": kinds if graded else [*kinds, str(mark.state)],
        "cells": cells,
    }


def _cell(result):
    if result is None:
        return "c none", "–"
    shown = points(result.points) if result.outcome == Outcome.PART else GLYPHS[result.outcome]
    return f"c {result.outcome}", shown + ("?" if result.waiting else "")


def _spreads(group):
    """[(title, mean, median)] of the notebooks, in per cent."""
    found = []
    for notebook, title in group.titles.items():
        shares = figures.shares(group, notebook)
        found.append((title, *(f"{number(shares):.0f}" if shares else "–" for number in (mean, median))))
    return found


def _own(name):
    return Markup((HERE / name).read_text("utf-8"))


def _data(value):
    """JSON that cannot end the element it stands in."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))


def _policy(*scripts):
    """A Content-Security-Policy: these scripts and nothing else, whatever a name or a message may hold."""
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )

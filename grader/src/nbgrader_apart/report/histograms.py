"""The report's figures: plotly figures whose colours the page sets to suit its light or dark theme."""

from collections.abc import Sequence

import plotly.graph_objects as go
from babel.numbers import get_decimal_symbol

from nbgrader_apart.messages import language, text
from nbgrader_apart.model.marks import State
from nbgrader_apart.report.class_summary import Bin
from nbgrader_apart.report.collect import Group

AXES = {"fixedrange": True, "zeroline": False}
WHOLE = 8  # learners in the tallest bar: up to so many plotly would tick halves


def marks(distribution: Sequence[Bin]) -> go.Figure:
    """Learners per range of points; marks that are not final are hatched."""
    middles = [(start + end) / 2 for start, end, *_ in distribution]
    ranges = [f"{start:g}–{end:g}" for start, end, *_ in distribution]
    bars = [
        go.Bar(
            name=text(f"report.state.{state}"),
            meta=str(state),
            x=middles,
            y=[row[place] for row in distribution],
            customdata=ranges,
            hovertemplate="%{customdata}: %{y}<extra>%{fullData.name}</extra>",
            marker={"pattern": {"shape": "/" if state == State.PROVISIONAL else ""}},
        )
        for place, state in enumerate((State.FINAL, State.PROVISIONAL), start=2)
    ]
    figure = go.Figure(bars)
    figure.update_layout(barmode="stack", bargap=0.06)
    figure.update_xaxes(
        title=text("report.points"), range=[0, max((end for _, end, *_ in distribution), default=1)], **AXES
    )
    tallest = max((sum(row[2:4]) for row in distribution), default=0)
    figure.update_yaxes(title=text("report.learners"), dtick=1 if tallest <= WHOLE else None, **AXES)
    return _plain(figure)


def notebooks(group: Group) -> go.Figure:
    """How the points of each notebook are spread, in per cent of what can be had."""
    boxes = [
        go.Box(
            name=title.partition(". ")[0],
            x=[round(share, 1) for share in shares(group, notebook)],
            boxpoints=False,
            boxmean=True,
            hoverinfo="x",
        )
        for notebook, title in reversed(group.titles.items())
    ]
    figure = go.Figure(boxes)
    most = max([100, *(share for box in boxes for share in box.x or ())])  # more with extra credit
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=text("report.per_cent"), range=[-2, most + 2], **AXES)
    figure.update_yaxes(automargin=True, **AXES)
    return _plain(figure)


def shares(group: Group, notebook: str) -> list[float]:
    """The share of a notebook's points that each graded learner has, in per cent."""
    possible = sum(check.possible for check in group.checks if check.notebook == notebook)
    points = (
        sum(result.points for check, result in learner.results.items() if check.notebook == notebook)
        for learner in group.graded
    )
    return [100 * got / possible for got in points] if possible else []


def _plain(figure: go.Figure) -> go.Figure:
    """The figure without background or template: the page sets the colours."""
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 52, "r": 16, "t": 8, "b": 44},
        height=300,
        separators=get_decimal_symbol(language()) + " ",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        font={"family": "system-ui, sans-serif", "size": 13},
    )
    return figure

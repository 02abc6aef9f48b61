"""docs/performance.md and its plot, from the numbers of the last runs."""

import json
import os
import platform
from datetime import date
from pathlib import Path

import jinja2
import matplotlib as mpl
from matplotlib.figure import Figure

from course.build.paths import ROOT

DATA, PAGE, PLOT = (ROOT / "docs" / f"performance.{kind}" for kind in ("json", "md", "svg"))
WINDOW = 5  # the first and the last fifth of the largest class are compared
CLASS = 100_000  # the paper estimate
CORES = 64


def keep(part, numbers):
    """Keep the numbers of a part of the page, with their machine and day; write page and plot anew."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, Linux"
    found = json.loads(DATA.read_text())
    found[part] = {"machine": machine, "date": date.today().isoformat(), **numbers}
    DATA.write_text(json.dumps(found, indent=1) + "\n")
    write()


def write():
    """Write both."""
    found = json.loads(DATA.read_text())
    PAGE.write_text(render(found), encoding="utf-8")
    plot(found["grading"]["sizes"])


def render(found):
    """The page as Markdown."""
    grown = found["grading"]["sizes"][-1]
    run, times = grown["ours"], grown["finished"]
    window = len(times) // WINDOW
    each = seconds_each(times)
    cpu = run["cpu"] / run["submissions"]
    estimate = {
        "count": CLASS,
        "cores": CORES,
        "core_hours": CLASS * cpu / 3600,
        "hours": CLASS * cpu / CORES / 3600,
        "writer_hours": CLASS * found["grading"]["writer"] / 3600,
    }
    folder = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=folder, trim_blocks=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("performance.md.j2").render(
        found=found,
        growth=run,
        window=window,
        estimate=estimate,
        each=each,
        once=run["wall"] - len(times) * each,
        first=seconds_each(times[: window + 1]),
        last=seconds_each(times[-1 - window :]),
    )


def seconds_each(times):
    """What a submission took between the first and the last of these moments."""
    return (times[-1] - times[0]) / (len(times) - 1)


def plot(sizes):
    """Seconds by submissions graded, of both."""
    mpl.rcParams["svg.hashsalt"] = "performance"
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    times = sizes[-1]["finished"]
    axes.plot(range(1, len(times) + 1), [(when - times[0]) / 60 for when in times], label="ours")
    measured = [size for size in sizes if "stock" in size]
    axes.plot(
        [0, *(size["size"] for size in measured)], [0, *(size["stock"]["wall"] / 60 for size in measured)],
        "o--", label="stock nbgrader",
    )  # fmt: skip
    axes.set_xlabel("submissions")
    axes.set_ylabel("minutes")
    axes.legend()
    figure.savefig(PLOT, metadata={"Date": None})

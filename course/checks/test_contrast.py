"""Words and marks are readable: their contrast is at least 4.5 in the light and in the dark JupyterLab."""

import re
import sys
from pathlib import Path

import pytest
from checks import report
from checks.outcome import Verdict
from checks.pictures import ink

THEMES = Path(sys.prefix, "share", "jupyter", "lab", "themes", "@jupyterlab")
PAPERS = ["--jp-layout-color0", "--jp-layout-color1", "--jp-cell-editor-background"]
ENOUGH = 4.5  # WCAG 2, level AA


class Theme:
    """The colours of one of JupyterLab's themes, as (red, green, blue, opacity) from 0 to 1."""

    def __init__(self, name):
        css = (THEMES / f"theme-{name}-extension" / "index.css").read_text("utf-8")
        self.variables = dict(re.findall(r"(--[\w-]+):([^;}]+)", css))

    def colour(self, said):
        """What a CSS colour is here: hexadecimal, rgba(), var() or an even color-mix()."""
        said = said.strip()
        if mixed := re.fullmatch(r"color-mix\(in srgb, (.+\)), (var\(.+\))\)", said):
            return mix(*map(self.colour, mixed.groups()))
        if variable := re.fullmatch(r"var\((--[\w-]+)(?:,(.+))?\)", said):
            name, otherwise = variable.groups()
            return self.colour(self.variables.get(name) or otherwise)
        if numbers := re.fullmatch(r"rgba\((.+)\)", said):
            *parts, opacity = map(float, numbers[1].split(","))
            return (*(part / 255 for part in parts), opacity)
        digits = {"white": "ffffff", "black": "000000"}.get(said, said.removeprefix("#"))
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        return (*(int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)), 1.0)

    def contrast(self, said, paper):
        """WCAG's ratio of a colour on a paper of the theme."""
        below = self.colour(f"var({paper})")
        *parts, opacity = self.colour(said)
        shown = [opacity * part + (1 - opacity) * under for part, under in zip(parts, below, strict=False)]
        high, low = sorted([luminance(shown), luminance(below[:3])], reverse=True)
        return (high + 0.05) / (low + 0.05)


def mix(first, second):
    """Half of each, as CSS mixes: parts weigh as much as they are opaque."""
    opacity = (first[3] + second[3]) / 2
    parts = [(a * first[3] + b * second[3]) / 2 / opacity for a, b in zip(first[:3], second[:3], strict=True)]
    return (*parts, opacity)


def luminance(parts):
    """WCAG's relative luminance."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_marks_stand_out(theme, paper):
    colours = [ink.INK, *(report.MARKS[verdict][1] for verdict in Verdict)]
    assert [colour for colour in colours if Theme(theme).contrast(colour, paper) < ENOUGH] == []


def test_the_ratio_is_wcags():
    light = Theme("light")
    assert light.contrast("black", "--jp-layout-color0") == pytest.approx(21)
    assert light.contrast("#777", "--jp-layout-color0") == pytest.approx(4.48, abs=0.01)
    assert light.contrast("var(--jp-warn-color1, #8d6e00)", "--jp-layout-color0") < ENOUGH

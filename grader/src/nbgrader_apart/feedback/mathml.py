"""LaTeX as MathML, which browsers show without scripts or fonts of the page."""

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

# What latex2mathml renders in a form that browsers do not show, in a form that they do.
SPELLINGS = [
    (re.compile(r"\\(boldsymbol|bm)\b"), r"\\mathbf"),
    (re.compile(r"\\(begin|end)\{(aligned|split|gathered|eqnarray\*?)\}"), r"\\\1{align*}"),
]
TAGS = {
    "math", "menclose", "mfenced", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom",
    "mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd",
    "mtext", "mtr", "munder", "munderover", "none",
}  # fmt: skip
ATTRIBUTES = {
    "accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle", "fence",
    "form", "height", "linethickness", "lspace", "mathcolor", "mathvariant", "maxsize", "minsize",
    "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy",
    "width",
}  # fmt: skip
LONGEST = 2000  # characters


def block(latex: str) -> str:
    """A formula on a line of its own; on a narrow screen it may be broken at `\\qquad`."""
    parts = re.split(r"\\qquad\b", latex)
    if any(part.count("{") != part.count("}") or "\\right" in part.partition("\\left")[0] for part in parts):
        parts = [latex]
    return "".join(mathml(part, "block") for part in parts)


def mathml(latex: str, display: str = "inline") -> str:
    """The formula as a `<math>` element; LaTeX that cannot be read is shown as it is written.

    Only listed elements and attributes are left, whatever the formula asks for.
    """
    try:
        return _serialised(latex, display)
    except Exception:  # the library raises its own, IndexError, KeyError, RecursionError… on broken LaTeX
        return f"<code>{html.escape(latex[:LONGEST])}</code>"


def _serialised(latex: str, display: str) -> str:
    if len(latex) > LONGEST:
        raise ValueError("too long")
    for pattern, spelling in SPELLINGS:
        latex = pattern.sub(spelling, latex)
    root = convert_to_element(latex.strip(), display=display)
    for element in root.iter():
        if element.tag not in TAGS:
            raise ValueError(element.tag)
        # The library writes characters as entities, which its caller has to decode.
        element.text = html.unescape(element.text) if element.text else None
        for name in set(element.attrib) - ATTRIBUTES:
            del element.attrib[name]
    return ElementTree.tostring(root, encoding="unicode")

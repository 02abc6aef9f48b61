"""Makes the outputs of a learner's code safe to display: no script, handler or frame survives."""

import json
import re
from collections.abc import Iterable
from html import escape
from typing import Any

import nh3
from nbformat import NotebookNode

from nbgrader_apart.record.tangled_html import is_tangled

TAGS = {
    "a", "b", "br", "caption", "code", "dd", "details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary",
    "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"style", "class", "title"},
    "a": {"href"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
STYLES = {
    "border", "border-bottom", "border-collapse", "color", "font-family", "font-style", "font-weight",
    "margin", "padding", "text-align", "white-space", "width",
}  # fmt: skip
# dropped together with what they contain
BLOCKS = {"script", "style", "svg", "iframe", "object", "embed", "math", "template", "noscript"}
SANITIZER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=BLOCKS,
    attributes=ATTRIBUTES,
    filter_style_properties=STYLES,
    url_schemes={"https"},
    link_rel=None,
)
IMAGES = ("image/png", "image/jpeg", "image/gif")
KEPT_JSON = ("application/vnd.plotly.v1+json",)
SCHEME = re.compile(r"(?i)(java|vb|live)\s*script\s*:|data\s*:\s*text")
TEXT = 200_000
DEEPEST = 20  # lists and dicts in one another: each indents all lines of JSON in it by one blank more


def html(source: str) -> str:
    """Allow-listed HTML; tangled HTML escaped, as text."""
    shown = orderly_html(source)
    return escape(source[:TEXT]) if shown is None else shown


def orderly_html(source: str) -> str | None:
    """Allow-listed HTML, or None when it is tangled."""
    if len(source) > TEXT:
        source = source[:TEXT].rpartition("<")[0]
    return None if is_tangled(source) else SANITIZER.clean(source)


def markup(source: str) -> str:
    """Markdown or LaTeX in which no HTML tag begins and no link runs code."""
    source = re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", source[:TEXT])
    return SCHEME.sub(
        lambda found: re.sub(":", "&#58; ", found.group()),
        re.sub(r"&(?=#|colon|Tab|NewLine)", "&amp;", source),
    )


def outputs(found: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Outputs of a learner's cell with only the forms that are safe to show."""
    return [clean for output in found if (clean := one(output)) is not None]


def one(output: NotebookNode) -> NotebookNode | None:
    """One output made safe, or None when nothing of it is left."""
    kind = output.get("output_type")
    if kind in ("stream", "error"):
        return output
    if kind not in ("display_data", "execute_result"):
        return None
    data = {}
    for mime, value in output.get("data", {}).items():
        safe = form(mime, value)
        if safe is not None:
            data[mime] = safe
    output["data"], output["metadata"] = data, {}
    return output if data else None


def form(mime: str, value: object) -> str | dict | None:
    """The value of one MIME type made safe; None when the type is not shown."""
    if mime in KEPT_JSON:
        return plain_json(value) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return None
    if mime == "text/plain":
        return value[:TEXT]
    if mime == "text/html":
        return orderly_html(value)
    if mime in ("text/markdown", "text/latex"):
        return markup(value)
    if mime in IMAGES:
        return value if re.fullmatch(r"[A-Za-z0-9+/=\s]*", value) else None
    return None


def plain_json(value: object) -> Any:
    """The value as it comes out of JSON; None when it has no JSON or is too deep."""
    try:
        read = json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return None
    level = [read]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return None if level else read

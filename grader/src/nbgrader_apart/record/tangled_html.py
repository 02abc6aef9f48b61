"""Whether HTML is well-formed enough to be cleaned in linear time.

Every parser of HTML5 must repair what is not: elements that were closed too early are opened again in each
following one, with all their attributes. That turns 100 KB into gigabytes.
"""

import re

DEEPEST = 50  # elements in one another
# A tag or a comment, where HTML5 reads the same; or the beginning of what it may read in another way
TAG = re.compile(
    r"""<(?:!--[^>]*(?<=--)>
          |(?P<end>/?)(?P<name>[a-zA-Z][-a-zA-Z0-9]*)
           (?:[ \t\n\r\f]+[^\s"'<>/=]+(?:[ \t\n\r\f]*=[ \t\n\r\f]*(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+))?)*
           [ \t\n\r\f]*/?>
          |(?P<odd>[a-zA-Z/!?]))""",
    re.VERBOSE,
)
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
REOPENED = {
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
}  # fmt: skip
# what closes nothing around it
INLINE = REOPENED | {
    "abbr", "bdi", "bdo", "br", "cite", "del", "dfn", "img", "ins", "kbd", "label", "mark", "q", "samp",
    "span", "sub", "sup", "time", "var", "wbr",
}  # fmt: skip


def is_tangled(source: str) -> bool:
    """Whether the HTML has odd tags, a block in an inline element, or too many elements left open."""
    around: list[str] = []
    for tag in TAG.finditer(source):
        name = (tag["name"] or "").lower()
        if tag["odd"]:
            return True
        if not name:
            continue
        if tag["end"]:
            if around and around[-1] == name:
                around.pop()
            continue
        if name not in INLINE and not REOPENED.isdisjoint(around):
            return True
        if name not in VOID:
            around.append(name)
        if len(around) > DEEPEST:
            return True
    return False

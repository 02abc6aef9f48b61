"""Finds what a translator works on, paragraphs, tables, comments and strings, and puts other text in its place."""

import io
import re
import tokenize
from collections.abc import Callable, Iterator

import jinja2
from markdown_it import MarkdownIt

# (context, the source language's text) -> what stands there instead
Say = Callable[[str, str], str]

LETTERS = re.compile(r"[а-яё]|\d\{,\}\d", re.IGNORECASE)  # of the source language, and its decimal comma
MARK = re.compile(r'(?:solution|test|locked)="([\w-]+)"')
STRING = re.compile(r"""(?s)\w*(\"{3}|'{3}|"|')(.*)\1""")
RULE = re.compile(r"(?m)^---$")
MARKDOWN = MarkdownIt("commonmark").enable("table")


def translated_text(source: str, context: str, say: Say, environment: jinja2.Environment) -> str:
    """A Markdown template with each block of its text, and each comment and string of its code, as `say` has it.

    Raises ValueError for code that cannot be read.
    """
    mask, strings = _without_statements(source, environment)
    found = [*_blocks(mask, 0, context), *((context, *span) for span in strings)]
    return _replaced(source, found, say)


def translated_code(source: str, context: str, say: Say) -> str:
    """Python code with its comments and strings as `say` has them. Raises ValueError for code that is none."""
    return _replaced(source, ((context, *span) for span in _code(source, 0)), say)


def _replaced(source: str, found: Iterator[tuple[str, int, int]], say: Say) -> str:
    pieces, at = [], 0
    for context, start, end in sorted(found, key=lambda one: one[1]):
        if LETTERS.search(source, start, end):
            pieces += [source[at:start], say(context, source[start:end])]
            at = end
    return "".join([*pieces, source[at:]])


def _without_statements(source: str, environment: jinja2.Environment) -> tuple[str, list[tuple[int, int]]]:
    """The template with blanks for its statements and comments, and the spans of the strings in them."""
    pieces, strings, at, inside = [], [], 0, False
    for _, kind, value in environment.lex(source):
        inside = inside or kind in ("block_begin", "comment_begin")
        pieces.append(re.sub(r"[^\n]", " ", value) if inside else value)
        if inside and kind == "string":
            strings.append((at + 1, at + len(value) - 1))
        inside = inside and kind not in ("block_end", "comment_end")
        at += len(value)
    mask = "".join(pieces)
    if len(mask) != len(source):
        raise ValueError("a statement of a template stands behind blanks: begin it at the line's start")
    return mask, strings


def _blocks(text: str, offset: int, context: str) -> Iterator[tuple[str, int, int]]:
    """(context, start, end) of what can be translated in Markdown; the context names the code cell above."""
    text = RULE.sub("   ", text)  # it would make headings of what stands above
    lines = [0, *(match.end() for match in re.finditer("\n", text)), len(text)]
    place = context
    for token in MARKDOWN.parse(text):
        if token.level or not token.map or token.nesting < 0:
            continue
        start, end = (lines[min(number, len(lines) - 1)] for number in token.map)
        if token.type != "fence":
            yield place, offset + start, offset + len(text[:end].rstrip())
            continue
        inner = lines[token.map[0] + 1]
        if mark := MARK.search(token.info):
            place = f"{context}: {mark[1]}"
        if token.info.startswith("python"):
            yield from ((place, *span) for span in _code(token.content, offset + inner))
        else:  # hints and the box for feedback
            yield from ((place, *span) for _, *span in _blocks(token.content, offset + inner, place))


def _code(source: str, offset: int) -> Iterator[tuple[int, int]]:
    """The spans of the words of comments and of the insides of strings."""
    lines = [0, *(match.end() for match in re.finditer("\n", source))]
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise ValueError(f"no Python code: {error}") from error
    for token in tokens:
        start, end = lines[token.start[0] - 1] + token.start[1], lines[token.end[0] - 1] + token.end[1]
        if token.type == tokenize.COMMENT:
            yield offset + start + len(token.string) - len(token.string.lstrip("# ")), offset + end
        elif token.type == tokenize.STRING:
            inside = STRING.fullmatch(token.string)
            yield offset + start + inside.start(2), offset + start + inside.end(2)

"""Reads Markdown as the page that it renders: CommonMark with tables, footnotes and front matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.errors import NotReadable
from ingest.readers import html, text
from ingest.readers.base import Extract, Properties, first_day

if TYPE_CHECKING:
    from markdown_it.token import Token

_STATED = re.compile(r"^(title|date|lang|language)[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
# The parser leaves out what is nested deeper.
_MOST_NESTED = 60
# Text is not wrapped at a margin as narrow as this.
_SHORT_LINE_CHARS = 60


def read(data: bytes) -> Extract:
    """Read Markdown. Raises NotReadable."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    source = text.decode(data)
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _MOST_NESTED}).enable(
        ["table", "strikethrough"]
    )
    parser.use(footnote_plugin).use(front_matter_plugin)
    tokens = parser.parse(source)
    _keep_lines(tokens)
    page = parser.renderer.render(tokens, parser.options, {})
    if any(token.nesting == 1 and token.level >= _MOST_NESTED - 1 for token in tokens):
        raise NotReadable("the text is nested deeper than any document is")
    extract = html.extract(page)
    front = next((token.content for token in tokens if token.type == "front_matter"), "")
    stated = {name.casefold(): found.strip(" \t\r'\"") for name, found in _STATED.findall(front)}
    return replace(
        extract,
        title=stated.get("title") or extract.title,
        date=first_day([stated.get("date", "")]),
        properties=Properties(language=stated.get("lang") or stated.get("language")),
    )


def _keep_lines(tokens: Sequence[Token]) -> None:
    """Keep the line breaks of a letterhead: short lines, none of which begins in lower case."""
    for token in tokens:
        lines = token.content.splitlines() if token.type == "inline" else []
        if lines and all(
            len(line) <= _SHORT_LINE_CHARS and not line.lstrip("*_ ")[:1].islower() for line in lines
        ):
            for child in token.children or []:
                if child.type == "softbreak":
                    child.type, child.tag = "hardbreak", "br"

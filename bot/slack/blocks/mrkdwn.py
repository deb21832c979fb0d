"""Text on its way into Slack's mrkdwn, and out of it. Pure.

A document's words must arrive as words: what Slack would read as markup (entities, mentions, bold,
code) is defused, nothing is dropped.
"""

from __future__ import annotations

import html
import re
import unicodedata

from bot.safe_text import visible

# Invisible and without width: it parts two characters for Slack's parser, and for nobody else.
JOINER = "\u2060"

_FORMATTING = re.compile(r"(?<![^\W_])[*_~`](?=\S)")
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_ENTITY = re.compile(r"<([^<>]*)>")


def escape(text: str) -> str:
    """Return `text` so that Slack shows it as it is: no links, mentions, or formatting from within.

    `&`, `<` and `>` become entities, the only escaping that Slack knows; signs that would open
    formatting, and the @ of a broadcast, are parted from what follows by an invisible character.
    """
    return _FORMATTING.sub(lambda sign: sign[0] + JOINER, harmless(text))


def harmless(text: str) -> str:
    """Return `text` without what nobody sees, its `&`, `<` and `>` as entities, its broadcasts defused."""
    entities = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _BROADCAST.sub("@" + JOINER, entities)


def plain(text: str, *, without: str | None = None) -> str:
    """Return what a person wrote, without markup; mentions of the user `without` are left out."""

    def words(entity: re.Match[str]) -> str:
        target, _, label = entity[1].partition("|")
        if target.startswith("@"):
            return "" if target[1:] == without else label and f"@{label}"
        if target.startswith("#"):
            return f"#{label}" if label else ""
        if target.startswith("!"):
            return label
        return label or target.removeprefix("mailto:")

    said = html.unescape(_ENTITY.sub(words, text))
    # Control characters have no place in a question, and Postgres takes no NUL.
    return "".join(c for c in said if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def pieces(text: str, limit: int) -> list[str]:
    """Cut `text` into pieces of at most `limit` characters once escaped, at a line's or a word's end."""
    parts: list[str] = []
    rest = text.strip()
    while len(escape(rest)) > limit:
        cut = _longest(rest, limit)
        for end in ("\n", ". ", " "):
            found = rest.rfind(end, cut // 2, cut)
            if found > 0:
                cut = found + len(end)
                break
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*parts, rest] if rest else parts


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line, cut with an ellipsis at a word's end beyond `limit` characters."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line.rfind(" ", limit // 2, limit - 1)
    return line[: cut if cut > 0 else limit - 1].rstrip(" ,;:") + "…"


def brief(text: str, limit: int) -> str:
    """Return `text` escaped, on one line and cut so that what is sent has at most `limit` characters."""
    line = shorten(text, limit)
    if len(escape(line)) > limit:
        # Two characters are left for the ellipsis and the sign that may come before it.
        line = shorten(line, _longest(line, limit - 2) + 1)
    return escape(line)


def _longest(text: str, limit: int) -> int:
    """Return how many characters of `text` fit into `limit` once escaped (at least one)."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if len(escape(text[:middle])) <= limit:
            low = middle
        else:
            high = middle - 1
    return low

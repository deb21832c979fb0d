"""Text into Slack's mrkdwn and out of it, and into the Markdown that streams and Markdown blocks take. Pure.

Words of documents stay words: what Slack would read as markup (entities, mentions, bold, code) is escaped.
"""

from __future__ import annotations

import html
import re
import unicodedata

from bot.official_pages import official_page
from bot.safe_text import visible

# Invisible and of no width: it separates two characters for Slack's parser.
JOINER = "\u2060"

_FORMATTING = re.compile(r"(?<![^\W_])[*_~`](?=\S)")
_BROADCAST = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
# What Slack formats; where a sign is the document's own, the joiner follows it.
_MARKED = re.compile(rf"(?<!\w)([*_~`])(?![\s{JOINER}])(.+?)(?<!\s)\1(?!\w)")
_EMOJI = re.compile(r"(?<!\S):[a-z][a-z0-9_+-]*: ?")
_ENTITY = re.compile(r"<([^<>]*)>")
# Letters of Hebrew, Arabic and the scripts of their blocks.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ESCAPED_MENTION = re.compile(r"&lt;(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+)&gt;")
# What opens or closes something in Markdown; an underscore only at a word's edge, a bracket before a target.
_MARKDOWN = re.compile(r"[\\`*~]|(?<![^\W_])_|_(?![^\W_])|\](?=[(:])|!(?=\[)")
# What at the beginning of a line makes it a heading, a list or a rule.
_OPENING = re.compile(r"^(?:#(?=#*(?:\s|$))|[-+=](?=[\s=-]|$)|(?<=^)\d{1,9}(?=[.)](?:\s|$)))")
# What becomes a link without any markup: URLs and e-mail addresses.
_LINKED = re.compile(r"(?:\b(?:https?|ftp|mailto):|\bwww|(?<=\w)@)(?=[\w/.])", re.I)


def escape(text: str) -> str:
    """Escape `text` so that Slack shows it unchanged: no links, mentions or formatting.

    `&`, `<` and `>` become entities, the only escaping that Slack knows; after signs that would open formatting, and
    the @ of a broadcast, comes an invisible character.
    """
    return _FORMATTING.sub(lambda sign: sign[0] + JOINER, neutralize(text))


def neutralize(text: str) -> str:
    """Return `text` without invisible characters, with `&`, `<` and `>` as entities, and no broadcasts."""
    entities = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _BROADCAST.sub("@" + JOINER, entities)


def escape_markdown(text: str) -> str:
    """Escape each line of `text` for the Markdown of streams and of blocks, so that Slack shows it unchanged."""
    return "\n".join(map(_escape_line, text.split("\n")))


def _escape_line(text: str) -> str:
    calm = _LINKED.sub(lambda found: found[0] + JOINER, neutralize(" ".join(text.split())))
    marked = _MARKDOWN.sub(lambda sign: "\\" + sign[0], calm)
    return _OPENING.sub(_plain_opening, marked)


def _plain_opening(opening: re.Match[str]) -> str:
    return f"{opening[0]}\\" if opening[0].isdigit() else f"\\{opening[0]}"


def to_plain_text(text: str, *, without: str | None = None) -> str:
    """Return the plain text of a message, without mentions of the user `without`.

    A mention without a label stays as it is, "<@U123>": no text that people write looks like it.
    """

    def words(entity: re.Match[str]) -> str:
        target, _, label = entity[1].partition("|")
        if target.startswith("@"):
            return "" if target[1:] == without else f"@{label}" if label else entity[0]
        if target.startswith("#"):
            return f"#{label}" if label else entity[0]
        if target.startswith("!subteam^"):
            return label or entity[0]
        if target.startswith("!"):
            return label or f"@{target[1:]}"
        return label or target.removeprefix("mailto:")

    unescaped = html.unescape(_ENTITY.sub(words, text))
    # Control characters have no place in a question, and Postgres takes no NUL.
    return "".join(c for c in unescaped if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def with_mentions(escaped: str) -> str:
    """Return escaped words of a person, in which mentions of people and channels are mentions again, not ids."""
    return _ESCAPED_MENTION.sub(r"<\1>", escaped)


def linked(symbol: str, length: int) -> str:
    """Return a document's symbol as mrkdwn, as a link to its official page if it has one."""
    page = official_page(symbol)
    return f"<{page}|{symbol}>" if page else escape_short(symbol, length)


def mention(user: str) -> str:
    """Return a mention of a person, by their id."""
    return f"<@{user}>"


def channel_link(channel: str) -> str:
    """Return a link to a channel, by its id."""
    return f"<#{channel}>"


def unformatted(text: str) -> str:
    """Return mrkdwn that the bot made without formatting and emoji; escaped signs stay escaped."""
    return _MARKED.sub(r"\2", _MARKED.sub(r"\2", _EMOJI.sub("", text)))


def split_text(text: str, limit: int) -> list[str]:
    """Split `text` at the ends of lines or words into pieces of at most `limit` characters once escaped."""
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


def cut(text: str, limit: int) -> str:
    """Return what was made for Slack, cut at a space to `limit` characters with an ellipsis."""
    if len(text) <= limit:
        return text
    begun = text[: limit - 2]
    return f"{begun.rpartition(' ')[0] or begun} …"


def shorten(text: str, limit: int) -> str:
    """Return `text` on one line, cut at a word's end to `limit` characters with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line.rfind(" ", limit // 2, limit - 1)
    return line[: cut if cut > 0 else limit - 1].rstrip(" ,;:") + "…"


def escape_short(text: str, limit: int) -> str:
    """Return `text` escaped on one line, cut to `limit` characters once escaped.

    One with letters from right to left is between isolating marks (Unicode Standard Annex 9), so that what stands
    before and behind it keeps its place.
    """
    if _RIGHT_TO_LEFT.search(text):
        return f"\u2068{_escape_short(text, limit - 2)}\u2069"
    return _escape_short(text, limit)


def _escape_short(text: str, limit: int) -> str:
    line = shorten(text, limit)
    if len(escape(line)) > limit:
        # Two characters for the ellipsis and a sign before it.
        line = shorten(line, _longest(line, limit - 2) + 1)
    return escape(line)


def _longest(text: str, limit: int) -> int:
    """Return the number of characters of `text` that fit into `limit` once escaped, at least one."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if len(escape(text[:middle])) <= limit:
            low = middle
        else:
            high = middle - 1
    return low

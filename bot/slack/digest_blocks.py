"""The digest as a Slack message. Pure.

Short on purpose: a channel reads what is due, the rest is a command away.
"""

from __future__ import annotations

from bot.digest import Digest, basis, changes, citations, line
from bot.register import RegisterEntry
from bot.slack.blocks import Block, Message
from bot.slack.mrkdwn import brief, escape
from bot.wording import day

# Entries under a heading, and characters of a line; 8 x 300 stays under the 3,000 of a section.
_MOST, _LINE = 8, 300
_MARKS = {"deadline": ":alarm_clock:", "meeting": ":calendar:", "publication": ":page_facing_up:"}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _entry(entry: RegisterEntry, digest: Digest, cited: str) -> str:
    mark = _MARKS.get(entry.kind, ":small_blue_diamond:")
    return f"{mark} {brief(line(entry, digest.as_of), _LINE - 60)} _{brief(cited, 50)}_"


def digest_message(digest: Digest) -> Message:
    """Return the digest as blocks: what is due first, then what to watch, what changed, and how old it is."""
    cite = citations(digest)
    title = f"Dates, {day(digest.as_of)}"
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": title}},
        _section(f"*{escape(digest.headline)}*"),
    ]
    for heading, entries in digest.sections:
        lines = [_entry(entry, digest, cite(entry)) for entry in entries[:_MOST]]
        if len(entries) > _MOST:
            lines.append(f"… and {len(entries) - _MOST} more")
        blocks.append(_section("\n".join([f"*{escape(heading)}*", *lines])))
    changed = changes(digest)
    if changed:
        lines = [f"• {brief(text, _LINE)}" for text in changed[:_MOST]]
        if len(changed) > _MOST:
            lines.append(f"… and {len(changed) - _MOST} more")
        blocks.append(_section("\n".join(["*Changed since the last digest*", *lines])))
    blocks.append(_context(escape(basis(digest))))
    return Message(text=escape(f"{title}: {digest.headline}"), blocks=tuple(blocks))

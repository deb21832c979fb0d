"""Entries of the register as lines and sections of a Slack message. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from bot.digest import line
from bot.register import RegisterEntry
from bot.slack.blocks import Block
from bot.slack.mrkdwn import brief
from bot.wording import place

# Entries under a heading, and characters of a line's parts; 8 lines stay under the 3,000 of a section.
MOST = 8
_TITLE, _FACTS, _CITED = 130, 150, 60
_MARKS = {"deadline": ":alarm_clock:", "meeting": ":calendar:", "publication": ":page_facing_up:"}

Cite = Callable[[RegisterEntry], str]


def entry_line(entry: RegisterEntry, as_of: date, cited: str) -> str:
    """Return one entry as mrkdwn: its mark, its title, when and where it is, and its paragraph."""
    mark = _MARKS.get(entry.kind, ":small_blue_diamond:")
    facts = brief(line(entry, as_of).removeprefix(entry.title), _FACTS)
    # The colon belongs to the title: bold must end at a space or a sign, not within a word.
    return f"{mark} *{brief(entry.title, _TITLE)}*{facts}  [{brief(cited, _CITED)}]"


def listing(heading: str, entries: Sequence[RegisterEntry], as_of: date, cite: Cite, rest: str = "") -> Block:
    """Return a section of at most `MOST` entries under a heading, and how many more there are."""
    lines = [f"*{brief(heading, _TITLE)}*"]
    lines += [entry_line(entry, as_of, cite(entry)) for entry in entries[:MOST]]
    if len(entries) > MOST:
        lines.append(f"… and {len(entries) - MOST} more{rest}")
    return section("\n".join(lines))


def citing(entries: Sequence[RegisterEntry]) -> Cite:
    """Return how a list of entries names their paragraphs: with the source where there are several."""
    if len({entry.source for entry in entries}) < 2:
        return place
    return lambda entry: f"{entry.source}, {place(entry)}" if entry.section else entry.source


def section(text: str) -> Block:
    """Return a section of mrkdwn, in which nothing is made a link that is none."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def context(text: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}

"""Entries of the register as lines and sections of a Slack message. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.register import RegisterEntry
from bot.register.date_format import day
from bot.register.entry_text import CiteEntry, entry_line
from bot.slack.blocks.elements import Block, section
from bot.slack.blocks.mrkdwn import brief

# A person's id in Slack as a correction keeps it; a login name does not begin so.
_PERSON = re.compile(r"@([UW][A-Z0-9]+)")
_BY = 24
# Entries under a heading, and characters of a line's parts; 8 lines stay under the 3,000 of a section.
MOST = 8
_TITLE, _FACTS, _CITED = 110, 120, 50
# Characters that all lists together may take of a message's 13,000.
_ROOM = 9_000
# No :calendar: among them: it shows a date of its own.
_MARKS = {
    "deadline": ":alarm_clock:",
    "meeting": ":busts_in_silhouette:",
    "publication": ":page_facing_up:",
    "milestone": ":triangular_flag_on_post:",
}

Group = tuple[str, Sequence[RegisterEntry]]


def entry_item(entry: RegisterEntry, as_of: date, cited: str) -> str:
    """Return one entry as mrkdwn: its mark, its title, when and where it is, and its paragraph."""
    mark = _MARKS[entry.kind]
    facts = brief(entry_line(entry, as_of).removeprefix(entry.title), _FACTS)
    gap = "" if facts.startswith(":") else " "
    # A list may be posted each day, and a mention in it would call the person each time.
    by = f"  _corrected, {day(entry.corrected.at.date())}_" if entry.corrected else ""
    # This takes its room from the title, so that a full list still fits.
    return f"{mark} *{brief(entry.title, _TITLE - len(by))}*{gap}{facts}  [{brief(cited, _CITED)}]{by}"


def by_whom(entry: RegisterEntry) -> str:
    """Return "corrected by @amina, 3 May 2024" as mrkdwn for an entry that a person corrected, else ""."""
    said = entry.corrected
    if said is None:
        return ""
    person = _PERSON.fullmatch(said.by)
    name = f"<@{person[1]}>" if person else brief(said.by, _BY)
    return f"corrected by {name}, {day(said.at.date())}"


def listings(groups: Sequence[Group], as_of: date, cite: CiteEntry, rest: str = "") -> list[Block]:
    """Return a section for each group that has entries: its heading, and at most `MOST` of them.

    Where long titles would fill the message, there are fewer of each. What is left out is counted, and
    `rest` says where to find it.
    """
    for most in range(MOST, 0, -1):
        texts = [_listing(group, as_of, cite, rest, most) for group in groups if group[1]]
        if sum(len(text) for text in texts) <= _ROOM:
            break
    return [section(text) for text in texts]


def _listing(group: Group, as_of: date, cite: CiteEntry, rest: str, most: int) -> str:
    heading, entries = group
    lines = [f"*{brief(heading, _TITLE)}*"]
    lines += [entry_item(entry, as_of, cite(entry)) for entry in entries[:most]]
    if len(entries) > most:
        lines.append(f"… and {len(entries) - most} more{rest}")
    return "\n".join(lines)

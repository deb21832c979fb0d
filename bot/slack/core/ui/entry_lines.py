"""Entries of the register as lines and sections of a Slack message. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.locales import _, and_more, quoted
from bot.register import RegisterEntry
from bot.register.digest import MOST_ENTRIES
from bot.register.wording import CiteEntry, day, entry_dates, entry_words
from bot.slack.core.ui.elements import Block, section
from bot.slack.core.ui.mrkdwn import escape_short, mention

# A user's id as a correction records it; no login name begins so.
_USER = re.compile(r"@([UW][A-Z0-9]+)")
# A login name.
_BY_CHARS = 24
# The sentence below the details of an entry.
_QUOTE_CHARS = 1_500
# The lines of `MOST_ENTRIES` entries of these parts stay under the 3,000 characters of a section.
_HEADING_CHARS = 110
_DATES_CHARS = 60
_WORDS_CHARS = 130
_CITED_CHARS = 40
# All lists together in a message's 13,000.
_LISTS_CHARS = 9_000

Group = tuple[str, Sequence[RegisterEntry]]


def entry_item(entry: RegisterEntry, as_of: date, cited: str) -> str:
    """Return one entry as mrkdwn: its dates, title and place, and paragraph."""
    dates = escape_short(entry_dates(entry, as_of), _DATES_CHARS)
    # Without a mention, which would notify the user with each daily list.
    by = ""
    if entry.corrected:
        by = "  _" + _("corrected, {day}", day=day(entry.corrected.at.date())) + "_"
    place = escape_short(cited, _CITED_CHARS).replace("§ ", "§\N{NO-BREAK SPACE}")
    # Its length comes off the words', so that a full list still fits.
    words = escape_short(entry_words(entry), _WORDS_CHARS - len(by))
    return f"*{dates}*  {words}  [{place}]{by}"


def quotation(entry: RegisterEntry) -> list[Block]:
    """Return the sentence that an entry comes from as a section; none without a sentence."""
    return [section(quoted(escape_short(entry.quote, _QUOTE_CHARS)))] if entry.quote.strip() else []


def by_whom(entry: RegisterEntry) -> str:
    """Return "corrected by @amina, 3 May 2024" as mrkdwn for a corrected entry, else ""."""
    correction = entry.corrected
    if correction is None:
        return ""
    return _(
        "corrected by {person}, {day}",
        person=user_or_name(correction.by),
        day=day(correction.at.date()),
    )


def user_or_name(by: str) -> str:
    """Return who corrected something as mrkdwn: a mention, or a login name."""
    user = _USER.fullmatch(by)
    return mention(user[1]) if user else escape_short(by, _BY_CHARS)


def listings(groups: Sequence[Group], as_of: date, cite: CiteEntry) -> list[Block]:
    """Return a section for each group with entries: its heading and at most `MOST_ENTRIES` entries.

    Where long titles would fill the message, there are fewer. The others are counted.
    """
    for most in range(MOST_ENTRIES, 0, -1):
        texts = [_listing(group, as_of, cite, most) for group in groups if group[1]]
        if sum(len(text) for text in texts) <= _LISTS_CHARS:
            break
    return [section(text) for text in texts]


def _listing(group: Group, as_of: date, cite: CiteEntry, most: int) -> str:
    heading, entries = group
    lines = [f"*{escape_short(heading, _HEADING_CHARS)}*"]
    lines += [entry_item(entry, as_of, cite(entry)) for entry in entries[:most]]
    return "\n".join([*lines, *and_more(len(entries) - most)])

"""The digest as a Slack message. Pure.

It is short: the channel reads what is due, and commands show the rest.
"""

from __future__ import annotations

from bot.plural import and_more
from bot.register.date_format import day
from bot.register.digest import Digest, age_line, changed_lines, digest_citer
from bot.slack.blocks.elements import Block, Message, context, header, section
from bot.slack.blocks.entry_lines import MOST, listings
from bot.slack.blocks.mrkdwn import escape_short

# Characters of the headline, and of a line on a change.
_LINE = 300


def digest_message(digest: Digest) -> Message:
    """Return the digest: what is due, what to watch, what changed, and how old the documents are."""
    cite = digest_citer(digest)
    title = f"Dates, {day(digest.as_of)}"
    headline = escape_short(digest.headline, _LINE)
    blocks: list[Block] = [header(title), section(f"*{headline}*")]
    blocks += listings(digest.sections, digest.as_of, cite)
    changed = changed_lines(digest)
    if changed:
        lines = [f"• {escape_short(text, _LINE)}" for text in changed[:MOST]]
        lines += and_more(len(changed) - MOST)
        blocks.append(section("\n".join(["*Changed since the last digest*", *lines])))
    blocks.append(context(escape_short(age_line(digest.newest, digest.as_of), _LINE)))
    return Message.of(blocks)

"""Text into Slack's Markdown, which the streaming methods take instead of mrkdwn. Pure."""

from __future__ import annotations

import re

from bot.slack.blocks.mrkdwn import JOINER, neutralize

# What opens or closes something in Markdown; an underscore only at a word's edge, a bracket before a target.
_MARKUP = re.compile(r"[\\`*~]|(?<![^\W_])_|_(?![^\W_])|\](?=[(:])|!(?=\[)")
# What at the beginning of a line makes it a heading, a list or a rule.
_LINE = re.compile(r"^(?:#(?=#*(?:\s|$))|[-+=](?=[\s=-]|$)|(?<=^)\d{1,9}(?=[.)](?:\s|$)))")
# What becomes a link without any markup: URLs and e-mail addresses.
_LINKED = re.compile(r"(?:\b(?:https?|ftp|mailto):|\bwww|(?<=\w)@)(?=[\w/.])", re.I)


def escape(text: str) -> str:
    """Escape `text` on one line so that Slack shows it unchanged: no links, mentions or formatting."""
    calm = _LINKED.sub(lambda found: found[0] + JOINER, neutralize(" ".join(text.split())))
    marked = _MARKUP.sub(lambda sign: "\\" + sign[0], calm)
    return _LINE.sub(_plain_opening, marked)


def _plain_opening(opening: re.Match[str]) -> str:
    return f"{opening[0]}\\" if opening[0].isdigit() else f"\\{opening[0]}"

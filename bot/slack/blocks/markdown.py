"""Text on its way into Slack's Markdown, which the streaming methods take in place of mrkdwn. Pure."""

from __future__ import annotations

import re

from bot.slack.blocks.mrkdwn import JOINER, harmless

# What opens or closes something in Markdown; an underscore only at a word's edge, a bracket before a target.
_MARKUP = re.compile(r"[\\`*~]|(?<![^\W_])_|_(?![^\W_])|\](?=[(:])|!(?=\[)")
# What makes a heading, a list or a rule of a line that begins with it.
_LINE = re.compile(r"^(?:#(?=#*(?:\s|$))|[-+=](?=[\s=-]|$)|(?<=^)\d{1,9}(?=[.)](?:\s|$)))")
# What is made a link without any markup: an address, and a person's.
_LINKED = re.compile(r"(?:\b(?:https?|ftp|mailto):|\bwww|(?<=\w)@)(?=[\w/.])", re.I)


def escape(text: str) -> str:
    """Return `text` on one line so that Slack shows it as it is: no links, mentions or formatting from within."""
    calm = _LINKED.sub(lambda found: found[0] + JOINER, harmless(" ".join(text.split())))
    marked = _MARKUP.sub(lambda sign: "\\" + sign[0], calm)
    return _LINE.sub(_plain_opening, marked)


def _plain_opening(opening: re.Match[str]) -> str:
    return f"{opening[0]}\\" if opening[0].isdigit() else f"\\{opening[0]}"

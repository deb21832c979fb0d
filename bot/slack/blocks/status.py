"""The words of the status below a thread, and the title of a conversation. Pure."""

from __future__ import annotations

import re

from bot.slack.blocks.mrkdwn import shorten

# Slack puts the app's name before it.
WORKING = "is working on your question…"
# Slack shows one after the other, at most ten.
LOADING = (
    "Searching the documents…",
    "Reading the paragraphs that were found…",
    "Looking for the newest statement…",
    "Checking each sentence against its source…",
)
# Slack allows 200 characters; lists of conversations show fewer.
_TITLE = 80
_ID = re.compile(r"<[@#!][^<>]*>")


def title(question: str) -> str:
    """Return the title of a conversation that begins with this question, without the ids that it mentions."""
    return shorten(_ID.sub("", question), _TITLE)

"""The question above a reply, where no message in Slack shows it. Pure."""

from __future__ import annotations

from bot.slack.blocks.elements import FALLBACK, Message, context
from bot.slack.blocks.mrkdwn import escape_short, with_mentions

# Characters of a question.
_QUESTION = 500


def with_question(message: Message, question: str, asker: str = "") -> Message:
    """Return a reply below its question; `asker` is the id of who asked, for a message that others read."""
    who = f"<@{asker}> asked" if asker else "You asked"
    return below(f"{who}: {quoted(question)}", message)


def below(line: str, message: Message) -> Message:
    """Return a message below a line of mrkdwn."""
    text = f"{line}\n{message.text}"
    if len(text) > FALLBACK:
        text = f"{text[:FALLBACK].rpartition(' ')[0]} …"
    return Message(text, (context(line), *message.blocks))


def searching(question: str, *, loading: bool) -> str:
    """Return the line that acknowledges a question, as mrkdwn."""
    opening = "I have just started and am still loading. Then I look" if loading else "I am looking"
    return f"{opening} for an answer to {quoted(question)}. It follows here in a moment."


def quoted(question: str, limit: int = _QUESTION) -> str:
    """Return a question in quotation marks, cut to `limit` characters, as mrkdwn."""
    return f"“{with_mentions(escape_short(question, limit))}”"

"""The question above a reply, where no message in Slack shows it. Pure."""

from __future__ import annotations

from bot.slack.blocks.elements import Message, context
from bot.slack.blocks.mrkdwn import escape_short, with_mentions

# Characters of a question, and of the text for notifications: Slack advises against more than 4,000.
_QUESTION, _FALLBACK = 500, 3_900


def with_question(message: Message, question: str, asker: str = "") -> Message:
    """Return a reply below its question; `asker` is the id of who asked, for a message that others read."""
    who = f"<@{asker}> asked" if asker else "You asked"
    return below(f"{who}: {quoted(question)}", message)


def below(line: str, message: Message) -> Message:
    """Return a message below a line of mrkdwn."""
    text = f"{line}\n{message.text}"
    if len(text) > _FALLBACK:
        text = f"{text[:_FALLBACK].rpartition(' ')[0]} …"
    return Message(text, (context(line), *message.blocks))


def searching(question: str, *, loading: bool) -> str:
    """Return the line that acknowledges a question, as mrkdwn."""
    opening = "I have just started and am still loading. Then I look" if loading else "I am looking"
    return f"{opening} for an answer to {quoted(question)}. It follows here in a moment."


def quoted(question: str) -> str:
    """Return a question in quotation marks, as mrkdwn."""
    return f"“{with_mentions(escape_short(question, _QUESTION))}”"

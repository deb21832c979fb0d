"""A reply where no message in Slack shows its question: the question above it, and the button that shares it. Pure."""

from __future__ import annotations

from bot.slack.blocks.elements import (
    BUTTON_VALUE_CHARS,
    FALLBACK_CHARS,
    Message,
    actions,
    button,
    context,
    one_line,
    plain_message,
    section,
)
from bot.slack.blocks.mrkdwn import escape_short, with_mentions

SHARE_REPLY = "share_reply"

_QUESTION_CHARS = 500
# An error code of Slack.
_CODE_CHARS = 60
# The name of a file.
_NAME_CHARS = 120
_OWN = "It has what everybody may see. The documents of this conversation are only in what is posted here."

ALREADY_SHARED = plain_message("This is shared already.")
REPLY_GONE = plain_message("I do not have this reply any more. Please ask again.")
NOT_POSTED = "I did not post this in the channel, as I am not a member of it (`/invite`). Only you see it."


def with_question(message: Message, question: str, asker: str = "") -> Message:
    """Return a reply below its question; `asker` is the id of who asked, for a message that others read."""
    who = f"<@{asker}> asked" if asker else "You asked"
    return message_below(f"{who}: {quoted(question)}", message)


def message_below(line: str, message: Message) -> Message:
    """Return a message below a line of mrkdwn."""
    text = f"{line}\n{message.text}"
    if len(text) > FALLBACK_CHARS:
        text = f"{text[:FALLBACK_CHARS].rpartition(' ')[0]} …"
    return Message(text, (context(line), *message.blocks))


def searching_line(question: str, *, loading: bool) -> str:
    """Return the line that acknowledges a question, as mrkdwn."""
    opening = "I have just started and am still loading. Then I will look" if loading else "I am looking"
    return f"{opening} for an answer to {quoted(question)}. I will post it here in a moment."


def quoted(question: str, limit: int = _QUESTION_CHARS) -> str:
    """Return a question in quotation marks, cut to `limit` characters, as mrkdwn."""
    return f"“{with_mentions(escape_short(question, limit))}”"


def with_share_button(message: Message, channel: str, value: str) -> Message:
    """Return a reply with the button below it, unless nobody else reads its channel.

    `value` says what is shared: "answer KEY" with the key of the question, or "report TS COMMAND" with the time of the
    command.
    """
    if channel.startswith("D") or len(value) > BUTTON_VALUE_CHARS:
        return message
    return Message(message.text, (*message.blocks, actions(button("Share to channel", SHARE_REPLY, value))))


def with_note(message: Message, note: str) -> Message:
    """Return a reply with small print below it, as mrkdwn."""
    return Message(f"{message.text}\n{note}", (*message.blocks, context(note)))


def shared_reply_message(message: Message, channel: str, user: str, asked: str) -> Message:
    """Return a reply for a channel, with what was asked and, where others read it, the id of who shares it."""
    if channel.startswith("D"):
        return with_question(message, asked)
    return message_below(sharer_line(user, asked), message)


def sharer_line(user: str, asked: str) -> str:
    """Return who shares a reply, and what they asked, as mrkdwn."""
    return f"<@{user}> shares this answer to {quoted(asked)}"


def share_done_message(channel: str) -> Message:
    """Return the confirmation."""
    return one_line(f"Shared in <#{channel}>.")


def share_refused_message(code: str) -> Message:
    """Return the message where Slack does not take a reply, with its error code."""
    return plain_message(
        f"Slack does not take this message ({escape_short(code, _CODE_CHARS)}). Please tell whoever runs me."
    )


def file_sent_message(name: str, link: str, *, own_documents: bool) -> Message:
    """Return the message with the link to a file in direct messages.

    `own_documents`: the conversation of the command has documents that must not be in the file.
    """
    address = link.replace("&", "&amp;")
    text = f"I sent you <{address}|{escape_short(name, _NAME_CHARS)}> in our direct messages."
    return Message.of([section(text), *([context(_OWN)] if own_documents else [])])

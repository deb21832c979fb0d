"""The button that shares a reply with its channel, and what is shared. Pure."""

from __future__ import annotations

from bot.slack.blocks.echo import below, quoted, with_question
from bot.slack.blocks.elements import BUTTON_VALUE, Message, actions, button, context, notice, one_line
from bot.slack.blocks.mrkdwn import escape_short

SHARE_REPLY = "share_reply"

_CODE = 60

ALREADY_SHARED = notice("This is shared already.")
GONE = notice("I do not have this reply any more. Please ask again.")
NOT_POSTED = "I did not post this in the channel, as I am not a member of it (`/invite`). Only you see it."


def with_share_button(message: Message, channel: str, value: str) -> Message:
    """Return a reply with the button below it, unless nobody else reads its channel.

    `value` says what is shared: "answer KEY" with the key of the question, or "report TS COMMAND" with the time of the
    command.
    """
    if channel.startswith("D") or len(value) > BUTTON_VALUE:
        return message
    return Message(message.text, (*message.blocks, actions(button("Share to channel", SHARE_REPLY, value))))


def with_note(message: Message, note: str) -> Message:
    """Return a reply with small print below it, as mrkdwn."""
    return Message(f"{message.text}\n{note}", (*message.blocks, context(note)))


def shared(message: Message, channel: str, user: str, asked: str) -> Message:
    """Return a reply for a channel, with what was asked and, where others read it, the id of who shares it."""
    if channel.startswith("D"):
        return with_question(message, asked)
    return below(sharer_line(user, asked), message)


def sharer_line(user: str, asked: str) -> str:
    """Return who shares a reply, and what they asked, as mrkdwn."""
    return f"<@{user}> shares this answer to {quoted(asked)}"


def share_done(channel: str) -> Message:
    """Return the confirmation."""
    return one_line(f"Shared in <#{channel}>.")


def share_refused(code: str) -> Message:
    """Return the message where Slack does not take a reply, with its error code."""
    return notice(
        f"Slack does not take this message ({escape_short(code, _CODE)}). Please tell whoever runs me."
    )

"""The message about a file that went to the user's direct messages. Pure."""

from __future__ import annotations

from bot.slack.blocks.elements import Message, context, section
from bot.slack.blocks.mrkdwn import escape_short

_NAME = 120
_OWN = "It has what everybody may see. The documents of this conversation are only in what is posted here."


def file_sent(name: str, link: str, *, own_documents: bool) -> Message:
    """Return the message with the link to a file in direct messages.

    `own_documents`: the conversation of the command has documents that the file must not draw on.
    """
    address = link.replace("&", "&amp;")
    text = f"I sent you <{address}|{escape_short(name, _NAME)}> in our direct messages."
    return Message.of([section(text), *([context(_OWN)] if own_documents else [])])

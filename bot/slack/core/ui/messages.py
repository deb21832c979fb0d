"""Messages that several features show: a reply below its question, what a failure means, and shared buttons. Pure."""

from __future__ import annotations

import re

from bot.slack.core.ui.elements import (
    BUTTON_VALUE_CHARS,
    FALLBACK_CHARS,
    Message,
    actions,
    button,
    context,
    one_line,
    plain_message,
)
from bot.slack.core.ui.mrkdwn import escape_short, with_mentions
from store.errors import FileGone, StoreBusy, StoreError, StoreUnavailable

# Buttons that one feature shows and another one handles.
SHARE_REPLY, ASK, SEND_REPORT = "share_reply", "home_ask", "home_send"

_QUESTION_CHARS = 500
# The name of a file.
_NAME_CHARS = 120

REPLY_GONE = plain_message("I do not have this reply any more. Please ask again.")

# A clause that says what only whoever runs the bot can do: a command of the terminal, a setting, a package.
_OPERATOR_STEP = re.compile(
    r"(?:^|; |: )(?:(?!; |: ).)*?(?:`|\bITUBOT_|\bpip install\b|\.env\b)(?:(?!; ).)*?(?=; |\.?$)"
)
_TELL = "tell whoever runs me"
NO_DOCUMENTS = plain_message(
    "I have no documents yet, so I cannot answer. Documents come in when one of the people who keep the library sends "
    "me a file in a direct message, or when whoever runs me adds them."
)
OTHER_MODEL = plain_message(
    "I cannot answer: my documents were prepared for another setting than the one I was started with. "
    "Please ask whoever runs me to restart me with the new setting."
)
OTHER_VERSION = plain_message(
    "I cannot answer: the documents are stored for another version of me. "
    "Please ask whoever runs me to restart me with the new version."
)
FILE_NOT_SENT = plain_message("Slack did not take the file just now. Please try again in a minute.")
NO_DIRECT_MESSAGES = plain_message(
    "I cannot write to you directly: my app needs the scope im:write, and has to be installed again. "
    "Please tell whoever runs me."
)
NOT_A_MEMBER = one_line(
    "I can only post where I am a member. Invite me to this channel (`/invite`), then try again."
)
# The greeting begins with it; it is no turn of the conversation.
HELLO = "Hello! I answer questions about ITU's engagement in United Nations processes"


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


def apology_message(reference: str) -> Message:
    """Return the message for an internal error; `reference` is also in the log."""
    return plain_message(
        "Sorry, something went wrong while I was answering, and it was not your question's fault. "
        f"Please try again; if it happens again, tell whoever runs me the reference {reference}."
    )


def unconfirmed_reply_message(channel: str) -> Message:
    """Return the message for a person to whom Slack may not have shown a reply in a channel."""
    where = "in that conversation" if channel.startswith("D") else f"in <#{channel}>"
    return one_line(
        f"Slack did not confirm that it showed you my reply {where}. I have not repeated it here, as it may be meant "
        "for that place only. If you do not see it there, please try again there."
    )


def without_operator_steps(error: str) -> str:
    """Return an error's message without the clauses for whoever runs the bot, and with the advice to tell them."""
    shown, count = _OPERATOR_STEP.subn("", error)
    if not count:
        return error
    end = "." if shown.endswith(".") else ""
    words = shown.removesuffix(".").removeprefix("; ").rstrip("?")
    return f"{words}; {_TELL}{end}" if words else f"{_TELL}{end}"


def store_error_text(error: StoreError) -> str:
    """Return what an error of the store says is wrong, without details of the server, and what people in Slack can do.

    The error's own way out, after the semicolon, is for whoever runs the bot.
    """
    what = str(error).partition("; ")[0].partition(" (")[0]
    match error:
        case FileGone():
            return str(error)
        case StoreBusy():
            return f"{what}; try again in a minute"
        case StoreUnavailable():
            return f"{what}; try again in a minute, and if it stays so, {_TELL}"
    return f"{what}; {_TELL}"

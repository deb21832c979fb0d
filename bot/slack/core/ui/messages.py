"""Messages that several features show: a reply below its question, what a failure means, and shared buttons. Pure."""

from __future__ import annotations

import re

from bot import locales
from bot.locales import _, joined
from bot.slack.core.ui.elements import (
    BUTTON_VALUE_CHARS,
    FALLBACK_CHARS,
    Block,
    Message,
    actions,
    button,
    context,
    one_line,
    plain_message,
)
from bot.slack.core.ui.mrkdwn import channel_link, escape_short, mention, with_mentions
from store.errors import FileGone, StoreBusy, StoreError, StoreUnavailable

# Buttons that one feature shows and another one handles.
SHARE_REPLY, ASK, SEND_REPORT, ABOUT_ME = "share_reply", "home_ask", "home_send", "about_me"

_QUESTION_CHARS = 500
# The name of a file.
_NAME_CHARS = 120

# A clause that says what only whoever runs the bot can do: a command of the terminal, a setting, a package.
_OPERATOR_STEP = re.compile(
    r"(?:^|; |: )(?:(?!; |: ).)*?(?:`|\bITUBOT_|\bpip install\b|\.env\b)(?:(?!; ).)*?(?=; |\.?$)"
)


def reply_gone() -> Message:
    """Return the message that a reply is not kept any more."""
    return plain_message(_("I do not have this reply any more. Please ask again."))


def no_documents() -> Message:
    """Return the message that there are no documents."""
    return plain_message(
        _(
            "I have no documents yet, so I cannot answer. Documents come in when one of the people who keep the "
            "library sends me a file in a direct message, or when whoever runs me adds them."
        )
    )


def other_model() -> Message:
    """Return the message that the vectors of the documents were made by another model."""
    return plain_message(
        _(
            "I cannot answer: my documents were prepared for another setting than the one I was started with. "
            "Please ask whoever runs me to restart me with the new setting."
        )
    )


def other_version() -> Message:
    """Return the message that the tables of the store are those of another version."""
    return plain_message(
        _(
            "I cannot answer: the documents are stored for another version of me. "
            "Please ask whoever runs me to restart me with the new version."
        )
    )


def file_not_sent() -> Message:
    """Return the message that Slack has not taken a file."""
    return plain_message(_("Slack did not take the file just now. Please try again in a minute."))


def no_files() -> Message:
    """Return the message that the app lacks the scope for files."""
    return plain_message(
        _(
            "I cannot send files: my app needs the scope files:write, and has to be installed again. "
            "Please tell {contact}."
        )
    )


def no_direct_messages() -> Message:
    """Return the message that the app lacks the scope for direct messages."""
    return plain_message(
        _(
            "I cannot write to you directly: my app needs the scope im:write, and has to be installed again. "
            "Please tell {contact}."
        )
    )


def not_a_member() -> Message:
    """Return the message that the bot is not in a channel."""
    return one_line(
        _("I can only post where I am a member. Invite me to this channel (`/invite`), then try again.")
    )


def all_dates_button() -> Block:
    """Return the button that sends the list of dates as a direct message."""
    return button(_("Send me all dates"), f"{SEND_REPORT}_deadlines", "deadlines")


def hello() -> str:
    """Return how the greeting begins, which is no turn of the conversation."""
    return _("Hello! I answer questions about ITU's engagement in United Nations processes")


def tell_operator() -> str:
    """Return the advice that ends a message on what only whoever runs the bot can mend."""
    return _("tell {contact}")


def with_question(message: Message, question: str, asker: str = "") -> Message:
    """Return a reply below its question; `asker` is the id of who asked, for a message that others read."""
    asked = quoted(question)
    if not asker:
        return message_below(_("You asked: {question}", question=asked), message)
    return message_below(_("{person} asked: {question}", person=mention(asker), question=asked), message)


def message_below(line: str, message: Message) -> Message:
    """Return a message below a line of mrkdwn."""
    text = f"{line}\n{message.text}"
    if len(text) > FALLBACK_CHARS:
        text = f"{text[:FALLBACK_CHARS].rpartition(' ')[0]} …"
    return Message(text, (context(line), *message.blocks))


def quoted(question: str, limit: int = _QUESTION_CHARS) -> str:
    """Return a question in quotation marks, cut to `limit` characters, as mrkdwn."""
    return locales.quoted(with_mentions(escape_short(question, limit)))


def with_share_button(message: Message, channel: str, value: str) -> Message:
    """Return a reply with the button below it, unless nobody else reads its channel.

    `value` says what is shared: "answer KEY" with the key of the question, or "report TS COMMAND" with the time of the
    command.
    """
    if channel.startswith("D") or len(value) > BUTTON_VALUE_CHARS:
        return message
    return Message(
        message.text, (*message.blocks, actions(button(_("Share to channel"), SHARE_REPLY, value)))
    )


def apology_message(reference: str) -> Message:
    """Return the message for an internal error; `reference` is also in the log."""
    return plain_message(
        _(
            "Sorry, something went wrong while I was answering, and it was not your question's fault. "
            "Please try again; if it happens again, tell {contact} the reference {reference}.",
            reference=reference,
        )
    )


def unconfirmed_reply_message(channel: str) -> Message:
    """Return the message for a person to whom Slack may not have shown a reply in a channel."""
    if channel.startswith("D"):
        opening = _("Slack did not confirm that it showed you my reply in that conversation.")
    else:
        opening = _(
            "Slack did not confirm that it showed you my reply in {channel}.", channel=channel_link(channel)
        )
    advice = _(
        "I have not repeated it here, as it may be meant for that place only. "
        "If you do not see it there, please try again there."
    )
    return one_line(joined(opening, advice))


def without_operator_steps(error: str) -> str:
    """Return an error's message without the clauses for whoever runs the bot, and with the advice to tell them."""
    shown, count = _OPERATOR_STEP.subn("", error)
    if not count:
        return error
    end = "." if shown.endswith(".") else ""
    words = shown.removesuffix(".").removeprefix("; ").rstrip("?")
    return (_("{what}; tell {contact}", what=words) if words else tell_operator()) + end


def store_error_text(error: StoreError) -> str:
    """Return what an error of the store says is wrong, without details of the server, and what people in Slack can do.

    The error's own way out, after the semicolon, is for whoever runs the bot.
    """
    what = str(error).partition("; ")[0].partition(" (")[0]
    match error:
        case FileGone():
            return str(error)
        case StoreBusy():
            return _("{what}; try again in a minute", what=what)
        case StoreUnavailable():
            return _("{what}; try again in a minute, and if it stays so, tell {contact}", what=what)
    return _("{what}; tell {contact}", what=what)

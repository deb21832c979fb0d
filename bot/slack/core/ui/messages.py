"""Messages that several features show: a reply below its question, what a failure means, and shared buttons. Pure."""

from __future__ import annotations

import re

from bot import locales
from bot.locales import _
from bot.slack.core.ui.elements import (
    FALLBACK_CHARS,
    Block,
    Message,
    actions,
    button,
    context,
    one_line,
    plain_message,
    section,
)
from bot.slack.core.ui.mrkdwn import channel_link, cut, escape_short, with_mentions
from store.errors import FileGone, StoreBusy, StoreError, StoreUnavailable

# Buttons that one feature shows and another one handles.
ALL_DATES, SHOW_AGAIN = "all_dates", "show_again"

_QUESTION_CHARS = 500

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
        _("I have no documents yet, so I cannot answer. The people who keep the library can send me files.")
    )


def not_read(name: str, reason: str) -> Message:
    """Return the message that a file could not be read; `reason` is a sentence without its full stop."""
    return plain_message(
        _("I could not read {name}: {reason}.", name=name, reason=without_operator_steps(reason))
    )


def all_dates_button() -> Block:
    """Return the button that shows the person the list of dates."""
    return button(_("All dates"), ALL_DATES, ALL_DATES)


def hello() -> str:
    """Return how the greeting begins, which is no turn of the conversation."""
    return _("Hello! I answer questions about ITU's engagement in United Nations processes")


def with_question(message: Message, question: str) -> Message:
    """Return a reply below its question."""
    line = _("You asked: {question}", question=quoted(question))
    return Message(cut(f"{line}\n{message.text}", FALLBACK_CHARS), (context(line), *message.blocks))


def quoted(question: str, limit: int = _QUESTION_CHARS) -> str:
    """Return a question in quotation marks, cut to `limit` characters, as mrkdwn."""
    return locales.quoted(with_mentions(escape_short(question, limit)))


def kept_alone_message(channel: str, key: str) -> Message:
    """Return what says in direct messages where a result is that stays in its conversation, with the button for it."""
    line = _(
        "What you asked for in {channel} is there, where only you see it: it may quote documents of that conversation.",
        channel=channel_link(channel),
    )
    return Message.of([section(line), actions(button(_("Show again"), SHOW_AGAIN, key))])


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
    place = _("that conversation") if channel.startswith("D") else channel_link(channel)
    return one_line(
        _(
            "My reply in {place} may not have reached you, and stays there. If you do not see it, please try again.",
            place=place,
        )
    )


def without_operator_steps(error: str) -> str:
    """Return an error's message without the clauses for whoever runs the bot, and with the advice to tell them."""
    shown, count = _OPERATOR_STEP.subn("", error)
    if not count:
        return error
    end = "." if shown.endswith(".") else ""
    words = shown.removesuffix(".").removeprefix("; ").rstrip("?")
    return (_("{what}; tell {contact}", what=words) if words else _("tell {contact}")) + end


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

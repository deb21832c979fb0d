"""Errors that keep the Slack bot from running, and how errors end what somebody asked, typed or pressed.

BotError
├── TokenRefused       a token is wrong or missing: correct the setting that the message names
├── SlackUnreachable   nobody answers at Slack's address: check the network, try again
└── PortInUse          the port is taken: end the other program, or set another port
"""

from __future__ import annotations

import logging
import secrets
import sys
import traceback

from bot.errors import BotError, QuestionError, UnknownEntry
from bot.locales import _
from bot.slack.core.ui import messages
from bot.slack.core.ui.elements import Message, plain_message
from store.errors import ModelChanged, NoStore, SchemaMismatch, StoreError

_LOG = logging.getLogger(__name__)


class TokenRefused(BotError):
    """Slack does not accept a token, or one is missing."""


class SlackUnreachable(BotError):
    """Slack's Web API does not answer."""


class PortInUse(BotError):
    """The HTTP mode's port is taken."""


def log_failure(what: str, *, in_words: bool = True) -> str:
    """Log the present exception under a new reference number, and return that for the user.

    `in_words`: with the exception's words, which may have the text on which somebody works.
    """
    reference = f"R-{secrets.token_hex(4).upper()}"
    if in_words:
        _LOG.exception("%s: %s failed", reference, what)
    elif (error := sys.exception()) is not None:
        lines = "".join(traceback.format_tb(error.__traceback__))
        _LOG.error("%s: %s failed: %s\n%s", reference, what, type(error).__name__, lines)
    return reference


class NotDone(Exception):
    """What somebody asked for is not done; `message` tells them why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message


class InvalidForm(Exception):
    """A form cannot be taken as it is; `errors` says why, by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(*errors.values())
        self.errors = errors


def known_failure(error: Exception) -> tuple[Message, str] | None:
    """Return the message for an error that has words of its own, and its name in the log; None for any other one.

    Where only the operator can help, log it.
    """
    match error:
        case QuestionError():
            line = _("Sorry, I could not read that as a question: {reason}.", reason=error)
            return plain_message(line), "unreadable"
        case NoStore():
            return messages.no_documents(), "no documents"
        case ModelChanged() | SchemaMismatch():
            _LOG.error("questions cannot be answered: %s", error)
            name = "other model" if isinstance(error, ModelChanged) else "other version"
            return plain_message(_("I cannot answer until I am restarted. Please tell {contact}.")), name
    return None


def explanation(error: Exception, what: str, *, in_words: bool = True) -> Message:
    """Return the message for an error, in words for people in Slack.

    Where none fits, log the present exception as `log_failure` does, and return the apology.
    """
    if known := known_failure(error):
        return known[0]
    match error:
        case NotDone():
            return error.message
        case UnknownEntry():
            return plain_message(
                _("That did not work: {reason}. Ask for the deadlines again.", reason=error.what)
            )
        case StoreError():
            _LOG.warning("%s failed: %s", what, error)
            return _did_not_work(messages.store_error_text(error))
        case BotError():
            return _did_not_work(messages.without_operator_steps(str(error)))
    return messages.apology_message(log_failure(what, in_words=in_words))


def _did_not_work(reason: str) -> Message:
    return plain_message(_("That did not work: {reason}.", reason=reason))

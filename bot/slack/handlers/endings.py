"""How errors end what somebody asked, typed or pressed: by a notice that says what to do, where one fits."""

from __future__ import annotations

import logging

from bot.errors import BotError, QuestionError, UnknownEntry
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message, notice
from bot.slack.blocks.error_text import store_error_text, without_operator_steps
from bot.slack.blocks.sharing import share_refused
from bot.slack.errors import log_failure
from bot.slack.handlers.answering import QueueFull
from bot.slack.sending.posting import NO_ACCESS, Refused
from store.errors import ModelChanged, NoStore, SchemaMismatch, StoreError

_LOG = logging.getLogger(__name__)


def notice_of(error: Exception) -> tuple[Message, str] | None:
    """Return the notice for an error and the outcome of a question that it ends; None if it needs an apology."""
    match error:
        case QuestionError():
            return blocks.unreadable(error), "unreadable"
        case QueueFull():
            return blocks.QUEUE_FULL, "queue full"
        case NoStore():
            return blocks.NO_DOCUMENTS, "no documents"
        case ModelChanged():
            _LOG.error("questions cannot be answered: %s", error)
            return blocks.OTHER_MODEL, "other model"
        case SchemaMismatch():
            _LOG.error("questions cannot be answered: %s", error)
            return blocks.OTHER_VERSION, "other version"
    return None


def refused_post(refused: Refused) -> Message:
    """Return what a person is told whose message Slack does not take in a channel."""
    return blocks.NOT_A_MEMBER if refused.code in NO_ACCESS else share_refused(refused.code)


def explanation(error: Exception, what: str, key: str) -> Message:
    """Return the notice for an error, in words for people in Slack.

    Where none fits, log the present exception, and return the apology.
    """
    if found := notice_of(error):
        return found[0]
    match error:
        case UnknownEntry():
            return notice(f"That did not work: {error.what}. Ask for the deadlines again.")
        case StoreError():
            _LOG.warning(f"{what} failed: %s", key, error)
            return notice(f"That did not work: {store_error_text(error)}.")
        case BotError():
            return notice(f"That did not work: {without_operator_steps(str(error))}.")
    return blocks.apology(log_failure(what, key))

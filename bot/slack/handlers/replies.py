"""Replies to questions before they are sent, and how errors end what somebody asked, typed or pressed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.answers import Answer
from bot.errors import BotError, QuestionError, UnknownEntry
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message, plain_message
from bot.slack.blocks.messages import store_error_text, without_operator_steps
from bot.slack.blocks.sharing import share_refused_message
from bot.slack.errors import log_failure
from bot.slack.handlers.answering import QueueFull
from bot.slack.sending.posting import NO_ACCESS, Refused
from bot.telemetry.questions import QuestionRecord
from store.errors import ModelChanged, NoStore, SchemaMismatch, StoreError
from store.jobs import AnswerRecord, QuestionOutcome

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply before it is sent; `text` is what follow-up questions refer to, `answer` what is kept beside it."""

    message: Message
    outcome: QuestionOutcome
    record: QuestionRecord
    text: str = ""
    answer: AnswerRecord | None = None
    reference: str | None = None


class NotDone(Exception):
    """What somebody asked for is not done; `message` tells them why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message


def answer_reply(message: Message, answer: Answer) -> Reply:
    """Return the reply with an answer or a refusal, whose message is given."""
    kept = AnswerRecord(
        answer.answered, answer.reason, answer.model, answer.judged, answer.computed, answer.citations
    )
    return Reply(message, "answer", QuestionRecord.of(answer), answer.text, kept)


def fixed_reply(message: Message, outcome: str) -> Reply:
    """Return the reply with a fixed message; `outcome` is for the log."""
    return Reply(message, "notice", QuestionRecord(outcome))


def apology() -> Reply:
    """Log the present exception, and return the apology with its reference number."""
    reference = log_failure("the question")
    return Reply(blocks.apology_message(reference), "apology", QuestionRecord("failed"), reference=reference)


def reply_of_error(error: Exception) -> Reply | None:
    """Return the reply with which an error ends a question; None if it needs an apology."""
    match error:
        case QuestionError():
            return fixed_reply(blocks.unreadable_question_message(error), "unreadable")
        case QueueFull():
            return fixed_reply(blocks.QUEUE_FULL, "queue full")
        case NoStore():
            return fixed_reply(blocks.NO_DOCUMENTS, "no documents")
        case ModelChanged():
            _LOG.error("questions cannot be answered: %s", error)
            return fixed_reply(blocks.OTHER_MODEL, "other model")
        case SchemaMismatch():
            _LOG.error("questions cannot be answered: %s", error)
            return fixed_reply(blocks.OTHER_VERSION, "other version")
    return None


def refused_post(refused: Refused) -> Message:
    """Return what a person is told whose message Slack does not take in a channel."""
    return blocks.NOT_A_MEMBER if refused.code in NO_ACCESS else share_refused_message(refused.code)


def explanation(error: Exception, what: str) -> Message:
    """Return the message for an error, in words for people in Slack.

    Where none fits, log the present exception, and return the apology.
    """
    if found := reply_of_error(error):
        return found.message
    match error:
        case NotDone():
            return error.message
        case UnknownEntry():
            return plain_message(f"That did not work: {error.what}. Ask for the deadlines again.")
        case StoreError():
            _LOG.warning("%s failed: %s", what, error)
            return plain_message(f"That did not work: {store_error_text(error)}.")
        case BotError():
            return plain_message(f"That did not work: {without_operator_steps(str(error))}.")
    return blocks.apology_message(log_failure(what))

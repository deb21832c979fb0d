"""Replies to questions, before they are sent: answers, notices and apologies."""

from __future__ import annotations

from dataclasses import dataclass

from bot.answers import Answer
from bot.slack.blocks import messages as blocks
from bot.slack.blocks.elements import Message
from bot.slack.errors import log_failure
from bot.telemetry.questions import QuestionRecord
from store.jobs import AnswerRecord, QuestionOutcome, SlackMessage


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply before it is sent; `text` is what follow-up questions refer to, `answer` what is kept beside it."""

    message: Message
    outcome: QuestionOutcome
    record: QuestionRecord
    text: str = ""
    answer: AnswerRecord | None = None
    reference: str | None = None


def answer_reply(message: Message, answer: Answer) -> Reply:
    """Return the reply with an answer or a refusal, whose message is given."""
    kept = AnswerRecord(
        answer.answered, answer.reason, answer.model, answer.judged, answer.computed, answer.citations
    )
    return Reply(message, "answer", QuestionRecord.of(answer), answer.text, kept)


def notice(message: Message, outcome: str) -> Reply:
    """Return the reply with a notice; `outcome` is for the log."""
    return Reply(message, "notice", QuestionRecord(outcome))


def apology(question: SlackMessage) -> Reply:
    """Log the present exception, and return the apology with its reference number."""
    reference = log_failure("the question %s", question.key)
    return Reply(blocks.apology(reference), "apology", QuestionRecord("failed"), reference=reference)

"""The messages and replies for answers and refusals, and the fixed ones about questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.answering.answer import Answer, Basis, Progress, StreamedSentence
from bot.answering.remarks import (
    basis_line,
    checked,
    full_text_only,
    not_answered,
    opening,
    searched,
    written,
)
from bot.locales import _, joined, language
from bot.slack.core.errors import known_failure, log_failure
from bot.slack.core.ui.elements import (
    Block,
    Message,
    context,
    markdown,
    pack_lines,
    plain_message,
    sections,
)
from bot.slack.core.ui.messages import apology_message, without_operator_steps
from bot.slack.core.ui.mrkdwn import cut, escape_markdown, escape_short
from bot.slack.core.ui.source_lines import nearest_line, source_lines
from bot.slack.features.questions.answering import QueueFull
from bot.telemetry.questions import QuestionRecord
from store.jobs import AnswerRecord, QuestionOutcome

_NOTE_CHARS = 600
# The text of an answer, streamed or posted: with what is below it a message takes some 13,000.
ANSWER_CHARS = 9_000


def how_to_ask() -> Message:
    """Return the message that says what can be asked, and how."""
    return plain_message(
        _(
            "Ask me about ITU's engagement in United Nations processes: what happens when and where, who takes part, "
            "what was decided. I answer from ITU's own reports and name the paragraph behind every sentence. "
            "Mention me in a channel, or write to me here; a follow-up question in the same thread is understood in "
            "English.\n"
            "For example: When is the Summit of the Future?"
        )
    )


def answer_lost() -> Message:
    """Return the message that the answer to a question is lost."""
    return plain_message(
        _(
            "I was interrupted before I could answer this question, and the answer is lost. "
            "I am sorry. Please ask it again."
        )
    )


def answer_message(answer: Answer, key: str, buttons: Sequence[Block] = ()) -> Message:
    """Return the message for an answer or a refusal to the question `key`, with the buttons below it."""
    if not answer.answered:
        return Message.of([*sections(answer.text), *_nearest(answer, key), *buttons])
    text = _text(answer)
    above = _contexts([line]) if (line := opening(answer)) else []
    notes = [escape_short(note, _NOTE_CHARS) for note in _notes(answer)]
    sources = source_lines(answer.citations, key, named=answer.basis.documents > 1)
    below = (*_contexts(notes), *sources, *_contexts([_basis(answer)]), *buttons)
    return Message.of((*above, markdown(cut(text, ANSWER_CHARS)), *below))


def _text(answer: Answer) -> str:
    """Return the text of an answer as Markdown, in which the sentence nearest to the question is in bold."""
    text = answer.text
    start, end = answer.best or (0, 0)
    before, after = text[start - 1 : start], text[end : end + 1]
    # The sign for bold type counts for certain only beside white space.
    if start == end or before.strip() or after.strip():
        return escape_markdown(text)
    best = f"{before}**{escape_markdown(text[start:end])}**{after}"
    return f"{escape_markdown(text[:start].rstrip())}{best}{escape_markdown(text[end + 1 :])}"


def _nearest(answer: Answer, key: str) -> Iterable[Block]:
    """Yield the passage nearest to what is not answered, whose button shows the others too."""
    if answer.nearest:
        yield nearest_line(answer.nearest[0], key, named=answer.basis.documents > 1)
    if answer.searched and answer.basis.full_text_only:
        yield context(full_text_only())


def _notes(answer: Answer) -> Iterable[str]:
    """Yield the notes below an answer: unanswered parts, and why no model wrote it."""
    if answer.unanswered:
        yield not_answered(answer.unanswered, answer.basis)
    if answer.note:
        yield without_operator_steps(answer.note)


def _basis(answer: Answer) -> str:
    """Return the line on what was searched and who wrote the answer; the window of a source says more of both."""
    basis = answer.basis
    parts = [_("{facts}.", facts=searched(basis, answer.as_of)) if basis.documents else ""]
    parts += [full_text_only() if basis.full_text_only else "", written(answer)]
    return escape_short(joined(*parts), _NOTE_CHARS)


def _details(answer: Answer) -> str:
    """Return what the window of a source says of the whole answer."""
    if not answer.searched:
        return ""
    note = "" if answer.answered else without_operator_steps(answer.note or "")
    return joined(note, basis_line(answer.basis, answer.as_of), checked(answer) or "")


def _contexts(lines: Iterable[str]) -> list[Block]:
    """Return small print, a line each: Slack sets the elements of one block side by side."""
    return [context(text) for text in pack_lines(lines)]


def queue_place_message(place: int) -> Message:
    """Return the message for a queued question; `place` is 1 for the next one."""
    return plain_message(
        _(
            "I am answering others just now. Your question is number {place} in the queue. "
            "I will post its answer here.",
            place=place,
        )
    )


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply before it is sent; `text` is what follow-up questions refer to, `answer` what is kept beside it."""

    message: Message
    outcome: QuestionOutcome
    record: QuestionRecord
    text: str = ""
    answer: AnswerRecord | None = None
    reference: str | None = None


def answer_reply(answer: Answer, key: str, buttons: Sequence[Block]) -> Reply:
    """Return the reply with an answer or a refusal, with the buttons below it, in the language in use."""
    kept = AnswerRecord(
        answer.answered,
        answer.reason,
        answer.model,
        answer.judged,
        answer.computed,
        answer.citations or answer.nearest,
        _details(answer),
    )
    message = answer_message(answer, key, buttons)
    return Reply(message, "answer", QuestionRecord.of(answer), answer.text, kept)


def stopped_answer(
    question: str, shown: Sequence[StreamedSentence], progress: Progress | None, as_of: date
) -> Answer:
    """Return what was shown of an answer when its question was stopped, with its sources, in the language in use."""
    citations = {citation.marker: citation for sentence in shown for citation in sentence.citations}
    return Answer(
        question=question,
        standalone_question=question,
        text="".join(sentence.text for sentence in shown),
        answered=True,
        as_of=as_of,
        basis=Basis(progress.documents if progress else 0, None, None),
        citations=tuple(citations[marker] for marker in sorted(citations)),
        note=_("Stopped. A language model wrote the text above."),
        language=language(),
    )


def fixed_reply(message: Message, outcome: str) -> Reply:
    """Return the reply with a fixed message; `outcome` is for the log."""
    return Reply(message, "notice", QuestionRecord(outcome))


def apology() -> Reply:
    """Log the present exception, and return the apology with its reference number."""
    reference = log_failure("the question")
    return Reply(apology_message(reference), "apology", QuestionRecord("failed"), reference=reference)


def reply_of_error(error: Exception) -> Reply | None:
    """Return the reply with which an error ends a question; None if it needs an apology."""
    if isinstance(error, QueueFull):
        full = _("The queue is full, so I cannot take this question. Please ask again in a few minutes.")
        return fixed_reply(plain_message(full), "queue full")
    known = known_failure(error)
    return fixed_reply(*known) if known else None

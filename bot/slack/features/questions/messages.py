"""The messages and replies for answers and refusals, and the fixed ones about questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answers import Answer, Basis, Nearest, Progress, StreamedSentence
from bot.answers.remarks import checked, full_text_only, nearest, not_answered, opening
from bot.locales import _, joined, language, ngettext, quoted
from bot.register.wording import day
from bot.slack.core.errors import known_failure, log_failure
from bot.slack.core.ui.elements import Block, Message, context, pack_lines, plain_message, sections
from bot.slack.core.ui.messages import apology_message, without_operator_steps
from bot.slack.core.ui.mrkdwn import escape_short
from bot.slack.features.questions.answering import QueueFull
from bot.telemetry.questions import QuestionRecord
from store.jobs import AnswerRecord, QuestionOutcome
from store.records import Citation

# Text and sources in a message's 13,000; the rest is for notes and buttons.
_MESSAGE_CHARS = 11_000
_MOST_NEAREST = 5
_TITLE_CHARS = 90
_NAME_CHARS = 150
_QUOTE_CHARS = 600
# Where there is less room, a source has no quote.
_SHORTEST_QUOTE_CHARS = 40
# The quote of a section to look at, below a refusal.
_NEAREST_QUOTE_CHARS = 300
_SMALLEST_SOURCE_CHARS = 90


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


def queue_full() -> Message:
    """Return the message that the queue takes no more questions."""
    return plain_message(
        _("The queue is full, so I cannot take this question. Please ask again in a few minutes.")
    )


def stopped() -> Message:
    """Return the message that the work on a question was stopped before there was an answer."""
    return plain_message(_("Stopped. Ask again whenever you like."))


def answer_lost() -> Message:
    """Return the message that the answer to a question is lost."""
    return plain_message(
        _(
            "I was interrupted before I could answer this question, and the answer is lost. "
            "I am sorry. Please ask it again."
        )
    )


def answer_message(answer: Answer, buttons: Sequence[Block] = ()) -> Message:
    """Return the message for an answer or a refusal of the assistant, with the buttons below it."""
    if not answer.answered:
        return Message.of([*_refusal(answer), *buttons])
    text = sections(_listed(answer.text))
    above = [line] if (line := opening(answer)) else []
    left = _MESSAGE_CHARS - sum(len(block["text"]["text"]) for block in text)
    sources = _sources(answer.citations, left)
    basis = [_basis(answer.basis, answer.as_of)] if answer.basis.documents else []
    below = (*_contexts(_notes(answer)), *sources, *basis, *buttons)
    streamable = not above and "\n" not in answer.text
    message = Message.of((*_contexts(above), *text, *below))
    return replace(message, below=below) if streamable else message


def _refusal(answer: Answer) -> list[Block]:
    blocks = sections(answer.text)
    if answer.nearest:
        several = answer.basis.documents > 1
        places = [_place(near, named=several) for near in answer.nearest[:_MOST_NEAREST]]
        blocks += _contexts([nearest(), *places])
    if answer.searched:
        blocks.append(_basis(answer.basis, answer.as_of))
    return blocks


def _listed(text: str) -> str:
    """Return several lines as a list, one event each; a line without a marker is a heading."""
    lines = text.splitlines()
    return (
        "\n".join(f"• {line}" if line.endswith("]") else line for line in lines) if len(lines) > 1 else text
    )


def _notes(answer: Answer) -> Iterable[str]:
    """Yield the notes below an answer: unanswered parts, why no model wrote it, how it was checked."""
    if answer.unanswered:
        yield escape_short(not_answered(answer.unanswered, answer.basis), _QUOTE_CHARS)
    if answer.note:
        yield escape_short(without_operator_steps(answer.note), _QUOTE_CHARS)
    if how := checked(answer):
        yield escape_short(how, _QUOTE_CHARS)


def _sources(citations: Sequence[Citation], room: int) -> list[Block]:
    """Return the numbered sources, shortened to about `room` characters in all."""
    if not citations:
        return []
    share = max(_SMALLEST_SOURCE_CHARS, room // len(citations))
    before = [None, *(citation.source for citation in citations)]
    return _contexts(
        _source(citation, share, named=citation.source == source)
        for citation, source in zip(citations, before, strict=False)
    )


def _source(citation: Citation, length: int, named: bool) -> str:
    """Return one source, without its document's title where the source before `named` it."""
    where = f"§ {citation.section} {citation.heading}".strip()
    page = "" if citation.page is None else ", " + _("p. {page}", page=citation.page)
    title = (
        ""
        if named
        else escape_short(citation.document or citation.source, min(_TITLE_CHARS, length // 3)) + ", "
    )
    head = f"*[{citation.marker}]* {title}{escape_short(where, min(_NAME_CHARS, length // 3))}{page}"
    room = min(_QUOTE_CHARS, length - len(head))
    return (
        f"{head}: {quoted(escape_short(citation.quote, room))}"
        if citation.quote and room >= _SHORTEST_QUOTE_CHARS
        else head
    )


def _place(near: Nearest, *, named: bool) -> str:
    """Return a section to look at; of a library with one document, its name is said below."""
    source = f"{near.source}, " if named else ""
    place = escape_short(f"• {source}§ {near.section} {near.heading}", _NAME_CHARS * 2)
    return f"{place}\n{quoted(escape_short(near.quote, _NEAREST_QUOTE_CHARS))}"


def _basis(basis: Basis, as_of: date) -> Block:
    count = basis.documents
    newest_date = day(basis.newest_date) if basis.newest_date else _("undated")
    newest = f"{basis.newest_document}, {newest_date}"
    if not basis.newest_document:
        text = ngettext("Checked against {count} document", "Checked against {count} documents", count)
    elif count == 1:
        text = _("Checked against 1 document: {newest}", newest=newest)
    else:
        text = ngettext(
            "Checked against {count} document; the newest: {newest}",
            "Checked against {count} documents; the newest: {newest}",
            count,
            newest=newest,
        )
    checked_as_of = _("{checked}. As of {day}.", checked=escape_short(text, _NAME_CHARS * 2), day=day(as_of))
    return context(joined(checked_as_of, full_text_only() if basis.full_text_only else ""))


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


def answer_reply(answer: Answer, buttons: Sequence[Block]) -> Reply:
    """Return the reply with an answer or a refusal, with the buttons below it, in the language in use."""
    kept = AnswerRecord(
        answer.answered, answer.reason, answer.model, answer.judged, answer.computed, answer.citations
    )
    message = answer_message(answer, buttons)
    return Reply(message, "answer", QuestionRecord.of(answer), answer.text, kept)


def stopped_answer(
    question: str, shown: Sequence[StreamedSentence], progress: Progress | None, as_of: date
) -> Answer:
    """Return what was shown of an answer when its question was stopped, with its sources, in the language in use."""
    citations = {citation.marker: citation for sentence in shown for citation in sentence.citations}
    return Answer(
        question,
        question,
        " ".join(sentence.text for sentence in shown),
        answered=True,
        as_of=as_of,
        basis=Basis(progress.documents if progress else 0, None, None),
        citations=tuple(citations[marker] for marker in sorted(citations)),
        note=_("Stopped. A language model wrote what stands here."),
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
        return fixed_reply(queue_full(), "queue full")
    known = known_failure(error)
    return fixed_reply(*known) if known else None

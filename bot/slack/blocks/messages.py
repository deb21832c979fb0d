"""The messages for answers and refusals, the fixed ones, and errors in words for people in Slack. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from bot.answers import Answer, Basis, Nearest
from bot.answers.remarks import FULL_TEXT_ONLY, NEAREST, checked, closest_passages, not_answered
from bot.plural import counted
from bot.register.date_format import day
from bot.slack.blocks.elements import (
    Block,
    Message,
    context,
    one_line,
    pack_lines,
    plain_message,
    section,
    sections,
)
from bot.slack.blocks.experts import experts_button
from bot.slack.blocks.feedback import feedback_buttons
from bot.slack.blocks.mrkdwn import escape_short
from bot.slack.blocks.sources import source_buttons
from store.errors import FileGone, StoreBusy, StoreError, StoreUnavailable
from store.jobs.answers import NO_EVIDENCE
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

_CLOSEST = "I found no passage that clearly answers this. The closest passages say:"
_COMMANDS = (
    ("ask QUESTION", "an answer; `ask` may be left out"),
    ("deadlines", "upcoming dates; `deadlines 30d` for the next 30 days"),
    ("digest", "what is due, what to watch, what changed"),
    ("timeline", "upcoming dates as a picture, in our direct messages"),
    ("calendar", "upcoming dates as a calendar file (.ics), in our direct messages"),
    ("changes", "what changed in a report since its version before; `changes NAME` for one of them"),
    ("documents", "the documents that I answer from"),
    ("reminders", "your reminders, each with a button that cancels it"),
    ("subscribe", "a digest here on weekdays; `subscribe weekly WSIS Europe/Paris` on Mondays, on a topic"),
    ("subscriptions", "the subscriptions of this conversation; `unsubscribe WSIS` ends one"),
    ("help", "this list"),
)
# A clause that says what only whoever runs the bot can do: a command of the terminal, a setting, a package.
_OPERATOR_STEP = re.compile(
    r"(?:^|; |: )(?:(?!; |: ).)*?(?:`|\bITUBOT_|\bpip install\b|\.env\b)(?:(?!; ).)*?(?=; |\.?$)"
)
_TELL = "tell whoever runs me"


def answer_message(answer: Answer, key: str = "", *, ask_experts: bool = False) -> Message:
    """Return the message for an answer or a refusal of the assistant.

    `key` is the key of its question: buttons carry it. Without one there are no buttons. `ask_experts`: a refusal has
    the button that passes the question on to people.
    """
    feedback = [feedback_buttons(key)] if key and answer.searched else []
    if not answer.answered:
        may_ask = ask_experts and key and answer.reason == NO_EVIDENCE
        return Message.of([*_refusal(answer), *([experts_button(key)] if may_ask else []), *feedback])
    text = sections(_listed(answer.text))
    opening = [_CLOSEST] if closest_passages(answer) else []
    left = _MESSAGE_CHARS - sum(len(block["text"]["text"]) for block in text)
    sources = _sources(answer.citations, left)
    buttons = source_buttons(answer.citations, key) if key else []
    basis = _basis(answer.basis, answer.as_of)
    below = (*_contexts(_notes(answer)), *sources, *buttons, basis, *feedback)
    streamable = not opening and "\n" not in answer.text
    message = Message.of((*_contexts(opening), *text, *below))
    return replace(message, below=below) if streamable else message


def _refusal(answer: Answer) -> list[Block]:
    blocks = sections(answer.text)
    if answer.nearest:
        several = answer.basis.documents > 1
        places = [_place(near, named=several) for near in answer.nearest[:_MOST_NEAREST]]
        blocks += _contexts([NEAREST, *places])
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
    page = "" if citation.page is None else f", p. {citation.page}"
    title = (
        ""
        if named
        else escape_short(citation.document or citation.source, min(_TITLE_CHARS, length // 3)) + ", "
    )
    head = f"*[{citation.marker}]* {title}{escape_short(where, min(_NAME_CHARS, length // 3))}{page}"
    room = min(_QUOTE_CHARS, length - len(head))
    return (
        f"{head}: “{escape_short(citation.quote, room)}”"
        if citation.quote and room >= _SHORTEST_QUOTE_CHARS
        else head
    )


def _place(near: Nearest, *, named: bool) -> str:
    """Return a section to look at; of a library with one document, its name is said below."""
    source = f"{near.source}, " if named else ""
    place = escape_short(f"• {source}§ {near.section} {near.heading}", _NAME_CHARS * 2)
    return f"{place}\n“{escape_short(near.quote, _NEAREST_QUOTE_CHARS)}”"


def _basis(basis: Basis, as_of: date) -> Block:
    text = f"Checked against {counted(basis.documents, 'document')}"
    if basis.newest_document:
        text += f"{':' if basis.documents == 1 else '; the newest:'} {basis.newest_document}"
        text += f", {day(basis.newest_date)}" if basis.newest_date else ", undated"
    searched = f" {FULL_TEXT_ONLY}" if basis.full_text_only else ""
    return context(f"{escape_short(text, _NAME_CHARS * 2)}. As of {day(as_of)}.{searched}")


def _contexts(lines: Iterable[str]) -> list[Block]:
    """Return small print, a line each: Slack sets the elements of one block side by side."""
    return [context(text) for text in pack_lines(lines)]


def unreadable_question_message(why: object) -> Message:
    """Return the message for a question that cannot be read."""
    return plain_message(f"Sorry, I could not read that as a question: {why}.")


def apology_message(reference: str) -> Message:
    """Return the message for an internal error; `reference` is also in the log."""
    return plain_message(
        "Sorry, something went wrong while I was answering, and it was not your question's fault. "
        f"Please try again; if it happens again, tell whoever runs me the reference {reference}."
    )


def queue_place_message(place: int) -> Message:
    """Return the message for a queued question; `place` is 1 for the next one."""
    return plain_message(
        f"I am answering others just now. Your question is number {place} in the queue. I will post its answer here."
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


HELP = plain_message(
    "Ask me about ITU's engagement in United Nations processes: what happens when and where, who takes part, "
    "what was decided. I answer from ITU's own reports and name the paragraph behind every sentence. "
    "Mention me in a channel, or write to me here; a follow-up question in the same thread is understood.\n"
    "For example: When is the Summit of the Future?"
)
NO_DOCUMENTS = plain_message(
    "I have no documents yet, so I cannot answer. Documents come in when one of the people who keep the library sends "
    "me a file in a direct message, or when whoever runs me adds them."
)
QUEUE_FULL = plain_message(
    "The queue is full, so I cannot take this question. Please ask again in a few minutes."
)
OTHER_MODEL = plain_message(
    "I cannot answer: my documents were prepared for another setting than the one I was started with. "
    "Please ask whoever runs me to restart me with the new setting."
)
RESTARTING = plain_message("I am restarting. Please send this again in a minute.")
OTHER_VERSION = plain_message(
    "I cannot answer: the documents are stored for another version of me. "
    "Please ask whoever runs me to restart me with the new version."
)
STOPPED = plain_message(
    "I stopped, as you asked, and will not answer this question. Ask it again whenever you like."
)
ANSWER_LOST = plain_message(
    "I was interrupted before I could answer this question, and the answer is lost. "
    "I am sorry. Please ask it again."
)
FILE_NOT_SENT = plain_message("Slack did not take the file just now. Please try again in a minute.")
NO_DIRECT_MESSAGES = plain_message(
    "I cannot write to you directly: my app needs the scope im:write, and has to be installed again. "
    "Please tell whoever runs me."
)

NOT_A_MEMBER = one_line(
    "I can only post where I am a member. Invite me to this channel (`/invite`), then try again."
)


def command_help_message(command: str, *, unknown: str = "", nearest: str = "") -> Message:
    """Return the list of commands; for an `unknown` word after the `nearest` command."""
    name = escape_short(command, _NAME_CHARS)
    lines = [f"`{name} {word}`  {what}" for word, what in _COMMANDS]
    lines.append(f"`{name} When is the Summit of the Future?`  an answer too")
    alone = (
        "Only you see the replies. A button below each shares it with the channel, as `--share` does at once."
    )
    parts = ["\n".join(lines), alone]
    if unknown:
        opening = f"I do not know “{escape_short(unknown, _NAME_CHARS)}”."
        opening += (
            f" Did you mean `{name} {escape_short(nearest, _NAME_CHARS)}`?"
            if nearest
            else " This is what I know:"
        )
        parts.insert(0, opening)
    return Message.of([section(part) for part in parts])

"""Messages as Block Kit: what is said for an answer, a refusal, a mistake. Pure.

Slack's limits (docs.slack.dev/reference/block-kit): 50 blocks a message, 3,000 characters a text,
10 elements a context block; a message of more than about 13,000 characters is refused as too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.answer import Answer, Basis, Nearest
from bot.slack.mrkdwn import escape, pieces, shorten
from bot.wording import day
from store.records import Citation

Block = dict[str, Any]

_TEXT = 3_000
_MESSAGE = 12_000
_ELEMENTS = 10
# What a reader takes in of one quote; the shortest one that still says something.
_QUOTE, _SHORT_QUOTE = 600, 80
_FALLBACK = 3_000

_CLOSEST = "I found no passage that clearly answers this. The closest passages say:"
_HELP = (
    "Ask me about ITU's engagement in United Nations processes: what happens when and where, who takes part, "
    "what was decided. I answer from ITU's own reports and name the paragraph behind every sentence. "
    "Mention me in a channel, or write to me here; a follow-up question in the same thread is understood.\n"
    "For example: When is the Summit of the Future?"
)
_LOST = (
    "I was interrupted before I could answer this question, and the answer is lost. "
    "I am sorry. Please ask it again."
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message for `chat.postMessage`; `text` is what notifications and screen readers get."""

    text: str
    blocks: tuple[Block, ...]


def answer(reply: Answer) -> Message:
    """Return the message for an answer or a refusal of the assistant."""
    if not reply.answered:
        return _notice(reply)
    body = _sections(reply.text)
    if reply.confidence == "low":
        body = [_context([_CLOSEST]), *body]
    left = _MESSAGE - sum(len(text) for text in pieces(reply.text, _TEXT))
    sources = _sources(reply.citations, left)
    fallback = shorten(reply.text, _FALLBACK)
    if reply.confidence == "low":
        fallback = f"{_CLOSEST} {fallback}"
    return Message(escape(fallback), (*body, *sources, _basis(reply.basis, reply.as_of)))


def apology(reference: str) -> Message:
    """Return the message for an error inside; `reference` is the number that the log has too."""
    return _plain(
        "Sorry, something went wrong while I was answering, and it was not your question's fault. "
        f"Please try again; if it happens again, tell whoever runs me the reference {reference}."
    )


def help_message() -> Message:
    """Return the message for someone who mentions the bot and asks nothing."""
    return _plain(_HELP)


def lost() -> Message:
    """Return the message for a question whose answer a crash has cost."""
    return _plain(_LOST)


def notice(text: str) -> Message:
    """Return a message of one plain paragraph."""
    return _plain(text)


def _plain(text: str) -> Message:
    return Message(escape(shorten(text, _FALLBACK)), tuple(_sections(text)))


def _notice(reply: Answer) -> Message:
    blocks = _sections(reply.text)
    if reply.nearest:
        blocks.append(_context(["Nearest sections, to look for yourself:"]))
        blocks += _contexts(_place(near) for near in reply.nearest[:_ELEMENTS])
    # What was searched matters where something was looked for; a greeting looks for nothing.
    if reply.reason not in ("small talk", "language", "empty"):
        blocks.append(_basis(reply.basis, reply.as_of))
    places = "; ".join(f"{near.source} § {near.section}" for near in reply.nearest)
    fallback = f"{reply.text} Nearest sections: {places}." if places else reply.text
    return Message(escape(shorten(fallback, _FALLBACK)), tuple(blocks))


def _sections(text: str) -> list[Block]:
    # 30 texts are far more than a message may hold; an answer that long is cut there.
    return [{"type": "section", "text": _mrkdwn(escape(part))} for part in pieces(text, _TEXT)[:4]]


def _sources(citations: Sequence[Citation], room: int) -> list[Block]:
    """Return the numbered sources, their quotes shortened so that all of them fit into `room` characters."""
    if not citations:
        return []
    share = room // len(citations) - _SHORT_QUOTE
    return _contexts(_source(citation, max(_SHORT_QUOTE, min(_QUOTE, share))) for citation in citations)


def _source(citation: Citation, length: int) -> str:
    where = f"§ {citation.section}"
    if citation.heading:
        where += f" {shorten(citation.heading, 120)}"
    if citation.page is not None:
        where += f", p. {citation.page}"
    title = shorten(citation.document or citation.source, 150)
    head = f"*[{citation.marker}]* {escape(title)}, {escape(where)}"
    return f"{head}: “{escape(shorten(citation.quote, length))}”" if citation.quote else head


def _place(near: Nearest) -> str:
    return escape(shorten(f"• {near.source}, § {near.section} {near.heading}", 300))


def _basis(basis: Basis, as_of: date) -> Block:
    count = "1 document" if basis.documents == 1 else f"{basis.documents} documents"
    said = f"Checked against {count}"
    if basis.newest_document:
        said += f"; the newest: {shorten(basis.newest_document, 200)}"
        said += f", {day(basis.newest_date)}" if basis.newest_date else ", undated"
    return _context([escape(f"{said}. As of {day(as_of)}.")])


def _contexts(texts: Iterable[str]) -> list[Block]:
    every = list(texts)
    return [_context(every[start : start + _ELEMENTS]) for start in range(0, len(every), _ELEMENTS)]


def _context(texts: Sequence[str]) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text) for text in texts]}


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack would otherwise look for addresses, channel names and mentions in plain words.
    return {"type": "mrkdwn", "text": text, "verbatim": True}

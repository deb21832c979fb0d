"""A brief in words and for Word: what stands around its lines, in the language in use."""

from __future__ import annotations

from textwrap import shorten

from bot.answering.remarks import by_model
from bot.briefs.brief import Brief
from bot.drafts.wording import cited
from bot.locales import _, quoted
from bot.register.wording import day
from store.records import Citation

# A quote in the list of sources.
_QUOTE_CHARS = 160


def as_of_line(brief: Brief) -> str:
    """Return the day of a brief: "as of 1 May 2024"."""
    return _("as of {day}", day=day(brief.as_of))


def nothing_on(brief: Brief) -> str:
    """Return the line of a brief without parts."""
    return _("The documents have nothing on {topic}.", topic=brief.topic)


def remarks(brief: Brief) -> list[str]:
    """Return the lines below a brief: how much there is, what failed, and who wrote it."""
    written = _("{facts}.", facts=by_model(brief.judged)) if brief.model != "extractive" else ""
    return [remark for remark in (brief.note, written) if remark]


def in_word(brief: Brief) -> bytes:
    """Return a brief as a Word file with its sources at the end."""
    # It loads a library, and most briefs are not for Word.
    from bot.word import Cited, Section, cited_document

    sections = [
        Section(part.heading, [[Cited(line.text, line.citations)] for line in part.lines])
        for part in brief.parts
    ]
    below = [[Cited(remark)] for remark in remarks(brief)]
    said = " ".join(line.text for part in brief.parts for line in part.lines)
    notes = [_note(citation, said) for citation in brief.citations]
    title = f"{brief.topic} · {as_of_line(brief)}"
    return cited_document(title, [*sections, Section("", below, bulleted=False)], notes, brief.language)


def _note(citation: Citation, said: str) -> str:
    """Return a source: the paragraph, and its quote unless the brief itself repeats it."""
    quote = " ".join(citation.quote.split())
    return (
        cited(citation)
        if quote in said
        else f"{cited(citation)}: {quoted(shorten(quote, _QUOTE_CHARS, placeholder='…'))}"
    )

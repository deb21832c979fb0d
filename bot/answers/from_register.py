"""A question about time, answered from the register: sentences with the paragraphs that they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.answers.answer import Answer
from bot.register import EntryMention, RegisterEntry
from bot.register.date_format import status, when
from bot.register.questions.answers import Line
from store.records import Citation, Document

_MOST_CORRECTIONS = 3


def register_answer(draft: Answer, told: Sequence[Line], documents: Sequence[Document]) -> Answer:
    """Return the draft with the register's lines, each citing the paragraphs that date its entries."""
    by_source = {document.source: document for document in documents}
    # Several entries may rest on one sentence: they share its marker.
    cited: dict[tuple[str, str, str], Citation] = {}
    lines = []
    for line in told:
        markers = []
        for citation in (c for entry in line.entries for c in _citations(entry, by_source)):
            place = (citation.source, citation.section, citation.quote)
            cited.setdefault(place, replace(citation, marker=len(cited) + 1))
            markers.append(f"[{cited[place].marker}]")
        lines += [line.heading] if line.heading else []
        lines.append(f"{line.text} {''.join(dict.fromkeys(markers))}")
    return replace(
        draft, text="\n".join(lines), answered=True, reckoned=True, citations=tuple(cited.values())
    )


def with_corrections(reply: Answer, entries: Sequence[RegisterEntry]) -> Answer:
    """Return the answer with a note on what people corrected of the dates in the sentences that it quotes."""
    quoted = [(citation.section_id, citation.quote) for citation in reply.citations]
    said = [
        f"{entry.title}, {when(entry)} ({status(entry)})"
        for entry in entries
        if entry.corrected and any(_cites(quoted, mention) for mention in entry.mentions)
    ]
    if not said:
        return reply
    note = f"Corrected in the register: {'; '.join(said[:_MOST_CORRECTIONS])}."
    return replace(reply, note=f"{reply.note} {note}" if reply.note else note)


def _cites(quoted: Sequence[tuple[str, str]], mention: EntryMention) -> bool:
    return any(
        section == mention.section_id and (mention.quote in quote or quote in mention.quote)
        for section, quote in quoted
        if quote
    )


def _citations(entry: RegisterEntry, documents: Mapping[str, Document]) -> Iterator[Citation]:
    """Yield the paragraph that dates an entry, and those of other documents that speak of it; unnumbered."""
    own = documents.get(entry.source)
    yield entry_citation(0, entry, own.symbol if own else None)
    told = {entry.source}
    for mention in entry.mentions:
        other = documents.get(mention.source)
        if other is None or mention.source in told:
            continue
        told.add(mention.source)
        yield Citation(
            marker=0,
            source=mention.source,
            document=other.title,
            symbol=other.symbol,
            section=mention.section,
            heading=mention.heading,
            page=mention.page,
            quote=mention.quote,
            section_id=mention.section_id,
        )


def entry_citation(marker: int, entry: RegisterEntry, symbol: str | None) -> Citation:
    """Return what stands for the paragraph that dates an entry; `symbol` is its document's."""
    dating = entry.mentions[0] if entry.mentions else None
    return Citation(
        marker=marker,
        source=entry.source,
        document=entry.document,
        symbol=symbol,
        section=entry.section,
        heading=dating.heading if dating else "",
        page=dating.page if dating else None,
        quote=entry.quote,
        section_id=dating.section_id if dating else "",
    )

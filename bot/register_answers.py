"""A question about time, answered from the register: sentences with the paragraphs that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Answer
from bot.register import RegisterEntry
from bot.windows import Window, answer_from_register
from store.records import Citation, Document


def register_answer(
    draft: Answer, window: Window, entries: Sequence[RegisterEntry], documents: Sequence[Document]
) -> Answer | None:
    """Return the draft with the register's answer, each line citing the paragraph that dates its entry.

    None where the register holds nothing on what the question names: the documents are to be asked.
    """
    newest = draft.basis.newest_date
    reply = answer_from_register(draft.question, window, entries, draft.as_of, newest=newest)
    if not reply:
        return None
    symbols = {document.source: document.symbol for document in documents}
    # Several entries may rest on one sentence: they share its marker.
    cited: dict[tuple[str, str, str], Citation] = {}
    lines = []
    for sentence, entry in reply:
        place = (entry.source, entry.section, entry.quote)
        if place not in cited:
            cited[place] = entry_citation(len(cited) + 1, entry, symbols.get(entry.source))
        lines.append(f"{sentence} [{cited[place].marker}]")
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(cited.values()))


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

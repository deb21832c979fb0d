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
    """Return the draft with the register's answer, each line citing the entry that it speaks of.

    None where the register holds nothing on what the question names: the documents are to be asked.
    """
    newest = draft.basis.newest_date
    reply = answer_from_register(draft.question, window, entries, draft.as_of, newest=newest)
    if not reply:
        return None
    by_source = {document.source: document for document in documents}
    citations: list[Citation] = []
    markers: dict[str, int] = {}
    lines = []
    for sentence, entry in reply:
        if entry.id not in markers:
            markers[entry.id] = len(markers) + 1
            document = by_source.get(entry.source)
            citations.append(
                Citation(
                    marker=markers[entry.id],
                    source=entry.source,
                    document=entry.document,
                    symbol=document.symbol if document else None,
                    section=entry.section,
                    heading="",
                    page=None,
                    quote=entry.quote,
                )
            )
        lines.append(f"{sentence} [{markers[entry.id]}]")
    return replace(draft, text="\n".join(lines), answered=True, citations=tuple(citations))

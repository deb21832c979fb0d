"""The view of the list of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from bot.safe_text import visible
from bot.terminal.console import number_column, plain_table
from store.records import EVERYBODY, Document

_FACTS = ("title", "symbol", "date", "language")
# How a date was inferred that the document does not state (`Document.found`).
_INFERRED_BY = {
    "file name": "by file name",
    "properties": "by file data",
    "text": "by month",
    "sidecar": "by sidecar",
}
Counts = Mapping[str, tuple[int, int]]


def documents_json(documents: Sequence[Document], counts: Counts) -> list[dict[str, Any]]:
    """Return what `itubot documents --json` prints; `counts` is document id -> (sections, events).

    `found` says where each fact was found: "sidecar" (a file beside the document), "text", "margin" (a running head or
    foot), "symbol", "properties" (of the file), "file name"; null if it was not found. `audience` is "everybody", or
    the ids of a Slack workspace and a channel: "T0123/C0456".
    """
    return [
        {
            "source": document.source,
            "title": document.title,
            "symbol": document.symbol,
            "date": document.date.isoformat() if document.date else None,
            "date_inferred": document.date_inferred,
            "language": document.language,
            "found": {name: document.found.get(name) for name in _FACTS},
            "notes": list(document.notes),
            "version": document.version,
            "audience": document.audience,
            "sections": counts.get(document.id, (0, 0))[0],
            "events": counts.get(document.id, (0, 0))[1],
            "ingested_at": document.ingested_at.isoformat() if document.ingested_at else None,
        }
        for document in documents
    ]


def documents_view(documents: Sequence[Document], counts: Counts) -> RenderableType:
    """Return the table of documents; an inferred date is marked."""
    if not documents:
        return Text("There are no documents; run `itubot ingest`.")
    table = plain_table(
        Column("Document", ratio=1, min_width=24, overflow="fold"),
        Column("Date", no_wrap=True),
        *(number_column(name) for name in ("Version", "Sections", "Events")),
    )
    for document in documents:
        dated = document.date.isoformat() if document.date else "undated"
        sections, events = counts.get(document.id, (0, 0))
        name = Text(visible(document.title))
        name.append(visible(f"\n{document.symbol or document.source}"), style="dim")
        if document.audience != EVERYBODY:
            name.append(f"\nonly for {document.audience}", style="dim")
        day = Text(dated)
        if document.date_inferred:
            day.append(" *").append(
                f"\n{_INFERRED_BY.get(document.found.get('date', ''), '')}".rstrip(), style="dim"
            )
        table.add_row(name, day, str(document.version), str(sections), str(events))
    if any(document.date_inferred for document in documents):
        table.caption = "* inferred, not stated in the document"
        table.caption_justify = "left"
    return table

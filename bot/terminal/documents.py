"""The list of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from bot.terminal.console import plain
from store.records import Document

Counts = Mapping[str, tuple[int, int]]


def documents_json(documents: Sequence[Document], counts: Counts) -> list[dict[str, Any]]:
    """Return what `itubot documents --json` prints; `counts` is id -> (sections, events)."""
    return [
        {
            "source": document.source,
            "title": document.title,
            "symbol": document.symbol,
            "date": document.date.isoformat() if document.date else None,
            "date_inferred": document.date_inferred,
            "version": document.version,
            "sections": counts.get(document.id, (0, 0))[0],
            "events": counts.get(document.id, (0, 0))[1],
            "ingested_at": document.ingested_at.isoformat() if document.ingested_at else None,
        }
        for document in documents
    ]


def documents_view(documents: Sequence[Document], counts: Counts) -> RenderableType:
    """Return the table for people; an inferred date is marked."""
    if not documents:
        return Text("There are no documents; run `itubot ingest`.")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Document", ratio=1, min_width=24, overflow="fold")
    table.add_column("Date", no_wrap=True)
    for name in ("Version", "Sections", "Events"):
        table.add_column(name, justify="right")
    for document in documents:
        dated = document.date.isoformat() if document.date else "undated"
        sections, events = counts.get(document.id, (0, 0))
        named = Text(plain(document.title))
        named.append(plain(f"\n{document.symbol or document.source}"), style="dim")
        table.add_row(
            named,
            f"{dated}{' *' if document.date_inferred else ''}",
            str(document.version),
            str(sections),
            str(events),
        )
    if any(document.date_inferred for document in documents):
        table.caption = "* inferred, not stated in the document"
        table.caption_justify = "left"
    return table

"""`itubot documents` and `itubot remove`: list the documents of the store, remove one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot.commands.context import AsJson, cli_context
from bot.json_fields import json_fields
from bot.register.versions import grouped, languages_of
from bot.safe_text import one_line
from bot.terminal import emit, number_column, short, show, table
from store.audiences import PUBLIC
from store.records import EVERYBODY, Document


def documents(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Include the documents of Slack channels.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the documents that answers come from, and whom each is for."""
    catalog = cli_context(context).services.catalog
    if everything:
        catalog = catalog.seen_by(PUBLIC | catalog.known_audiences())
    with catalog.snapshot() as snapshot:
        found, counts = snapshot.documents(), snapshot.counts()
    emit(as_json, documents_json, documents_view, found, counts)


def remove(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(help="A source, as `itubot documents` names it.", show_default=False)
    ],
) -> None:
    """Remove a document from the store; its file stays."""
    cli = cli_context(context)
    report = cli.services.shared.remove(source, cli.audience)
    for row in report.documents:
        show(f"Removed {one_line(row.source)}; a file in a folder of yours is where it was.")


_COLUMNS = "source title symbol date date_inferred language notes version audience ingested_at"
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
        json_fields(document, _COLUMNS)
        | {"found": {name: document.found.get(name) for name in _FACTS}}
        | dict(zip(("sections", "events"), counts.get(document.id, (0, 0)), strict=True))
        for document in documents
    ]


def documents_view(documents: Sequence[Document], counts: Counts) -> RenderableType:
    """Return the table of documents, each once with its languages; an inferred date is marked."""
    if not documents:
        return Text("There are no documents; run `itubot ingest`.")
    rows = []
    for group in grouped(documents):
        document = group[0]
        sections, events = counts.get(document.id, (0, 0))
        name = Text(one_line(document.title))
        if versions := languages_of(group):
            name.append(f"\n{one_line(document.neutral_symbol or '')} ({versions})", style="dim")
        else:
            name.append(f"\n{one_line(document.symbol or document.source)}", style="dim")
        if document.audience != EVERYBODY:
            name.append(f"\nonly for {document.audience}", style="dim")
        day = Text(document.date.isoformat() if document.date else "undated")
        if document.date_inferred:
            day.append(" *").append(
                f"\n{_INFERRED_BY.get(document.found.get('date', ''), '')}".rstrip(), style="dim"
            )
        rows.append((name, day, str(document.version), str(sections), str(events)))
    columns = (
        Column("Document", ratio=1, min_width=24, overflow="fold"),
        short("Date"),
        *(number_column(name) for name in ("Version", "Sections", "Events")),
    )
    if any(document.date_inferred for document in documents):
        note = Text("* inferred, not stated in the document", style="dim")
        return Group(table(columns, rows), note)
    return table(columns, rows)

"""Events of documents as rows, and by what they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from store.catalog.reading import Catalog
from store.catalog.schema import documents, event_origins, events
from store.engines import storage_errors
from store.records import Event


@dataclass(frozen=True, slots=True)
class Origin:
    """By which rules events were made, and by whose labels, if any.

    `to_rules` counts the sections whose dates were left to the rules though there was a labeller.
    """

    rules: str
    labeller: str | None = None
    to_rules: int = 0


@dataclass(frozen=True, slots=True)
class Remade:
    """The events of a live document, made anew from its sections: the document stays the version that it is."""

    document_id: str
    events: Sequence[Event]
    origin: Origin


def origins(catalog: Catalog) -> dict[str, Origin]:
    """Return document id -> by what the events of the live documents were made, where that is known."""
    query = select(event_origins).join(documents, documents.c.id == event_origins.c.document_id)
    with storage_errors(catalog.name), catalog.engine.connect() as connection:
        rows = connection.execute(query.where(documents.c.live))
        return {row.document_id: Origin(row.rules, row.labeller, row.to_rules) for row in rows}


def put_events(
    connection: Connection, document_id: str, version: int, fresh: Sequence[Event], origin: Origin | None
) -> None:
    """Write the events of a version of a document in place of what there is."""
    own = (events.c.document_id == document_id) & (events.c.version == version)
    connection.execute(delete(events).where(own))
    if fresh:
        connection.execute(insert(events), [_row(event, version) for event in fresh])
    connection.execute(delete(event_origins).where(event_origins.c.document_id == document_id))
    if origin is not None:
        connection.execute(insert(event_origins).values(document_id=document_id, **asdict(origin)))


def remake_events(connection: Connection, remade: Remade) -> None:
    """Put events in place of those of the live version."""
    live = select(documents.c.version).where(documents.c.id == remade.document_id, documents.c.live)
    version = connection.scalar(live)
    if version is not None:
        put_events(connection, remade.document_id, version, remade.events, remade.origin)


def join_chain(connection: Connection, audience: str, former: str, chain_id: str) -> None:
    """Let the events of a chain, in all versions of an audience's documents, be of another chain."""
    own = events.c.document_id.in_(select(documents.c.id).where(documents.c.audience == audience))
    connection.execute(update(events).where(events.c.chain_id == former, own).values(chain_id=chain_id))


def _row(event: Event, version: int) -> dict[str, Any]:
    mentions = []
    for mention in event.mentions:
        values = asdict(mention)
        for name in ("start", "end"):
            values[name] = values[name].isoformat() if values[name] else None
        mentions.append(values)
    return {
        "id": event.id,
        "chain_id": event.chain_id,
        "document_id": event.document_id,
        "version": version,
        "title": event.title,
        "kind": event.kind,
        "location": event.location,
        "mentions": mentions,
    }

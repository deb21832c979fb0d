"""Events of documents as rows, and their origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from store.catalog.catalog import Catalog
from store.catalog.schema import documents, event_origins, events
from store.records import Event


@dataclass(frozen=True, slots=True)
class Origin:
    """The version of the rules, and the labeller if any, that the events of a document come from.

    `to_rules` counts the sections whose dates the rules read because the labeller failed.
    """

    rules: str
    labeller: str | None = None
    to_rules: int = 0


@dataclass(frozen=True, slots=True)
class EventUpdate:
    """New events of a live document, from its stored sections; the document stays the same version."""

    document_id: str
    events: Sequence[Event]
    origin: Origin


def origins(catalog: Catalog) -> dict[str, Origin]:
    """Return document id -> origin of the events of the live documents, if it is known."""
    query = select(event_origins).join(documents, documents.c.id == event_origins.c.document_id)
    with catalog.reading() as connection:
        rows = connection.execute(query.where(documents.c.live))
        return {row.document_id: Origin(row.rules, row.labeller, row.to_rules) for row in rows}


def put_events(
    connection: Connection, document_id: str, version: int, fresh: Sequence[Event], origin: Origin | None
) -> None:
    """Write the events of a version of a document, in place of the former ones."""
    own = (events.c.document_id == document_id) & (events.c.version == version)
    connection.execute(delete(events).where(own))
    if fresh:
        connection.execute(insert(events), [_row(event, version) for event in fresh])
    connection.execute(delete(event_origins).where(event_origins.c.document_id == document_id))
    if origin is not None:
        connection.execute(insert(event_origins).values(document_id=document_id, **asdict(origin)))


def update_events(connection: Connection, changed: EventUpdate) -> None:
    """Replace the events of the live version."""
    live = select(documents.c.version).where(documents.c.id == changed.document_id, documents.c.live)
    version = connection.scalar(live)
    if version is not None:
        put_events(connection, changed.document_id, version, changed.events, changed.origin)


def join_chain(connection: Connection, audience: str, former: str, chain_id: str) -> None:
    """Move the events of a chain, in all versions of an audience's documents, to another chain."""
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

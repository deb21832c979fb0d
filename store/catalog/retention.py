"""Retention: deletes old versions, and the text of removed documents.

The live version of a document and the one before stay, for comparison. Of a removed document no readable text stays,
only hashes of the words that date its events: if it is added again, its events get the same ids, and its corrections
apply.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, delete, exists, select, update

from store.engines import chunked
from store.records import redacted
from store.schema import (
    corrections,
    documents,
    events,
    labels,
    passages,
    sections,
    vectors,
    version_sections,
)

_KEPT_VERSIONS = 2


def delete_old(connection: Connection) -> bool:
    """Delete old versions and removed documents; return whether the last text of a document was deleted."""
    alive = select(documents.c.id).where(documents.c.live)
    has_text = exists().where(version_sections.c.document_id == documents.c.id)
    removed = set(connection.scalars(select(documents.c.id).where(documents.c.id.not_in(alive), has_text)))
    versions: defaultdict[str, list[int]] = defaultdict(list)
    every = select(documents.c.id, documents.c.version).order_by(documents.c.version.desc())
    for row in connection.execute(every):
        versions[row.id].append(row.version)
    kept = {document_id: 1 if document_id in removed else _KEPT_VERSIONS for document_id in versions}
    old_versions = {
        document_id: old for document_id, own in versions.items() if (old := own[kept[document_id] :])
    }
    _delete_versions(connection, old_versions)
    for document_id in removed:
        connection.execute(delete(version_sections).where(version_sections.c.document_id == document_id))
        _redact(connection, document_id)
    _delete_sections(connection, {*old_versions, *removed})
    return bool(removed)


def delete_redacted_versions(connection: Connection, document_id: str) -> None:
    """Delete the versions without text of a document that is added again: they cannot be compared."""
    without_text = ~exists().where(version_sections.c.document_id == documents.c.id)
    query = select(documents.c.version).where(documents.c.id == document_id, without_text)
    _delete_versions(connection, {document_id: connection.scalars(query).all()})


def _delete_versions(connection: Connection, versions: Mapping[str, Sequence[int]]) -> None:
    """Delete versions of documents, and with them their events and the lists of their sections."""
    for document_id, old in versions.items():
        own = (documents.c.id == document_id) & documents.c.version.in_(old)
        connection.execute(delete(documents).where(own))


def _redact(connection: Connection, document_id: str) -> None:
    """Delete the words of a removed document, and replace those that identify datings by their hashes."""
    connection.execute(
        update(documents)
        .where(documents.c.id == document_id)
        .values(title="", content_hash="", found=None, notes=None, original=None, sent_at=None)
    )
    for event in connection.execute(select(events).where(events.c.document_id == document_id)).all():
        mentions = [
            {**mention, "text": redacted(mention["text"]), "recurrence": None, "time": None, "timezone": None}
            for mention in event.mentions
        ]
        own = update(events).where(events.c.pk == event.pk)
        connection.execute(own.values(title="", location=None, mentions=mentions))
    columns = corrections.c
    for row in connection.execute(select(corrections).where(columns.document_id == document_id)).all():
        words = (columns.sentence == row.sentence, columns.text == row.text, columns.ordinal == row.ordinal)
        redaction = update(corrections).where(columns.document_id == document_id, *words)
        connection.execute(redaction.values(sentence=redacted(row.sentence), text=redacted(row.text)))


def _delete_sections(connection: Connection, document_ids: Collection[str]) -> None:
    """Delete the sections that no version of these documents has, with their passages, labels and vectors."""
    without_version = ~exists().where(version_sections.c.section_id == sections.c.id)
    for part_of_ids in chunked(document_ids):
        query = select(sections.c.id).where(sections.c.document_id.in_(part_of_ids), without_version)
        for unused_ids in chunked(connection.scalars(query).all()):
            keys = connection.scalars(
                select(passages.c.key).where(passages.c.section_id.in_(unused_ids))
            ).all()
            connection.execute(delete(labels).where(labels.c.section_id.in_(unused_ids)))
            connection.execute(delete(sections).where(sections.c.id.in_(unused_ids)))
            unused = ~exists().where(passages.c.key == vectors.c.key)
            for part in chunked(dict.fromkeys(keys)):
                connection.execute(delete(vectors).where(vectors.c.key.in_(part), unused))

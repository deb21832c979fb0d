"""Corrections of the register as rows, separate from the documents, so that an ingest does not change them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from store.catalog.catalog import Catalog, Snapshot
from store.catalog.meta import all_meta, generation, next_generation
from store.engines import take_turn
from store.records import EVERYBODY, Correction, Dating, redacted
from store.schema import corrections, documents

# The turn in which corrections are written: any number that no other turn has.
_TURN = 4_718_022


@contextmanager
def correction_transaction(catalog: Catalog) -> Iterator[Snapshot]:
    """Open a snapshot for corrections of the register, in one write transaction; an error rolls it back.

    Without the writer's lock, which an ingest holds for minutes. Raises StoreError.
    """
    with catalog.snapshot():
        pass  # Raises NoStore if there is no store; `writing` would create one.
    with catalog.writing() as connection:
        take_turn(connection, _TURN)
        yield Snapshot(connection, catalog.audiences)


def save_correction(snapshot: Snapshot, correction: Correction) -> Correction:
    """Save a correction, which replaces that of the same dating; return it with its revision."""
    delete_corrections(snapshot, [correction.dating])
    # Over all audiences: of two corrections, the later one always has the greater revision.
    saved = replace(correction, revision=generation(all_meta(snapshot.connection), None))
    values = asdict(saved)
    snapshot.connection.execute(insert(corrections).values(**values.pop("dating"), **values))
    return saved


def delete_corrections(snapshot: Snapshot, datings: Iterable[Dating]) -> None:
    """Delete the corrections of these datings."""
    table = corrections.c
    for dating in datings:
        # The second pair is stored if the document was removed in the meantime.
        words = ((dating.sentence, dating.text), (redacted(dating.sentence), redacted(dating.text)))
        snapshot.connection.execute(
            delete(corrections).where(
                table.document_id == dating.document_id,
                tuple_(table.sentence, table.text).in_(words),
                table.ordinal == dating.ordinal,
                snapshot.is_of_visible_document(table.document_id),
            )
        )
        own = select(documents.c.audience).where(documents.c.id == dating.document_id).limit(1)
        next_generation(snapshot.connection, snapshot.connection.scalar(own) or EVERYBODY)


def move_corrections(connection: Connection, renamed: Mapping[str, str]) -> None:
    """Move the corrections of documents to other documents: former id -> id."""
    columns = corrections.c
    words = (columns.sentence, columns.text, columns.ordinal)
    for former, now in renamed.items():
        own = columns.document_id == former
        # They replace corrections of an earlier document with that id.
        replaced = (columns.document_id == now) & tuple_(*words).in_(select(*words).where(own))
        connection.execute(delete(corrections).where(replaced))
        connection.execute(update(corrections).where(own).values(document_id=now))

"""Writing what people say of a dating in place of what was read: kept beside the documents, whatever is ingested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from store.catalog.meta import generation, next_generation
from store.catalog.reading import Catalog, Snapshot
from store.catalog.schema import corrections, documents
from store.records import EVERYBODY, Correction, Dating, redacted


@contextmanager
def changing(catalog: Catalog) -> Iterator[Snapshot]:
    """Open a view to correct the register in: one transaction, so that nobody writes between reading and writing.

    An error leaves everything as it was. It does not wait for the writer's lock, which an ingest holds for minutes:
    a short transaction takes its turn among the others. Raises StoreError.
    """
    with catalog.snapshot():
        pass  # Where there is no store yet, this raises NoStore before one is created.
    with catalog.writing() as connection:
        yield Snapshot(connection, catalog.audiences)


def put(view: Snapshot, correction: Correction) -> Correction:
    """Keep a correction in place of the former one of its dating; return it with its revision."""
    remove(view, [correction.dating])
    # Of all audiences: the later of two corrections has the greater one, whoever sees them.
    kept = replace(correction, revision=generation(view.connection, None))
    values = asdict(kept)
    view.connection.execute(insert(corrections).values(**values.pop("dating"), **values))
    return kept


def remove(view: Snapshot, datings: Iterable[Dating]) -> None:
    """Take the corrections of these datings back."""
    table = corrections.c
    for dating in datings:
        # The second is what is left of it where the document was taken out meanwhile.
        words = ((dating.sentence, dating.text), (redacted(dating.sentence), redacted(dating.text)))
        view.connection.execute(
            delete(corrections).where(
                table.document_id == dating.document_id,
                tuple_(table.sentence, table.text).in_(words),
                table.ordinal == dating.ordinal,
                view.of_seen(table.document_id),
            )
        )
        own = select(documents.c.audience).where(documents.c.id == dating.document_id).limit(1)
        next_generation(view.connection, view.connection.scalar(own) or EVERYBODY)


def carry(connection: Connection, renamed: Mapping[str, str]) -> None:
    """Let the corrections of documents hold for those that they are now: former id -> id."""
    for former, now in renamed.items():
        own = update(corrections).where(corrections.c.document_id == former)
        # In place of what was corrected when there was another document by that id.
        connection.execute(own.values(document_id=now).prefix_with("OR REPLACE", dialect="sqlite"))

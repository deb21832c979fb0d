"""Writing what people say of a dating in place of what was read: kept beside the documents, whatever is ingested."""

from __future__ import annotations

from dataclasses import asdict, replace

from sqlalchemy import delete, insert, select

from store.catalog import Catalog
from store.engines import storage_errors
from store.meta import next_generation
from store.records import Correction
from store.schema import corrections


def save(catalog: Catalog, correction: Correction) -> Correction:
    """Keep a correction in place of the former one of its dating; return it with its revision.

    It does not wait for the writer's lock, which an ingest holds for minutes: one short transaction that begins
    with a write takes its turn among the others.
    """
    table = corrections.c
    dating = correction.dating
    own = (
        (table.document_id == dating.document_id)
        & (table.sentence == dating.sentence)
        & (table.text == dating.text)
        & (table.ordinal == dating.ordinal)
    )
    with storage_errors(catalog.name), catalog.engine.begin() as connection:
        next_generation(connection)
        last = connection.scalar(select(table.revision).where(own))
        kept = replace(correction, revision=int(last or 0) + 1)
        connection.execute(delete(corrections).where(own))
        values = asdict(kept)
        connection.execute(insert(corrections).values(**values.pop("dating"), **values))
    return kept

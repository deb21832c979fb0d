"""Writing what people say of a dating in place of what was read: kept beside the documents, whatever is ingested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from sqlalchemy import delete, insert, select

from store.catalog import Catalog, to_correction
from store.engines import storage_errors
from store.meta import next_generation
from store.records import Correction, Dating
from store.schema import corrections


def save(catalog: Catalog, dating: Dating, correct: Callable[[Correction | None], Correction]) -> Correction:
    """Keep what `correct` makes of the former correction of a dating in its place; return it with its revision.

    Both happen in one transaction, so that of two people who correct it at the same time neither is lost.

    It does not wait for the writer's lock, which an ingest holds for minutes: one short transaction that begins
    with a write takes its turn among the others.
    """
    table = corrections.c
    own = (
        (table.document_id == dating.document_id)
        & (table.sentence == dating.sentence)
        & (table.text == dating.text)
        & (table.ordinal == dating.ordinal)
    )
    with storage_errors(catalog.name), catalog.engine.begin() as connection:
        next_generation(connection)
        row = connection.execute(select(corrections).where(own)).mappings().first()
        before = to_correction(row) if row is not None else None
        kept = replace(correct(before), revision=(before.revision if before else 0) + 1)
        connection.execute(delete(corrections).where(own))
        values = asdict(kept)
        connection.execute(insert(corrections).values(**values.pop("dating"), **values))
    return kept

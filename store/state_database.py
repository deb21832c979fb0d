"""The database of what the bot itself does, beside the documents: one for all the tables kept there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, MetaData
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from store.engines import open_engine, storage_errors

NAME = "the state database"


def open_state(url: str, tables: MetaData) -> Engine:
    """Open the database of an SQLAlchemy URL, with these tables; an SQLite file is created. Raises StoreError."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    # IF NOT EXISTS, and no look beforehand: two processes may start at the same moment.
    with storage_errors(NAME), engine.begin() as connection:
        for table in tables.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    return engine

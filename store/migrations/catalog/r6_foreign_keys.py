"""The database itself keeps rows together that belong together: foreign keys, and one live version of a document.

Rows that refer to missing ones are deleted before.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, String, text

revision = "6"
down_revision = "5"

_LIVE = text("live")
# Table -> its foreign keys: columns, the table and columns that they refer to, what a deletion there does here.
_KEYS: dict[str, list[tuple[list[str], str, list[str], str | None]]] = {
    "documents": [(["id"], "document_ids", ["id"], None)],
    "sections": [(["document_id"], "document_ids", ["id"], None)],
    "acronyms": [(["document_id"], "document_ids", ["id"], None)],
    "corrections": [(["document_id"], "document_ids", ["id"], None)],
    "event_origins": [(["document_id"], "document_ids", ["id"], None)],
    "events": [(["document_id", "version"], "documents", ["id", "version"], "CASCADE")],
    "holdings": [
        (["document_id", "version"], "documents", ["id", "version"], "CASCADE"),
        (["section_id"], "sections", ["id"], None),
    ],
    "vectors": [(["segment"], "segments", ["name"], "SET NULL")],
    "passages": [(["section_id"], "sections", ["id"], "CASCADE"), (["key"], "vectors", ["key"], None)],
}


def upgrade() -> None:
    """Mend the rows, then add the keys and the index."""
    op.create_table("document_ids", Column("id", String, primary_key=True))
    op.execute(
        "INSERT INTO document_ids (id) SELECT id FROM documents UNION SELECT document_id FROM sections "
        "UNION SELECT document_id FROM acronyms UNION SELECT document_id FROM corrections "
        "UNION SELECT document_id FROM event_origins"
    )
    # The last version stays live.
    op.execute(
        "UPDATE documents SET live = false WHERE live AND EXISTS (SELECT 1 FROM documents AS later "
        "WHERE later.id = documents.id AND later.version > documents.version AND later.live)"
    )
    for table in ("events", "holdings"):
        op.execute(
            f"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM documents "  # noqa: S608
            f"WHERE documents.id = {table}.document_id AND documents.version = {table}.version)"
        )
    for table in ("holdings", "passages"):
        op.execute(
            f"DELETE FROM {table} WHERE NOT EXISTS "  # noqa: S608
            f"(SELECT 1 FROM sections WHERE sections.id = {table}.section_id)"
        )
    op.execute(
        "DELETE FROM passages WHERE NOT EXISTS (SELECT 1 FROM vectors WHERE vectors.key = passages.key)"
    )
    # Vectors whose segment was dropped.
    op.execute("UPDATE vectors SET segment = NULL WHERE segment NOT IN (SELECT name FROM segments)")
    for table, keys in _KEYS.items():
        with op.batch_alter_table(table) as batch:
            for columns, parent, parent_columns, ondelete in keys:
                name = f"{table}_{'_'.join(columns)}_fkey"
                batch.create_foreign_key(name, parent, columns, parent_columns, ondelete=ondelete)
    op.create_index(
        "documents_live", "documents", ["id"], unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE
    )
    # Programs before Alembic know their tables by this value, and write to no others.
    op.execute("DELETE FROM meta WHERE key = 'schema'")
    op.execute("INSERT INTO meta (key, value) VALUES ('schema', '6')")

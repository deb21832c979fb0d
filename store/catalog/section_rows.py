"""Sections of documents as rows, with their passages and full text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from store.catalog.catalog import Catalog
from store.catalog.fulltext import full_text
from store.catalog.rows import to_section
from store.catalog.schema import passages, sections
from store.engines import chunked
from store.records import Passage, Section


def put_sections(
    connection: Connection, audience: str, wanted: Sequence[Section], fresh: Sequence[Passage]
) -> None:
    """Write the sections that are new or differ, with their passages; nothing is written for the others."""
    stored = stored_sections(connection, wanted)
    changed = unwritten(wanted, stored)
    moved = [
        {"b_pk": stored[s.id].pk, "b_position": s.position}
        for s in wanted
        if s.id in stored and stored[s.id].position != s.position
    ]
    if moved:
        place = update(sections).where(sections.c.pk == bindparam("b_pk"))
        connection.execute(place.values(position=bindparam("b_position")), moved)
    # A live section with another heading has other passages.
    retire_sections(
        connection, audience, {s.id: stored[s.id].pk for s in changed if s.id in stored and stored[s.id].live}
    )
    rows = _write_sections(connection, changed, stored, audience)
    bodies = [(rows[s.id], indexed_text(s.heading, s.text)) for s in changed]
    full_text(connection).add("section_text", audience, bodies)
    texts = {s.id: s.text for s in changed}
    _replace_passages(connection, audience, texts, [p for p in fresh if p.section_id in rows])


def indexed_text(heading: str, text: str) -> str:
    """Return the text of a whole section as the full text has it."""
    return f"{heading}\n{text}"


def renew_passages(connection: Connection, renewed: Sequence[Passage]) -> None:
    """Replace the passages of sections; those of sections that are no longer live are ignored."""
    texts: dict[str, dict[str, str]] = {}
    for part in chunked({passage.section_id for passage in renewed}):
        found = connection.execute(
            select(sections.c.id, sections.c.text, sections.c.audience).where(
                sections.c.id.in_(part), sections.c.live
            )
        )
        for row in found:
            texts.setdefault(row.audience, {})[row.id] = row.text
    for audience, own in texts.items():
        _remove_windows(connection, audience, list(own))
        _replace_passages(connection, audience, own, [p for p in renewed if p.section_id in own])


def _replace_passages(
    connection: Connection, audience: str, texts: Mapping[str, str], fresh: Sequence[Passage]
) -> None:
    """Replace the passages of sections (id -> text), and write the full text of their windows."""
    for part in chunked(texts):
        connection.execute(delete(passages).where(passages.c.section_id.in_(part)))
    if fresh:
        columns = ("section_id", "kind", "start", "end", "key")
        connection.execute(insert(passages), [{c: getattr(p, c) for c in columns} for p in fresh])
    for part in chunked(texts):
        windows = connection.execute(
            select(passages).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        )
        bodies = [(w.pk, texts[w.section_id][w.start : w.end]) for w in windows]
        full_text(connection).add("window_text", audience, bodies)


def _remove_windows(connection: Connection, audience: str, section_ids: Sequence[str]) -> None:
    for part in chunked(section_ids):
        query = select(passages.c.pk).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        full_text(connection).remove("window_text", audience, connection.scalars(query).all())


def stored_sections(connection: Connection, wanted: Sequence[Section]) -> dict[str, Row[Any]]:
    """Return section id -> row of the sections that are stored, live or not."""
    stored: dict[str, Row[Any]] = {}
    for part in chunked(section.id for section in wanted):
        rows = connection.execute(select(sections).where(sections.c.id.in_(part)))
        stored.update((row.id, row) for row in rows)
    return stored


def unwritten(wanted: Sequence[Section], stored: Mapping[str, Row[Any]]) -> list[Section]:
    """Return the sections whose row in `stored` is missing, not live or different."""
    return [
        section
        for section in wanted
        if (row := stored.get(section.id)) is None
        or not row.live
        or (row.heading, row.raw, row.page) != (section.heading, section.raw, section.page)
    ]


def _write_sections(
    connection: Connection, changed: Sequence[Section], stored: Mapping[str, Row[Any]], audience: str
) -> dict[str, int]:
    """Write sections as live ones; return id -> row number.

    Few statements are used: one for each section took most of a publication's time.
    """
    identity = ("id", "document_id", "number", "ordinal", "text")
    mutable = ("heading", "position", "raw", "page")
    fresh, again = [], []
    for section in changed:
        values = {name: getattr(section, name) for name in mutable}
        values |= {"offsets": [list(pair) for pair in section.offsets], "live": True}
        if section.id in stored:
            again.append({"b_pk": stored[section.id].pk, **values})
        else:
            own = {name: getattr(section, name) for name in identity}
            fresh.append({**own, **values, "audience": audience})
    if again:
        connection.execute(update(sections).where(sections.c.pk == bindparam("b_pk")), again)
    if fresh:
        connection.execute(insert(sections), fresh)
    rows: dict[str, int] = {}
    for part in chunked([section.id for section in changed]):
        found = connection.execute(select(sections.c.id, sections.c.pk).where(sections.c.id.in_(part)))
        rows.update((row.id, row.pk) for row in found)
    return rows


def retire_sections(connection: Connection, audience: str, live: Mapping[str, int]) -> None:
    """Make sections (id -> row number) no longer live, and delete them from the audience's full text."""
    _remove_windows(connection, audience, list(live))
    full_text(connection).remove("section_text", audience, live.values())
    for part in chunked(live):
        connection.execute(update(sections).where(sections.c.id.in_(part)).values(live=False))


def live_sections(catalog: Catalog) -> list[Section]:
    """Return every live section."""
    with catalog.reading() as connection:
        return [
            to_section(row) for row in connection.execute(select(sections).where(sections.c.live)).mappings()
        ]


def live_section_rows(connection: Connection, document_id: str) -> dict[str, int]:
    """Return id -> row number of a document's live sections."""
    rows = connection.execute(
        select(sections.c.id, sections.c.pk).where(sections.c.document_id == document_id, sections.c.live)
    )
    return {row.id: row.pk for row in rows}

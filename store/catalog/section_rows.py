"""Sections of documents as rows, with their passages and their full text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from store.catalog.fulltext import full_text
from store.catalog.schema import passages, sections
from store.engines import chunked
from store.records import Section


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a section's text that has a vector, under `key`."""

    section_id: str
    kind: Literal["window", "sentence"]
    start: int
    end: int
    key: str


def put_sections(
    connection: Connection, audience: str, wanted: Sequence[Section], fresh: Sequence[Passage]
) -> None:
    """Write the sections that are new or differ, with their passages: the cost follows the change, not the document."""
    kept = kept_sections(connection, [section.id for section in wanted])
    changed = unwritten(wanted, kept)
    moved = [
        {"b_pk": kept[s.id].pk, "b_position": s.position}
        for s in wanted
        if s.id in kept and kept[s.id].position != s.position
    ]
    if moved:
        place = update(sections).where(sections.c.pk == bindparam("b_pk"))
        connection.execute(place.values(position=bindparam("b_position")), moved)
    # A section that lives on under another heading has other passages.
    take_out(connection, audience, {s.id: kept[s.id].pk for s in changed if s.id in kept and kept[s.id].live})
    rows = _write_sections(connection, changed, kept, audience)
    bodies = [(rows[s.id], f"{s.heading}\n{s.text}") for s in changed]
    full_text(connection).add("section_text", audience, bodies)
    texts = {s.id: s.text for s in changed}
    _replace_passages(connection, audience, texts, [p for p in fresh if p.section_id in rows])


def renew_passages(connection: Connection, renewed: Sequence[Passage]) -> None:
    texts: dict[str, dict[str, str]] = {}
    for part in chunked(list({passage.section_id for passage in renewed})):
        found = connection.execute(
            select(sections.c.id, sections.c.text, sections.c.audience).where(sections.c.id.in_(part))
        )
        for row in found:
            texts.setdefault(row.audience, {})[row.id] = row.text
    for audience, own in texts.items():
        _remove_windows(connection, audience, list(own))
        _replace_passages(connection, audience, own, [p for p in renewed if p.section_id in own])


def _replace_passages(
    connection: Connection, audience: str, texts: Mapping[str, str], fresh: Sequence[Passage]
) -> None:
    """Write the passages of the sections whose texts are given, with the full text of their windows."""
    for part in chunked(list(texts)):
        connection.execute(delete(passages).where(passages.c.section_id.in_(part)))
    if fresh:
        connection.execute(insert(passages), [asdict(passage) for passage in fresh])
    for part in chunked(list(texts)):
        windows = connection.execute(
            select(passages).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        )
        bodies = [(w.pk, texts[w.section_id][w.start : w.end]) for w in windows]
        full_text(connection).add("window_text", audience, bodies)


def _remove_windows(connection: Connection, audience: str, section_ids: Sequence[str]) -> None:
    for part in chunked(section_ids):
        query = select(passages.c.pk).where(passages.c.section_id.in_(part), passages.c.kind == "window")
        full_text(connection).remove("window_text", audience, connection.scalars(query).all())


def kept_sections(connection: Connection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    kept: dict[str, Row[Any]] = {}
    for part in chunked(ids):
        kept.update(
            (row.id, row) for row in connection.execute(select(sections).where(sections.c.id.in_(part)))
        )
    return kept


def unwritten(wanted: Sequence[Section], kept: Mapping[str, Row[Any]]) -> list[Section]:
    """Return the sections that are not live as they are; `kept` are the rows by section id."""
    return [section for section in wanted if section.id not in kept or _differs(kept[section.id], section)]


def _differs(row: Row[Any], section: Section) -> bool:
    """Whether the kept row is not live, or says other things of the section than its text."""
    return not row.live or (row.heading, row.raw, row.page) != (section.heading, section.raw, section.page)


def _write_sections(
    connection: Connection, changed: Sequence[Section], kept: Mapping[str, Row[Any]], audience: str
) -> dict[str, int]:
    """Write sections as live ones; return id -> row. All at once: one by one they took most of a publication."""
    identity = ("id", "document_id", "number", "ordinal", "text")
    mutable = ("heading", "position", "raw", "page")
    fresh, again = [], []
    for section in changed:
        values = {name: getattr(section, name) for name in mutable}
        values |= {"offsets": [list(pair) for pair in section.offsets], "live": True}
        if section.id in kept:
            again.append({"b_pk": kept[section.id].pk, **values})
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


def take_out(connection: Connection, audience: str, live: Mapping[str, int]) -> None:
    """Take sections (id -> row) out of what is live, and out of the audience's full text."""
    _remove_windows(connection, audience, list(live))
    full_text(connection).remove("section_text", audience, live.values())
    for part in chunked(list(live)):
        connection.execute(update(sections).where(sections.c.id.in_(part)).values(live=False))


def live_sections_of(connection: Connection, document_id: str) -> dict[str, int]:
    rows = connection.execute(
        select(sections.c.id, sections.c.pk).where(sections.c.document_id == document_id, sections.c.live)
    )
    return {row.id: row.pk for row in rows}

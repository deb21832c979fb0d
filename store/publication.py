"""Writing of the catalog: publication of a change in one transaction, corrections of the register, and retention.

Corrections are rows separate from the documents, so that an ingest does not change them.

The live version of a document and the one before stay, for comparison. Of a removed document no readable text stays,
only hashes of the words that date its events: if it is added again, its events get the same ids, and its corrections
apply.

Further down are the rows of which all that consists: events, sections with their passages and full text, and vectors
with the index segments that hold them.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    tuple_,
    update,
)

from store.catalog import Catalog, Snapshot, all_meta, generation, get_meta, next_generation, set_meta
from store.engines import change_with, insert_new, insert_or_replace, rows_with, take_turn
from store.fulltext import FullTextChange
from store.records import EVERYBODY, Correction, Dating, Document, Event, Passage, Section, redacted
from store.schema import (
    SEGMENT_PREFIX,
    acronyms,
    as_records,
    as_row,
    corrections,
    document_ids,
    documents,
    events,
    passages,
    sections,
    segments,
    vectors,
    version_sections,
)
from store.terms import acronyms as find_acronyms

# The live one and the one before.
_KEPT_VERSIONS = 2
# The turn in which corrections are written: any number that no other turn has.
_TURN = 4_718_022


@dataclass(frozen=True, slots=True)
class DocumentUpdate:
    """A new or changed document, with its sections and events; `root` is its folder."""

    document: Document
    root: str
    sections: Sequence[Section]
    events: Sequence[Event]
    reader: str = ""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where the file of a document is: its folder and its name below that, or its stored file (see `Document`)."""

    root: str
    source: str
    original: str | None = None
    sent_at: float | None = None


@dataclass(frozen=True, slots=True)
class JoinedChain:
    """The events of the chain `former` in one audience's documents now belong to the chain `chain_id`."""

    audience: str
    former: str
    chain_id: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A change of the catalog; documents are named by their ids.

    `documents`: new documents, and new versions of others.
    `renamed`: removed documents that continue under another id, which gets their corrections (former id -> id).
    `moved`: the new place of live documents that are otherwise unchanged.
    `rebuilt`: new events of live documents that are otherwise unchanged.
    """

    documents: Sequence[DocumentUpdate] = ()
    removed: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, FilePlace] = field(default_factory=dict)
    rebuilt: Sequence[EventUpdate] = ()
    joined: Sequence[JoinedChain] = ()

    @property
    def is_empty(self) -> bool:
        """True if nothing changes."""
        return not any(getattr(self, part.name) for part in fields(self))


def document_audiences(catalog: Catalog) -> dict[str, str]:
    """Return document id -> audience, of all documents that the catalog ever had."""
    query = select(documents.c.id, documents.c.audience).distinct()
    with catalog.reading() as connection:
        return {row.id: row.audience for row in connection.execute(query)}


def publish(
    catalog: Catalog,
    publication: Publication,
    *,
    passages: Sequence[Passage],
    renewed: Sequence[Passage],
    segments: Sequence[NewSegment],
    retired_segments: Sequence[str],
    model: str,
    term: str,
) -> None:
    """Publish a change completely or not at all.

    `passages` belong to new and changed sections. `renewed` replace the passages of unchanged sections after a change
    of the embedding `model`. `segments` become live, in place of `retired_segments`. Raises StoreBusy if the writer's
    `term` is over.
    """
    passages_of: defaultdict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        passages_of[passage.section_id].append(passage)
    short_names = [
        find_acronyms(section.text for section in changed.sections) for changed in publication.documents
    ]
    with catalog.writing(term) as connection:
        text = FullTextChange(connection)
        audiences = _changed_audiences(connection, publication, segments, retired_segments)
        _put_ids(connection, publication.documents)
        _set_places(connection, publication.moved)
        for document_id in publication.removed:
            _remove_document(connection, text, document_id)
        move_corrections(connection, publication.renamed)
        renew_passages(connection, text, renewed)
        for rebuilt in publication.rebuilt:
            update_events(connection, rebuilt)
        for changed, found in zip(publication.documents, short_names, strict=True):
            own = [passage for section in changed.sections for passage in passages_of[section.id]]
            _put_version(connection, text, changed, own, found)
        text.write()
        for joined in publication.joined:
            join_chain(connection, joined.audience, joined.former, joined.chain_id)
        retire_segments(connection, retired_segments)
        for segment in segments:
            publish_segment(connection, segment)
        if renewed:
            delete_unused_vectors(connection)
        set_meta(connection, "model", model)
        for audience in audiences:
            next_generation(connection, audience)


def _changed_audiences(
    connection: Connection, publication: Publication, new: Sequence[NewSegment], retired: Sequence[str]
) -> set[str]:
    """Return the audiences for which something changes."""
    changed = [
        *publication.removed,
        *publication.moved,
        *(rebuilt.document_id for rebuilt in publication.rebuilt),
    ]
    found = {changed.document.audience for changed in publication.documents}
    found |= {joined.audience for joined in publication.joined}
    found |= {segment.audience for segment in new}
    query = select(documents.c.audience)
    found.update(row.audience for row in rows_with(connection, query, documents.c.id, changed))
    found.update(connection.scalars(select(segments.c.audience).where(segments.c.name.in_(retired))))
    return found


def _put_ids(connection: Connection, changed: Sequence[DocumentUpdate]) -> None:
    """Write the ids of new documents, which all other rows refer to."""
    if changed:
        rows = [{"id": update.document.id} for update in changed]
        connection.execute(insert_new(connection, document_ids), rows)


def _set_places(connection: Connection, places: Mapping[str, FilePlace]) -> None:
    """Set where the files of live documents are (id -> place)."""
    for document_id, place in places.items():
        live = (documents.c.id == document_id) & documents.c.live
        connection.execute(update(documents).where(live).values(asdict(place)))


def _put_version(
    connection: Connection,
    text: FullTextChange,
    changed: DocumentUpdate,
    passages: Sequence[Passage],
    short_names: Sequence[tuple[str, str]],
) -> None:
    """Write a new version of a document, with everything that belongs to it, and make it the live one."""
    document, audience = changed.document, changed.document.audience
    last = connection.scalar(select(func.max(documents.c.version)).where(documents.c.id == document.id))
    version = int(last or 0) + 1
    delete_redacted_versions(connection, document.id)
    old = live_section_rows(connection, document.id)
    new = {section.id: section for section in changed.sections}
    retire_sections(connection, text, audience, {key: pk for key, pk in old.items() if key not in new})
    connection.execute(update(documents).where(documents.c.id == document.id).values(live=False))
    own = {"version": version, "ingested_at": document.ingested_at or datetime.now(UTC)}
    own |= {"root": changed.root, "live": True, "reader": changed.reader}
    connection.execute(insert(documents).values(as_row(documents, document, **own)))
    put_sections(connection, text, audience, changed.sections, passages)
    connection.execute(
        insert(version_sections),
        [
            {"document_id": document.id, "version": version, "section_id": key, "position": section.position}
            for key, section in new.items()
        ],
    )
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document.id))
    if short_names:
        rows = [{"document_id": document.id, "short": short, "long": long} for short, long in short_names]
        connection.execute(insert(acronyms), rows)
    put_events(connection, version, changed.events)


def _remove_document(connection: Connection, text: FullTextChange, document_id: str) -> None:
    """Make a document and its sections no longer live; `delete_old` deletes their text."""
    live = (documents.c.id == document_id) & documents.c.live
    audience = connection.scalar(select(documents.c.audience).where(live))
    if audience is None:
        return
    retire_sections(connection, text, audience, live_section_rows(connection, document_id))
    connection.execute(delete(acronyms).where(acronyms.c.document_id == document_id))
    connection.execute(update(documents).where(live).values(live=False))


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
    values = as_row(corrections, saved) | as_row(corrections, saved.dating)
    snapshot.connection.execute(insert(corrections).values(values))
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
        .values(title="", content_hash="", found={}, notes=[], original=None, sent_at=None)
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
    """Delete the sections that no version of these documents has, with their passages and vectors."""
    unused = select(sections.c.id).where(~exists().where(version_sections.c.section_id == sections.c.id))
    ids = [row.id for row in rows_with(connection, unused, sections.c.document_id, document_ids)]
    keys = [row.key for row in rows_with(connection, select(passages.c.key), passages.c.section_id, ids)]
    change_with(connection, delete(sections), sections.c.id, ids)
    without_passage = ~exists().where(passages.c.key == vectors.c.key)
    change_with(connection, delete(vectors).where(without_passage), vectors.c.key, keys)


@dataclass(frozen=True, slots=True)
class EventUpdate:
    """New events of a live document, from its stored sections; the document stays the same version."""

    document_id: str
    events: Sequence[Event]
    reader: str


def event_readers(catalog: Catalog) -> dict[str, str]:
    """Return document id -> what read the events of the live documents, if it is known."""
    query = select(documents.c.id, documents.c.reader).where(documents.c.live, documents.c.reader != "")
    with catalog.reading() as connection:
        return {row.id: row.reader for row in connection.execute(query)}


def update_events(connection: Connection, changed: EventUpdate) -> None:
    """Replace the events of the live version."""
    live = (documents.c.id == changed.document_id) & documents.c.live
    read = update(documents).where(live).values(reader=changed.reader).returning(documents.c.version)
    version = connection.scalar(read)
    if version is not None:
        own = (events.c.document_id == changed.document_id) & (events.c.version == version)
        connection.execute(delete(events).where(own))
        put_events(connection, version, changed.events)


def put_events(connection: Connection, version: int, fresh: Sequence[Event]) -> None:
    """Write the events of a version of a document."""
    if fresh:
        connection.execute(insert(events), [as_row(events, event, version=version) for event in fresh])


def join_chain(connection: Connection, audience: str, former: str, chain_id: str) -> None:
    """Move the events of a chain, in all versions of an audience's documents, to another chain."""
    own = events.c.document_id.in_(select(documents.c.id).where(documents.c.audience == audience))
    connection.execute(update(events).where(events.c.chain_id == former, own).values(chain_id=chain_id))


def put_sections(
    connection: Connection,
    text: FullTextChange,
    audience: str,
    wanted: Sequence[Section],
    fresh: Sequence[Passage],
) -> None:
    """Write the sections that are new or differ, with their passages; nothing is written for the others."""
    stored = stored_sections(connection, wanted)
    changed = unwritten(wanted, stored)
    # A live section with another heading has other passages.
    retire_sections(
        connection,
        text,
        audience,
        {s.id: stored[s.id].pk for s in changed if s.id in stored and stored[s.id].live},
    )

    # In one statement: one for each section took most of a publication's time.
    moved = [s for s in wanted if s.id in stored and stored[s.id].position != s.position]
    written = {s.id: s for s in (*changed, *moved)}
    if written:
        connection.execute(
            insert_or_replace(connection, sections, ["id"]),
            [as_row(sections, s, id=s.id, live=True, audience=audience) for s in written.values()],
        )
    rows = {key: row.pk for key, row in stored_sections(connection, changed).items()}
    bodies = [(rows[s.id], indexed_text(s.heading, s.text)) for s in changed]
    text.add("section_text", audience, bodies)
    texts = {s.id: s.text for s in changed}
    _replace_passages(connection, text, audience, texts, [p for p in fresh if p.section_id in rows])


def indexed_text(heading: str, text: str) -> str:
    """Return the text of a whole section as the full text has it."""
    return f"{heading}\n{text}"


def renew_passages(connection: Connection, text: FullTextChange, renewed: Sequence[Passage]) -> None:
    """Replace the passages of sections; those of sections that are no longer live are ignored."""
    texts: dict[str, dict[str, str]] = {}
    query = select(sections.c.id, sections.c.text, sections.c.audience).where(sections.c.live)
    for row in rows_with(connection, query, sections.c.id, (passage.section_id for passage in renewed)):
        texts.setdefault(row.audience, {})[row.id] = row.text
    for audience, own in texts.items():
        _remove_windows(connection, text, audience, own)
        _replace_passages(connection, text, audience, own, [p for p in renewed if p.section_id in own])


def _replace_passages(
    connection: Connection,
    text: FullTextChange,
    audience: str,
    texts: Mapping[str, str],
    fresh: Sequence[Passage],
) -> None:
    """Replace the passages of sections (id -> text), and write the full text of their windows."""
    change_with(connection, delete(passages), passages.c.section_id, texts)
    if fresh:
        connection.execute(insert(passages), [as_row(passages, passage) for passage in fresh])
    query = select(passages).where(passages.c.kind == "window")
    windows = rows_with(connection, query, passages.c.section_id, texts)
    bodies = [(w.pk, texts[w.section_id][w.start : w.end]) for w in windows]
    text.add("window_text", audience, bodies)


def _remove_windows(
    connection: Connection, text: FullTextChange, audience: str, section_ids: Iterable[str]
) -> None:
    query = select(passages.c.pk).where(passages.c.kind == "window")
    windows = rows_with(connection, query, passages.c.section_id, section_ids)
    text.remove("window_text", audience, [row.pk for row in windows])


def stored_sections(connection: Connection, wanted: Sequence[Section]) -> dict[str, Row[Any]]:
    """Return section id -> row of the sections that are stored, live or not."""
    ids = (section.id for section in wanted)
    return {row.id: row for row in rows_with(connection, select(sections), sections.c.id, ids)}


def unwritten(wanted: Sequence[Section], stored: Mapping[str, Row[Any]]) -> list[Section]:
    """Return the sections whose row in `stored` is missing, not live or different."""
    return [
        section
        for section in wanted
        if (row := stored.get(section.id)) is None
        or not row.live
        or (row.heading, row.raw, row.page) != (section.heading, section.raw, section.page)
    ]


def retire_sections(
    connection: Connection, text: FullTextChange, audience: str, live: Mapping[str, int]
) -> None:
    """Make sections (id -> row number) no longer live, and delete them from the audience's full text."""
    _remove_windows(connection, text, audience, live)
    text.remove("section_text", audience, list(live.values()))
    change_with(connection, update(sections).values(live=False), sections.c.id, live)


def live_sections(catalog: Catalog) -> list[Section]:
    """Return every live section."""
    with catalog.reading() as connection:
        return as_records(Section, connection, select(sections).where(sections.c.live))


def live_section_rows(connection: Connection, document_id: str) -> dict[str, int]:
    """Return id -> row number of a document's live sections."""
    rows = connection.execute(
        select(sections.c.id, sections.c.pk).where(sections.c.document_id == document_id, sections.c.live)
    )
    return {row.id: row.pk for row in rows}


# Key in the catalog's meta table.
_SAVING = "saving"


@dataclass(frozen=True, slots=True)
class NewSegment:
    """An index segment that was written: the vectors of `keys`, all of one audience."""

    name: str
    audience: str
    keys: Sequence[str]


def save_vectors(catalog: Catalog, batch: Mapping[str, bytes]) -> None:
    """Save vectors before they are published: after an interrupted ingest they need not be computed again."""
    with catalog.writing() as connection:
        set_meta(connection, _SAVING, "begun")
        rows = [{"key": key, "vector": vector} for key, vector in batch.items()]
        connection.execute(insert_new(connection, vectors), rows)


def has_leftovers(connection: Connection) -> bool:
    """Whether a write that has saved vectors did not end: some may be unused."""
    return get_meta(connection, _SAVING) == "begun"


def end_saving(connection: Connection) -> None:
    """Record that all vectors that were saved are used, or were deleted."""
    if has_leftovers(connection):
        set_meta(connection, _SAVING, "ended")


def load_vectors(connection: Connection, keys: Iterable[str]) -> dict[str, bytes]:
    """Return key -> vector (float32 bytes) of those of `keys` that have one."""
    query = select(vectors.c.key, vectors.c.vector)
    return {row.key: row.vector for row in rows_with(connection, query, vectors.c.key, keys)}


def known_keys(catalog: Catalog, keys: Iterable[str]) -> set[str]:
    """Return those of `keys` that have a vector."""
    return _with_keys(catalog, select(vectors.c.key), keys)


def indexed_keys(catalog: Catalog, keys: Iterable[str], retired: Collection[str]) -> set[str]:
    """Return those of `keys` that have a vector in a live segment, other than the `retired` ones."""
    query = select(vectors.c.key).join(segments, segments.c.name == vectors.c.segment)
    return _with_keys(catalog, query.where(segments.c.live, segments.c.name.not_in(retired)), keys)


def _with_keys(catalog: Catalog, query: Select[tuple[str]], keys: Iterable[str]) -> set[str]:
    with catalog.reading() as connection:
        return {row.key for row in rows_with(connection, query, vectors.c.key, keys)}


def live_segments(catalog: Catalog) -> list[str]:
    """Return the names of the live segments; none before the first publication."""
    with catalog.reading() as connection:
        return list(connection.scalars(select(segments.c.name).where(segments.c.live)))


def window_keys(connection: Connection, names: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Return audience -> keys of the live windows; only those that the named segments hold, if names are given."""
    query = (
        select(vectors.c.key, sections.c.audience)
        .join(passages, passages.c.key == vectors.c.key)
        .join(sections, sections.c.id == passages.c.section_id)
        .where(passages.c.kind == "window", sections.c.live)
        .distinct()
    )
    if names is not None:
        query = query.where(vectors.c.segment.in_(names))
    found: dict[str, list[str]] = {}
    for row in connection.execute(query):
        found.setdefault(row.audience, []).append(row.key)
    return found


def window_counts(connection: Connection) -> dict[str, int]:
    """Return audience -> number of the live windows."""
    windows = select(sections.c.audience, func.count()).join(passages, passages.c.section_id == sections.c.id)
    live = windows.where(passages.c.kind == "window", sections.c.live).group_by(sections.c.audience)
    return {audience: int(count) for audience, count in connection.execute(live)}


def announce_segment(connection: Connection) -> str:
    """Record a segment before it is written; if it is never published, the next ingest drops it. Return its name."""
    name = f"{SEGMENT_PREFIX}{uuid.uuid4().hex}"
    connection.execute(insert(segments).values(name=name, size=0, live=False, retired_at=0.0))
    return name


def publish_segment(connection: Connection, segment: NewSegment) -> None:
    """Make an announced segment live, and record it as the place of its vectors."""
    row = update(segments).where(segments.c.name == segment.name)
    connection.execute(
        row.values(size=len(segment.keys), live=True, retired_at=None, audience=segment.audience)
    )
    change_with(connection, update(vectors).values(segment=segment.name), vectors.c.key, segment.keys)


def retire_segments(connection: Connection, names: Sequence[str]) -> None:
    """Take segments out of use; readers that have them open can use them until they are dropped."""
    connection.execute(
        update(segments).where(segments.c.name.in_(names)).values(live=False, retired_at=time.time())
    )


def delete_unused_vectors(connection: Connection) -> None:
    """Delete the vectors that no section uses."""
    # By the index of the keys: a scan of the table would read every vector.
    stored = vectors.alias()
    unused = select(stored.c.key).where(~exists().where(passages.c.key == stored.c.key))
    connection.execute(delete(vectors).where(vectors.c.key.in_(unused)))

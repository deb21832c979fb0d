"""Writes the store, under the writer's lock: vectors first, then everything else in one transaction.

After each write follows the maintenance: old data and files are deleted, index segments merged and dropped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sqlalchemy import delete, select

from store import publication
from store.audiences import vector_key
from store.catalog import (
    Catalog,
    all_meta,
    get_meta,
    is_index_damaged,
    next_generation,
    next_term,
    set_index_damaged,
    set_meta,
)
from store.engines import chunked, empty_log, storage_errors
from store.errors import IndexDamaged, StoreError
from store.files import FileStorage
from store.locks import WRITER_SECONDS, writer_lock
from store.publication import NewSegment, Publication
from store.records import Passage, Section
from store.schema import documents, segments
from store.vectors.encoders import Embedder, embedding_key
from store.vectors.index import Index

_LOG = logging.getLogger(__name__)

# Texts after which vectors are saved: an interrupted write computes at most these again.
_BATCH_TEXTS = 1024
# Live segments of an audience; more of them slow down each query.
_MOST_SEGMENTS = 8
# A merge takes at least so many segments, and further ones that are not much larger than those before.
_LEAST_MERGED = 5
# Seconds after which no reader uses a retired segment any more.
_GRACE_SECONDS = 600.0
# Key in the catalog's meta table: if an ingest is interrupted, the next one removes the remains of deleted rows.
_REMAINS = "remains"

_REBUILT = "the index was damaged, and is built anew"

# Called with the phase, the number of texts or vectors that are done, and their total.
WriteProgress = Callable[[Literal["embed", "publish"], int, int], None]
# Returns the passages of sections that get a vector, given a function that counts the tokens of texts.
PassageChooser = Callable[[Sequence[Section], Callable[[Sequence[str]], list[int]]], Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """Result of a write: the numbers of texts that were embedded, and of unchanged sections that were indexed again.

    `notes` are sentences for people about repairs.
    """

    embedded: int = 0
    renewed: int = 0
    notes: Sequence[str] = ()


class StoreWriter:
    """Writes documents to the catalog and the index; one process at a time for each data folder."""

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        embedder: Embedder,
        folder: Path,
        choose: PassageChooser,
        storage: FileStorage | None = None,
    ) -> None:
        self.catalog = catalog
        self.index = index
        self.embedder = embedder
        self.folder = folder
        self._choose = choose
        self._storage = storage
        # The lock can be lost unnoticed, for example if its connection ends; another writer then begins another term.
        self._term = ""
        self._has_written = False

    @contextmanager
    def open(self) -> Iterator[bool]:
        """Hold the writer's lock, on tables of the present version; do the store's maintenance afterwards.

        Yields whether the tables were those of an earlier version. Raises StoreError.
        """
        with writer_lock(self.catalog.engine, self.folder, WRITER_SECONDS):
            is_updated = self.catalog.create()
            with self.catalog.writing() as connection:
                self._term = next_term(connection)
                left = publication.has_leftovers(connection)
            self._has_written = False
            yield is_updated
            maintain(
                self.catalog,
                self.index,
                self._term,
                # All stored files are listed only where there is something new.
                self._storage if self._has_written else None,
                has_leftovers=left,
                has_written=self._has_written,
            )

    def publish(
        self, change: Publication, progress: WriteProgress = lambda *_: None, *, anew: bool = False
    ) -> WriteReport:
        """Embed new texts, index them, build a damaged index anew, and make the change visible in one transaction.

        With `anew`, or if another model made the vectors, all live sections are indexed again, with the vectors of this
        model that are stored. Until the transaction ends, readers use the former segments. Raises StoreBusy if the lock
        was lost and another process has written.
        """
        with self.catalog.reading() as connection:
            values = all_meta(connection)
        model, damaged = values.get("model"), is_index_damaged(values)
        if damaged or (anew and self._is_damaged()):
            damaged = True
            self._rebuild()
        renews = model is not None and (anew or model != self.embedder.fingerprint)
        renewed = publication.live_sections(self.catalog) if renews else []
        notes = [_REBUILT] if damaged else []
        if change.is_empty and not renewed and not anew:
            return WriteReport(notes=notes)

        # Passages of new and changed sections, and of all sections for another model, get vectors.
        fresh = [section for update in change.documents for section in update.sections]
        if fresh or renewed:
            # Reported before the model is loaded, which takes seconds; the number of texts is not known yet.
            progress("embed", 0, len(fresh) + len(renewed))
        with self.catalog.reading() as connection:
            fresh = publication.unwritten(fresh, publication.stored_sections(connection, fresh))
        audiences = publication.document_audiences(self.catalog)
        audiences |= {update.document.id: update.document.audience for update in change.documents}
        audience_of = {section.id: audiences[section.document_id] for section in (*renewed, *fresh)}
        renewed_passages = self._passages(renewed, audience_of)
        fresh_passages = self._passages(fresh, audience_of)
        every = [*renewed_passages, *fresh_passages]
        embedded = self._embed({passage.key: passage.embedded for passage in every}, progress)

        # The index gets the vectors of windows that it lacks.
        windows = {p.key: audience_of[p.section_id] for p in every if p.kind == "window"}
        retired = publication.live_segments(self.catalog) if renewed else []
        try:
            new_segments = self._index(windows, retired, progress)
        except IndexDamaged:
            if self.index.shared or damaged:
                raise
            self._rebuild()
            notes = [_REBUILT]
            retired = publication.live_segments(self.catalog) if renewed else []
            new_segments = self._index(windows, retired, progress)
        publication.publish(
            self.catalog,
            change,
            passages=fresh_passages,
            renewed=renewed_passages,
            segments=new_segments,
            retired_segments=retired,
            model=self.embedder.fingerprint,
            term=self._term,
        )
        return WriteReport(embedded, len(renewed), notes)

    def _rebuild(self) -> None:
        self._has_written = True
        build_index(self.catalog, self.index, self._term)

    def _is_damaged(self) -> bool:
        try:
            self.index.check(publication.live_segments(self.catalog))
        except IndexDamaged:
            return True
        return False

    def _index(
        self, windows: Mapping[str, str], retired: Collection[str], progress: WriteProgress
    ) -> list[NewSegment]:
        """Index the windows (key -> audience) that no segment has but the retired ones, a segment an audience."""
        indexed = publication.indexed_keys(self.catalog, windows, retired)
        wanted: dict[str, list[str]] = {}
        for key, audience in windows.items():
            if key not in indexed:
                wanted.setdefault(audience, []).append(key)
        self._has_written = self._has_written or bool(wanted)
        count = _counted("publish", sum(map(len, wanted.values())), progress)
        return [
            _write_segment(self.catalog, self.index, audience, own, count) for audience, own in wanted.items()
        ]

    def _passages(self, sections: Sequence[Section], audience_of: Mapping[str, str]) -> list[Passage]:
        """Return the passages of sections, with the keys of their vectors."""
        if not sections:
            return []
        model = self.embedder.fingerprint
        return [
            replace(
                passage,
                key=vector_key(audience_of[passage.section_id], embedding_key(model, passage.embedded)),
            )
            for passage in self._choose(sections, self.embedder.lengths)
        ]

    def _embed(self, texts: Mapping[str, str], progress: WriteProgress) -> int:
        """Embed the texts (key -> text) that have no vector, and save the vectors; return their number."""
        known = publication.known_keys(self.catalog, texts)
        # Sorted by length: a batch of equal lengths has no padding.
        keys = sorted((key for key in texts if key not in known), key=lambda key: -len(texts[key]))
        count = _counted("embed", len(keys), progress)
        for start in range(0, len(keys), _BATCH_TEXTS):
            part = keys[start : start + _BATCH_TEXTS]
            rows = self.embedder.encode([texts[key] for key in part], count)
            publication.save_vectors(
                self.catalog, {key: row.tobytes() for key, row in zip(part, rows, strict=True)}
            )
        return len(keys)


def _counted(
    phase: Literal["embed", "publish"], total: int, progress: WriteProgress
) -> Callable[[int], None]:
    """Return a function that adds to the number of items done, and reports it."""
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        progress(phase, done, total)

    return count


def maintain(
    catalog: Catalog,
    index: Index,
    term: str,
    storage: FileStorage | None = None,
    clock: Callable[[], float] = time.time,
    *,
    has_leftovers: bool = False,
    has_written: bool = True,
) -> None:
    """Delete old versions and removed documents, also from the database's file; merge and drop index segments.

    Deletes stored files from which no version of a document comes, 30 days after they were stored last; and the vectors
    that earlier writes left, if they did not end.

    The caller holds the writer's lock. Raises StoreError if text is not deleted, on which whoever removed it relies,
    and StoreBusy if the `term` is over. If anything else fails, it is only logged. What is left is done the next time.
    """
    with catalog.writing(term) as connection:
        if publication.delete_old(connection):
            set_meta(connection, _REMAINS, "due")
        if has_leftovers:
            publication.delete_unused_vectors(connection)
        publication.end_saving(connection)
    _empty_log(catalog)
    try:
        _merge(catalog, index, term)
        _drop(catalog, index, clock() - _GRACE_SECONDS, term, has_written=has_written)
        if storage is not None:
            _delete_files(catalog, storage)
    except (StoreError, OSError) as error:
        _LOG.warning("the maintenance did not end; the next write does it: %s", error)


def _empty_log(catalog: Catalog) -> None:
    """Remove from SQLite's files, if that is due, what the full text and the log still have of deleted rows."""
    with catalog.reading() as connection:
        if get_meta(connection, _REMAINS) != "due":
            return
    with storage_errors():
        done = empty_log(catalog.engine)
    if done:
        with catalog.writing() as connection:
            set_meta(connection, _REMAINS, "gone")


def _merge(catalog: Catalog, index: Index, term: str) -> None:
    """Merge the segments of each audience that are too many or mostly unused."""
    sizes: dict[str, dict[str, int]] = {}
    with catalog.reading() as connection:
        for row in connection.execute(select(segments).where(segments.c.live).order_by(segments.c.size)):
            sizes.setdefault(row.audience, {})[row.name] = row.size
        used = publication.window_counts(connection)
    for audience, own in sizes.items():
        chosen = to_merge(own, used.get(audience, 0))
        if not chosen:
            continue
        with catalog.reading() as connection:
            keys = publication.window_keys(connection, chosen).get(audience)
        merged = _write_segment(catalog, index, audience, keys) if keys else None
        with catalog.writing(term) as connection:
            publication.retire_segments(connection, chosen)
            if merged is not None:
                publication.publish_segment(connection, merged)
            publication.delete_unused_vectors(connection)
            next_generation(connection, audience)


def _drop(catalog: Catalog, index: Index, before: float, term: str, *, has_written: bool) -> None:
    """Drop the segments that were retired before a time, and with them those that the catalog does not know.

    The index is not read where no segment was retired, and none was written now.
    """
    with catalog.reading() as connection:
        retired = connection.scalar(select(segments.c.name).where(segments.c.retired_at < before).limit(1))
    if retired is None and not has_written:
        return
    # Before the term is checked: a writer that has lost its lock must not see what the next one writes.
    existing = index.names()
    with catalog.writing(term) as connection:
        known = {row.name: row.retired_at for row in connection.execute(select(segments))}
    due = {name for name, at in known.items() if at is not None and at < before}
    # A server may have the segments of other catalogs. In our own folder, what is unknown was written for a catalog
    # that was deleted.
    unknown = set() if index.shared else existing - set(known)
    index.drop(existing & due | unknown)
    with catalog.writing() as connection:
        connection.execute(delete(segments).where(segments.c.name.in_(due)))


def rebuild_damaged_index(catalog: Catalog, index: Index, folder: Path) -> None:
    """Build the index anew if it is known to be damaged. Takes the writer's lock. Raises StoreError."""
    with writer_lock(catalog.engine, folder, WRITER_SECONDS):
        with catalog.writing() as connection:
            is_damaged, term = is_index_damaged(all_meta(connection)), next_term(connection)
        if is_damaged:
            build_index(catalog, index, term)


def build_index(catalog: Catalog, index: Index, term: str) -> None:
    """Build the whole index from the vectors in the catalog. The caller holds the writer's lock. Raises StoreError."""
    index.discard()
    with catalog.reading() as connection:
        keys = publication.window_keys(connection)
    written = [_write_segment(catalog, index, audience, own) for audience, own in keys.items()]
    former = publication.live_segments(catalog)
    with catalog.writing(term) as connection:
        publication.retire_segments(connection, former)
        for segment in written:
            publication.publish_segment(connection, segment)
        set_index_damaged(connection, False)
        for audience in keys:
            next_generation(connection, audience)


def _delete_files(catalog: Catalog, storage: FileStorage) -> None:
    with catalog.reading() as connection:
        used = connection.scalars(select(documents.c.original).where(documents.c.original.is_not(None))).all()
    storage.delete_unused(used)


def _write_segment(
    catalog: Catalog,
    index: Index,
    audience: str,
    keys: Sequence[str],
    written: Callable[[int], None] | None = None,
) -> NewSegment:
    """Write the vectors of `keys`, all of one audience, into a new segment and return it; it is not live yet."""

    def batches() -> Iterator[Mapping[str, bytes]]:
        for part in chunked(keys):
            with catalog.reading() as connection:
                yield publication.load_vectors(connection, part)

    with catalog.writing() as connection:
        name = publication.announce_segment(connection)
    index.write_segment(name, batches(), written)
    return NewSegment(name, audience, keys)


def to_merge(sizes: Mapping[str, int], used: int) -> list[str]:
    """Return the segments to merge: all if most vectors are unused, the smaller ones if there are many."""
    if sum(sizes.values()) > 2 * used:
        return list(sizes)
    if len(sizes) <= _MOST_SEGMENTS:
        return []
    chosen: list[str] = []
    total = 0
    for name, size in sorted(sizes.items(), key=lambda item: item[1]):
        if len(chosen) >= _LEAST_MERGED and size > 2 * total:
            break
        chosen.append(name)
        total += size
    return chosen

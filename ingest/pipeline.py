"""One ingest: plan what is new, changed, unchanged, removed or failed; make events; embed; publish in one step."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.errors import NothingToIngest, NotReadable, fault
from ingest.events.labels import Labeller
from ingest.files import Source, content_hash, find_sources, read_bytes, read_document
from ingest.making import Made, is_outdated, make_events
from ingest.passages import stretches
from ingest.places import Known, Places, gone
from ingest.readers.process import ReadingProcess
from ingest.report import IngestReport, Listener, Outcome, Progress, Status
from store import publication, upkeep
from store.acronyms import acronyms
from store.catalog import Catalog
from store.embeddings import Embedder, embedding_key
from store.errors import NoStore
from store.index import Index
from store.lock import writer_lock
from store.publication import Entry, Passage, Publication
from store.records import Document, Section

__all__ = ["IngestReport", "Listener", "Outcome", "Pipeline", "Progress"]

# Vectors are kept after so many texts: what an ingest that is cut off has to make again at most.
_BATCH = 1024
# A second ingest waits so long for the first one before it says who is writing.
_WAIT_SECONDS = 5.0
_log = logging.getLogger(__name__)
# Exports the embedding model where that is not done yet, and calls what it is given before the work, which takes
# seconds. Returns why there is no export, or nothing.
Export = Callable[[Callable[[], None]], str]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What will become of documents; `names` are those that the given files have, by the documents' ids."""

    outcomes: list[Outcome]
    read: list[tuple[Document, list[Section], str]]
    removed: list[str]
    renamed: dict[str, str] = field(default_factory=dict)
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


class Pipeline:
    """Takes documents in and out. One at a time per data folder, between processes too.

    `reading` makes the process that an ingest reads files with.
    """

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        embedder: Embedder,
        folder: Path,
        reading: Callable[[], ReadingProcess] = ReadingProcess,
    ) -> None:
        self.catalog = catalog
        self.index = index
        self.embedder = embedder
        self.folder = folder
        self.reading = reading

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        prune: bool = False,
        progress: Listener | None = None,
        labeller: Labeller | None = None,
        bundled: bool = False,
        export: Export | None = None,
    ) -> IngestReport:
        """Take in the files that `paths` name; with `prune`, drop documents of these folders whose files are gone.

        `bundled`: they come with the program, and nobody named them. A store of an earlier version that has other
        documents is only brought up to date then. `labeller` says what the dates are; without one the rules do.
        `export` is called when all is published. Failed files are in the report; the others go in.
        Raises NothingToIngest, StoreError.
        """
        began = time.monotonic()
        tell = progress or (lambda _: None)
        try:
            sources = find_sources(paths)
        except NothingToIngest:
            # An emptied folder still has something to prune.
            if not (prune and any(path.is_dir() for path in paths)):
                raise
            sources = []
        with writer_lock(self.folder, _WAIT_SECONDS):
            outdated = self.catalog.create() or is_outdated(self.catalog)
            notes = []
            if bundled and outdated and self._has_others(sources):
                sources = []
                notes.append(
                    "the store is brought up to date; the bundled report is not among its documents and was not added"
                )
            with self.reading() as process:
                plan = self._plan(sources, [p for p in paths if p.is_dir()] if prune else [], tell, process)
            # Before the minutes that embedding takes: what goes wrong here costs none.
            read = [(document, sections) for document, sections, _ in plan.read]
            made = make_events(self.catalog, read, plan.removed, labeller, tell)
            self._leave_out(made.broken, plan)
            embedded = self._carry_out(plan, made, tell)
            upkeep.tidy(self.catalog, self.index)
        notes += [*plan.notes, *made.notes]
        # Other ingests need not wait for it, and readers have the documents already.
        if export is not None and (why := export(lambda: tell(Progress("export", 0, 1)))):
            notes.append(f"questions load sentence-transformers, which takes seconds: {why}")
        seconds = round(time.monotonic() - began, 3)
        remade = len(made.remade)
        return IngestReport(tuple(plan.outcomes), embedded, seconds, tuple(notes), made.labelling, remade)

    def remove(self, name: str) -> IngestReport:
        """Take out the document with this source name, symbol or id. Raises NothingToIngest for an unknown one."""
        began = time.monotonic()
        with writer_lock(self.folder, _WAIT_SECONDS):
            # What an older store lacks is needed to read it.
            self.catalog.create()
            known = self.catalog.documents()
            chosen = [d for d in known if name in (d.source, d.symbol, d.id)]
            if not chosen:
                raise NothingToIngest(f"no document {name!r}; `itubot documents` lists them")
            plan = _Plan([Outcome(d.source, "removed") for d in chosen], [], [d.id for d in chosen])
            self._carry_out(plan, Made(), lambda _: None)
            upkeep.tidy(self.catalog, self.index)
        return IngestReport(tuple(plan.outcomes), 0, round(time.monotonic() - began, 3))

    def _has_others(self, sources: Sequence[Source]) -> bool:
        """Whether there are documents, and none of these sources among them."""
        live = {one.document.source for one in self._known().values()}
        return bool(live) and live.isdisjoint(source.name for source in sources)

    def _plan(
        self, sources: Sequence[Source], pruned: Sequence[Path], tell: Listener, process: ReadingProcess
    ) -> _Plan:
        known = self._known()
        plan = _Plan([], [], [])
        seen = plan.names
        places = Places(known, sources)
        for number, source in enumerate(sources):
            tell(Progress("read", number, len(sources), source.name))
            try:
                self._consider(source, places, known, plan, seen, process)
            except NotReadable as error:
                # What is there stays until the file can be read.
                own, here = places.own(source, "")
                plan.outcomes.append(Outcome(own.name, "failed", error=str(error), file=own.path))
                if here is not None:
                    seen.setdefault(here.document.id, own.name)
        tell(Progress("read", len(sources), len(sources)))
        if pruned:
            # A folder that is no more, and of which something was found here, is the one that was moved here.
            left = {known[one].root for one in plan.moved if not Path(known[one].root).is_dir()}
            folders = [folder.resolve() for folder in pruned]
            for one in gone(known.values(), folders, left, {*seen, *plan.removed}):
                self._drop(one, plan)
        return plan

    def _leave_out(self, broken: Mapping[str, str], plan: _Plan) -> None:
        """Take documents (id -> reason) out of the plan: what they would have replaced stays."""
        plan.read[:] = [one for one in plan.read if one[0].id not in broken]
        stays = {former for former, now in plan.renamed.items() if now in broken}
        for former in stays:
            del plan.renamed[former]
            plan.removed.remove(former)
        reasons = {plan.names[one]: reason for one, reason in broken.items() if one in plan.names}
        kept = {one.document.source for one in self._known().values() if one.document.id in stays}
        plan.outcomes[:] = [
            Outcome(o.source, "failed", error=reasons[o.source]) if o.source in reasons else o
            for o in plan.outcomes
            if not (o.status == "removed" and o.source in kept)
        ]

    @staticmethod
    def _drop(one: Known, plan: _Plan) -> None:
        plan.outcomes.append(Outcome(one.document.source, "removed"))
        plan.removed.append(one.document.id)

    def _consider(
        self,
        source: Source,
        places: Places,
        known: Mapping[str, Known],
        plan: _Plan,
        seen: dict[str, str],
        process: ReadingProcess,
    ) -> None:
        """Put one file into the plan. Raises NotReadable."""
        data = read_bytes(source)
        hashed = content_hash(source, data)
        source, here = places.own(source, hashed)
        root = str(source.root)
        former = places.former(hashed, seen) if here is None else None
        # A name may tell facts; one that told none can change without the document.
        stays = former and former.document.symbol and "file name" not in former.document.found.values()
        same = former if stays else here if here and here.document.content_hash == hashed else None
        if same is not None:
            seen[same.document.id] = source.name
            if (same.root, same.document.source) != (root, source.name) and not same.is_there():
                plan.moved[same.document.id] = (root, source.name)
            counts = (same.sections, same.events)
            plan.outcomes.append(
                Outcome(source.name, "unchanged", *counts, notes=same.document.notes, file=source.path)
            )
            return
        document, sections = _read(source, data, process)
        if document.id in seen:
            raise NotReadable(f"it is the same document ({document.id}) as {seen[document.id]}")
        seen[document.id] = source.name
        # The file's document had another symbol, or none: it is this one now.
        renamed = (
            here is not None
            and here.document.id != document.id
            and (here.place == source.place or not here.is_there())
        )
        if here is not None and renamed:
            plan.removed.append(here.document.id)
            plan.renamed[here.document.id] = document.id
        if former is not None and former.document.id != document.id:
            self._drop(former, plan)
            plan.renamed[former.document.id] = document.id
        status: Status = "changed" if document.id in known or renamed else "new"
        plan.outcomes.append(
            Outcome(source.name, status, len(sections), notes=document.notes, file=source.path)
        )
        plan.read.append((document, sections, root))

    def _known(self) -> dict[str, Known]:
        try:
            with self.catalog.snapshot() as view:
                roots, counts = view.roots(), view.counts()
                return {d.id: Known(d, roots[d.id], *counts[d.id]) for d in view.documents()}
        except NoStore:
            return {}

    def _carry_out(self, plan: _Plan, made: Made, tell: Listener) -> int:
        """Embed what has no vector yet, write the segment, publish; return how many texts were embedded."""
        publication.move(self.catalog, plan.moved)
        live = upkeep.live_segments(self.catalog)
        if (aside := self.index.put_aside(live)) is not None:
            plan.notes.append(f"the index was damaged and is built anew; the damaged one is now {aside}")
        if upkeep.model_changed(self.catalog, self.embedder.fingerprint):
            renewed, retired = upkeep.live_sections(self.catalog), live
        else:
            renewed, retired = [], sorted(set(live) - self.index.sound(live))
            if retired and aside is None:
                plan.notes.append("a damaged part of the index is built anew")
        if not (plan.read or plan.removed or made.remade or renewed or retired):
            return 0
        read = [section for _, sections, _ in plan.read for section in sections]
        if read or renewed:
            # The model loads first, which takes seconds; how many texts there are is not known before.
            tell(Progress("embed", 0, len(read) + len(renewed)))
        renewed_passages, renewed_texts = self._passages(renewed)
        passages, texts = self._passages(publication.unwritten(self.catalog, read))
        embedded = self._embed({**renewed_texts, **texts}, tell)
        windows = [p.key for p in (*renewed_passages, *passages) if p.kind == "window"]
        # What a lost segment held has to be indexed again, from the vectors that are kept.
        lost = [] if renewed else upkeep.window_keys(self.catalog, retired)
        segment, keys = self._write_segment([*publication.unindexed_keys(self.catalog, windows), *lost], tell)
        entries = self._entries(plan, made, passages)
        publication.publish(
            self.catalog,
            Publication(
                entries=entries,
                removed=plan.removed,
                renamed=plan.renamed,
                remade=made.remade,
                renewed=renewed_passages,
                segment=segment,
                segment_keys=keys,
                retired_segments=retired,
                model=self.embedder.fingerprint,
            ),
        )
        counts = {plan.names[one]: len(events) for one, events in made.events.items() if one in plan.names}
        plan.outcomes[:] = [
            o if o.status == "failed" else replace(o, events=counts.get(o.source, o.events))
            for o in plan.outcomes
        ]
        return embedded

    def _passages(self, sections: Sequence[Section]) -> tuple[list[Passage], dict[str, str]]:
        """Return the passages of the sections, and the text to embed for each key."""
        if not sections:
            return [], {}
        passages, texts = [], {}
        for stretch in stretches(sections, self.embedder.lengths):
            key = embedding_key(self.embedder.fingerprint, stretch.embedded)
            texts[key] = stretch.embedded
            passages.append(Passage(stretch.section_id, stretch.kind, stretch.start, stretch.end, key))
        return passages, texts

    def _embed(self, texts: Mapping[str, str], tell: Listener) -> int:
        known = publication.known_keys(self.catalog, texts)
        # The longest first, all together: a batch of equal lengths has no padding.
        keys = sorted((key for key in texts if key not in known), key=lambda key: -len(texts[key]))
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            tell(Progress("embed", done, len(keys)))

        for start in range(0, len(keys), _BATCH):
            part = keys[start : start + _BATCH]
            vectors = self.embedder.encode([texts[key] for key in part], count)
            publication.save_vectors(
                self.catalog, {key: row.tobytes() for key, row in zip(part, vectors, strict=True)}
            )
        return len(keys)

    def _write_segment(self, keys: Sequence[str], tell: Listener) -> tuple[str | None, Sequence[str]]:
        """Index these vectors in a new segment; return its name and their keys."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return None, ()
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            tell(Progress("publish", done, len(wanted)))

        return upkeep.write_segment(self.catalog, self.index, wanted, count), wanted

    @staticmethod
    def _entries(plan: _Plan, made: Made, passages: Sequence[Passage]) -> list[Entry]:
        by_section: dict[str, list[Passage]] = {}
        for passage in passages:
            by_section.setdefault(passage.section_id, []).append(passage)
        return [
            Entry(
                document,
                root,
                sections,
                [passage for section in sections for passage in by_section.get(section.id, ())],
                made.events[document.id],
                acronyms(section.text for section in sections),
                made.origins[document.id],
            )
            for document, sections, root in sorted(plan.read, key=lambda item: str(item[0].date or ""))
        ]


def _read(source: Source, data: bytes, process: ReadingProcess) -> tuple[Document, list[Section]]:
    """Return the document and its sections. Raises NotReadable."""
    try:
        return read_document(source, data, process.read)
    except NotReadable:
        raise
    except Exception as error:
        # A fault of a reader shows at a file that nobody foresaw: it costs this file, and not all the others.
        _log.warning("%s cannot be read", source.name, exc_info=True)
        raise NotReadable(fault(error)) from error

"""One ingest: plan what is new, changed, unchanged, removed or failed; make events; embed; publish in one step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.document.passages import stretches
from ingest.document_matcher import Known
from ingest.errors import NothingToIngest
from ingest.events.labels.labels import Labeller
from ingest.files import find_sources
from ingest.making import Made, is_outdated, make_events
from ingest.planning import Plan, has_others, leave_out, make_plan, take_out_of
from ingest.readers.sandbox.process import ReadingProcess
from ingest.report import IngestReport, Listener, Outcome, Progress
from store import upkeep
from store.acronyms import acronyms
from store.audiences import Audience, vector_key
from store.catalog import publication
from store.catalog.publication import Entry, NewSegment, Publication
from store.catalog.reading import Catalog
from store.catalog.section_rows import Passage
from store.errors import NoStore
from store.lock import writer_lock
from store.records import EVERYBODY, Section
from store.vectors.embeddings import Embedder, embedding_key
from store.vectors.index import Index

__all__ = ["IngestReport", "Listener", "Outcome", "Pipeline", "Progress"]

# Vectors are kept after so many texts: what an ingest that is cut off has to make again at most.
_BATCH = 1024
# A second ingest waits so long for the first one before it says who is writing.
_WAIT_SECONDS = 5.0
# Exports the embedding model where that is not done yet, and calls what it is given before the work, which takes
# seconds. Returns why there is no export, or nothing.
Export = Callable[[Callable[[], None]], str]


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
        audience: Audience = EVERYBODY,
        out_of: Audience | None = None,
        export: Export | None = None,
    ) -> IngestReport:
        """Take in the files that `paths` name; with `prune`, drop documents of these folders whose files are gone.

        The documents are for `audience`, and only its documents are looked at: those of others stay as they are. But
        where the documents of the files are those of the audience `out_of` too, they are taken out of that.

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
            known = self._known(audience)
            if bundled and outdated and has_others(known, sources):
                sources = []
                notes.append(
                    "the store is brought up to date; the bundled report is not among its documents and was not added"
                )
            folders = [path for path in paths if path.is_dir()] if prune else []
            with self.reading() as process:
                plan = make_plan(known, sources, folders, audience, tell, process)
            if out_of is not None:
                take_out_of(self._known(out_of), known, plan)
            # Before the minutes that embedding takes: what goes wrong here costs none.
            read = [(document, sections) for document, sections, _ in plan.read]
            made = make_events(self.catalog, read, plan.removed, labeller, tell)
            leave_out(made.broken, known, plan)
            embedded = self._carry_out(plan, made, tell)
            upkeep.tidy(self.catalog, self.index)
        notes += [*plan.notes, *made.notes]
        # Other ingests need not wait for it, and readers have the documents already.
        if export is not None and (why := export(lambda: tell(Progress("export", 0, 1)))):
            notes.append(f"questions load sentence-transformers, which takes seconds: {why}")
        seconds = round(time.monotonic() - began, 3)
        remade = len(made.remade)
        return IngestReport(tuple(plan.outcomes), embedded, seconds, tuple(notes), made.labelling, remade)

    def remove(self, name: str, audience: Audience = EVERYBODY) -> IngestReport:
        """Take out the audience's document with this source name, symbol or id.

        Raises NothingToIngest for an unknown one.
        """
        began = time.monotonic()
        with writer_lock(self.folder, _WAIT_SECONDS):
            # What an older store lacks is needed to read it.
            self.catalog.create()
            known = self.catalog.seen_by(frozenset({audience})).documents()
            chosen = [d for d in known if name in (d.source, d.symbol, d.id)]
            if not chosen:
                raise NothingToIngest(f"no document {name!r}; `itubot documents` lists them")
            plan = Plan([Outcome(d.source, "removed") for d in chosen], [], [d.id for d in chosen])
            self._carry_out(plan, Made(), lambda _: None)
            upkeep.tidy(self.catalog, self.index)
        return IngestReport(tuple(plan.outcomes), 0, round(time.monotonic() - began, 3))

    def _known(self, audience: Audience) -> dict[str, Known]:
        try:
            with self.catalog.seen_by(frozenset({audience})).snapshot() as view:
                roots, counts = view.roots(), view.counts()
                return {d.id: Known(d, roots[d.id], *counts[d.id]) for d in view.documents()}
        except NoStore:
            return {}

    def _carry_out(self, plan: Plan, made: Made, tell: Listener) -> int:
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
        audiences = upkeep.document_audiences(self.catalog) | {d.id: plan.audience for d, _, _ in plan.read}
        of_section = {section.id: audiences[section.document_id] for section in (*renewed, *read)}
        renewed_passages, renewed_texts = self._passages(renewed, of_section)
        passages, texts = self._passages(publication.unwritten(self.catalog, read), of_section)
        embedded = self._embed({**renewed_texts, **texts}, tell)
        windows: dict[Audience, list[str]] = {}
        for passage in (*renewed_passages, *passages):
            if passage.kind == "window":
                windows.setdefault(of_section[passage.section_id], []).append(passage.key)
        windows = {name: publication.unindexed_keys(self.catalog, keys) for name, keys in windows.items()}
        # What a lost segment held has to be indexed again, from the vectors that are kept.
        for name, keys in ({} if renewed else upkeep.window_keys(self.catalog, retired)).items():
            windows[name] = [*windows.get(name, []), *keys]
        segments = self._write_segments(windows, tell)
        entries = self._entries(plan, made, passages)
        publication.publish(
            self.catalog,
            Publication(
                entries=entries,
                removed=plan.removed,
                renamed=plan.renamed,
                remade=made.remade,
                renewed=renewed_passages,
                joined=made.joined,
                segments=segments,
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

    def _passages(
        self, sections: Sequence[Section], of_section: Mapping[str, Audience]
    ) -> tuple[list[Passage], dict[str, str]]:
        """Return the passages of the sections, and the text to embed for each key; the audience by section id."""
        if not sections:
            return [], {}
        passages, texts = [], {}
        for stretch in stretches(sections, self.embedder.lengths):
            key = embedding_key(self.embedder.fingerprint, stretch.embedded)
            key = vector_key(of_section[stretch.section_id], key)
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

    def _write_segments(self, keys: Mapping[Audience, Sequence[str]], tell: Listener) -> list[NewSegment]:
        """Index these vectors, those of each audience in a new segment of its own."""
        wanted = {audience: list(dict.fromkeys(own)) for audience, own in keys.items() if own}
        total = sum(len(own) for own in wanted.values())
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            tell(Progress("publish", done, total))

        return [
            upkeep.write_segment(self.catalog, self.index, audience, own, count)
            for audience, own in wanted.items()
        ]

    @staticmethod
    def _entries(plan: Plan, made: Made, passages: Sequence[Passage]) -> list[Entry]:
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

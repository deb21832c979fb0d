"""An ingest: decides what happens to each file, builds the events, then embeds and publishes everything in one step."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ingest.document.passages import to_passages
from ingest.errors import NothingToIngest
from ingest.event_building import BuiltEvents, build_events, is_outdated
from ingest.events.labels import Labeller
from ingest.files import find_files
from ingest.limits import DocumentLimits
from ingest.planning import (
    Owned,
    Plan,
    StoredDocument,
    drop_failed,
    has_others,
    make_plan,
    move_from_audience,
)
from ingest.readers.sandbox.process import ReadingProcess
from ingest.report import FileOutcome, IngestProgress, IngestReport, ProgressListener, ReindexReport
from store.audiences import Audience
from store.catalog import Catalog, DocumentUpdate, Publication
from store.errors import NoStore
from store.files import FileStorage, StoredFile
from store.records import EVERYBODY, Document
from store.vectors import Embedder, Index
from store.writer import StoreWriter, WriteProgress

# Numbers of paragraphs that a note lists.
_MOST_NUMBERS = 5
# Exports the embedding model unless an export exists, and returns why there is none, "" if there is one. It calls its
# argument just before the export, which takes seconds.
ExportModel = Callable[[Callable[[], None]], str]


class Pipeline:
    """Adds documents to the store and removes them; one run at a time for each data folder, also between processes.

    `reading` makes the process that reads the files of an ingest. `storage` has the files that people sent. A document
    that is beyond the `limits` is refused.
    """

    def __init__(
        self,
        catalog: Catalog,
        index: Index,
        embedder: Embedder,
        folder: Path,
        storage: FileStorage | None = None,
    ) -> None:
        self.catalog = catalog
        self.embedder = embedder
        self.reading: Callable[[], ReadingProcess] = ReadingProcess
        self.limits = DocumentLimits()
        self._writer = StoreWriter(catalog, index, embedder, folder, to_passages, storage)

    def ingest(
        self,
        paths: Sequence[Path],
        *,
        prune: bool = False,
        progress: ProgressListener | None = None,
        labeller: Labeller | None = None,
        bundled: bool = False,
        audience: Audience = EVERYBODY,
        remove_from: Audience | None = None,
        export: ExportModel | None = None,
        copies: Mapping[Path, StoredFile] = MappingProxyType({}),
        owned: Owned | None = None,
    ) -> IngestReport:
        """Ingest the files that `paths` name, for `audience`; documents of other audiences stay as they are.

        Files that cannot be read are named in the report, and the others are ingested.

        Args:
            paths: Files and folders.
            prune: Remove the audience's documents of these folders whose files are gone.
            progress: Called with the progress of each phase.
            labeller: Labels the dates; without one, the rules do.
            bundled: The files come with the program. A store of an earlier version that has other documents is
                updated, and these files are not added.
            audience: Whom the documents are for.
            remove_from: Another audience, from which documents of the same content are removed.
            export: Exports the embedding model, after the documents are published.
            copies: The paths that are temporary copies of stored files. A file is refused if a document comes from
                one of the same name that was sent later.
            owned: The stored files, by digest and time, whose documents these files may replace; all if it is None.

        Raises:
            NothingToIngest: The paths name no document.
            StoreError: The store cannot be written.
        """
        started = time.monotonic()
        notify = progress or (lambda _: None)
        folders = [path for path in paths if path.is_dir()] if prune else []
        try:
            files = [replace(file, stored=copies.get(file.path)) for file in find_files(paths)]
        except NothingToIngest:
            # An emptied folder still has something to prune.
            if not folders:
                raise
            files = []
        notes = []
        with self._writer.open() as is_updated:
            stored = self._stored(audience)
            if bundled and (is_updated or is_outdated(self.catalog)) and has_others(stored, files):
                files = []
                notes.append(
                    "the store is brought up to date; the bundled report is not among its documents and was not added"
                )
            with self.reading() as process:
                plan = make_plan(stored, files, folders, audience, notify, process, self.limits, owned)
            if remove_from is not None:
                move_from_audience(self._stored(remove_from), stored, plan)
            # Before the embedding, which takes minutes: an error in the rules must not waste them.
            fresh = [(document, sections) for document, sections, _ in plan.read]
            built = build_events(self.catalog, fresh, plan.removed, labeller, notify, self.limits)
            drop_failed(built.failed, stored, plan)
            change = _publication(plan, built)
            written = self._writer.publish(change, _write_progress(notify))
            versions = {document.id for document, *_ in plan.read if document.neutral_symbol is not None}
            notes += [*written.notes, *built.notes, *self._unaligned(audience, versions)]
        notes += _export(export, notify)
        return IngestReport(
            documents=_outcomes(plan, change),
            embedded=written.embedded,
            seconds=round(time.monotonic() - started, 3),
            notes=tuple(notes),
            labelling=built.labelling,
            rebuilt=len(change.rebuilt),
        )

    def reindex(
        self, progress: ProgressListener | None = None, export: ExportModel | None = None
    ) -> ReindexReport:
        """Build the index again from the catalog, with the present embedding model, while questions use the former one.

        If it is interrupted, nothing has changed, and the next call uses the vectors that were computed. `progress` and
        `export` are as in `ingest`. Raises NoStore before the first ingest, and StoreError.
        """
        started = time.monotonic()
        notify = progress or (lambda _: None)
        with self.catalog.snapshot():
            pass  # Raises NoStore if there is nothing to index.
        with self._writer.open():
            written = self._writer.publish(Publication(), _write_progress(notify), anew=True)
        notes = [*written.notes, *_export(export, notify)]
        return ReindexReport(
            sections=written.renewed,
            embedded=written.embedded,
            model=self.embedder.fingerprint,
            seconds=round(time.monotonic() - started, 3),
            notes=tuple(notes),
        )

    def remove(self, name: str, audience: Audience = EVERYBODY) -> IngestReport:
        """Remove the audience's document with this file name, symbol or id.

        Raises NothingToIngest if there is none, and StoreError.
        """
        started = time.monotonic()
        with self._writer.open():
            stored = self.catalog.seen_by(frozenset({audience})).documents()
            chosen = [
                document for document in stored if name in (document.source, document.symbol, document.id)
            ]
            if not chosen:
                raise NothingToIngest(f"no document {name!r}; `itubot documents` lists them")
            self._writer.publish(Publication(removed=[document.id for document in chosen]))
        outcomes = tuple(FileOutcome(document.source, "removed") for document in chosen)
        return IngestReport(outcomes, 0, round(time.monotonic() - started, 3))

    def _unaligned(self, audience: Audience, fresh: Set[str]) -> Iterator[str]:
        """Yield which numbers of paragraphs a version in one language has and another one lacks, for new documents."""
        if not fresh:
            return
        versions: defaultdict[str, list[Document]] = defaultdict(list)
        with self.catalog.seen_by(frozenset({audience})).snapshot() as snapshot:
            for document in snapshot.documents():
                if document.neutral_symbol is not None:
                    versions[document.neutral_symbol].append(document)
            for group in versions.values():
                if len(group) < 2 or fresh.isdisjoint(document.id for document in group):
                    continue
                first, *others = sorted(group, key=lambda document: document.distance_of_language("en"))
                numbers = {d.id: dict.fromkeys(s.number for s in snapshot.sections_of(d.id)) for d in group}
                for other in others:
                    if fresh.isdisjoint((first.id, other.id)):
                        continue
                    for whole, partial in ((first, other), (other, first)):
                        if lacking := [n for n in numbers[whole.id] if n not in numbers[partial.id]]:
                            listed = ", ".join(lacking[:_MOST_NUMBERS])
                            more = " and others" if len(lacking) > _MOST_NUMBERS else ""
                            yield f"{partial.symbol} lacks § {listed}{more}, which {whole.symbol} has"

    def _stored(self, audience: Audience) -> dict[str, StoredDocument]:
        """Return id -> document, of the audience's live documents."""
        try:
            with self.catalog.seen_by(frozenset({audience})).snapshot() as snapshot:
                roots, counts = snapshot.roots(), snapshot.counts()
                return {d.id: StoredDocument(d, roots[d.id], *counts[d.id]) for d in snapshot.documents()}
        except NoStore:
            return {}


def _write_progress(notify: ProgressListener) -> WriteProgress:
    return lambda phase, done, total: notify(IngestProgress(phase, done, total))


def _export(export: ExportModel | None, notify: ProgressListener) -> list[str]:
    """Export the model, and return notes. The writer's lock is released before, so that other writers need not wait."""
    if export is not None and (why := export(lambda: notify(IngestProgress("export", 0, 1)))):
        return [f"questions load sentence-transformers, which takes seconds: {why}"]
    return []


def _publication(plan: Plan, built: BuiltEvents) -> Publication:
    """Return the change of the catalog, with the documents in the order of their dates."""
    return Publication(
        documents=[
            DocumentUpdate(document, root, sections, built.events[document.id], built.origins[document.id])
            for document, sections, root in sorted(plan.read, key=lambda item: str(item[0].date or ""))
        ],
        removed=plan.removed,
        renamed=plan.renamed,
        moved=plan.new_places,
        rebuilt=built.rebuilt,
        joined=built.joined,
    )


def _outcomes(plan: Plan, change: Publication) -> tuple[FileOutcome, ...]:
    """Return the plan's outcomes with the numbers of the new events."""
    events = {update.document.id: len(update.events) for update in change.documents}
    events |= {rebuilt.document_id: len(rebuilt.events) for rebuilt in change.rebuilt}
    counts = {plan.file_names[key]: count for key, count in events.items() if key in plan.file_names}
    return tuple(
        one if one.status == "failed" else replace(one, events=counts.get(one.source, one.events))
        for one in plan.outcomes
    )

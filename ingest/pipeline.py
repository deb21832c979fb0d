"""An ingest, one document after the other: read, sections, events, vectors, one transaction.

A killed ingest has published the documents before it, and the next one skips them by their digests.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ingest.document.passages import to_passages
from ingest.errors import NothingToIngest, NotReadable, guarded
from ingest.event_building import DocumentEvents, EventBuilder, is_outdated
from ingest.events.model import EventModel
from ingest.files import find_files
from ingest.limits import DocumentLimits
from ingest.planning import (
    Owned,
    Plan,
    ReadFile,
    StoredDocument,
    has_others,
    move_from_audience,
    take_files,
)
from ingest.readers.sandbox.process import ReadingProcess
from ingest.report import FileOutcome, IngestProgress, IngestReport, ProgressListener, ReindexReport
from store.audiences import Audience
from store.catalog import Catalog
from store.errors import NoStore
from store.files import FileStorage, StoredFile
from store.publication import DocumentUpdate, EventUpdate, Publication
from store.records import EVERYBODY, Document
from store.vectors.encoders import Embedder
from store.vectors.index import Index
from store.writer import StoreWriter, WriteProgress, WriteReport

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
        model: EventModel | None = None,
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
            model: Reads the events; without one, they are told in the documents' own words.
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
        written: list[WriteReport] = []
        with self._writer.open() as is_updated:
            stored = self._stored(audience)
            if bundled and (is_updated or is_outdated(self.catalog)) and has_others(stored, files):
                files = []
                notes.append(
                    "the store is brought up to date; the bundled report is not among its documents and was not added"
                )
            builder = EventBuilder(self.catalog, model, self.limits, notify)

            def publish(change: Publication) -> None:
                written.append(self._writer.publish(change, _write_progress(notify)))

            def take(read: ReadFile) -> int:
                built = _events_of(builder, read)
                update = DocumentUpdate(read.document, read.root, read.sections, built.events, built.reader)
                publish(
                    Publication([update], removed=read.removed, renamed=read.renamed, joined=built.joined)
                )
                return len(built.events)

            # Each new and changed document is read and published before the next one.
            with self.reading() as process:
                plan = take_files(stored, files, folders, audience, notify, process, self.limits, take, owned)

            # Then what is removed or elsewhere, and the repair of the index.
            if remove_from is not None:
                move_from_audience(self._stored(remove_from), stored, plan)
            publish(Publication(removed=plan.removed, renamed=plan.renamed, moved=plan.new_places))

            # At last what former rules read, from the stored sections.
            rebuilt, left = self._rebuild(builder, plan, publish)
            notes += [note for report in written for note in report.notes]
            notes += [*_notes(rebuilt, builder), *left]
        notes += _export(export, notify)
        return IngestReport(
            documents=_outcomes(plan, rebuilt),
            embedded=sum(report.embedded for report in written),
            seconds=round(time.monotonic() - started, 3),
            notes=tuple(dict.fromkeys(notes)),
            labelling=builder.labelling(),
            rebuilt=len(rebuilt),
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

    def _rebuild(
        self, builder: EventBuilder, plan: Plan, publish: Callable[[Publication], None]
    ) -> tuple[dict[str, int], list[str]]:
        """Read outdated events again; return document id -> their number, and notes about those that are left."""
        rebuilt: dict[str, int] = {}
        left: list[str] = []
        for document, sections in builder.outdated({*plan.removed, *plan.published}):
            try:
                built = _events_of(builder, ReadFile(document, sections, ""))
            except NotReadable as error:
                left.append(f"the register of {_display_name(document)} is left as it is: {error}")
                continue
            publish(
                Publication(
                    rebuilt=[EventUpdate(document.id, built.events, built.reader)], joined=built.joined
                )
            )
            rebuilt[document.id] = len(built.events)
        return rebuilt, left

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


def _events_of(builder: EventBuilder, read: ReadFile) -> DocumentEvents:
    with guarded(f"the dates of {read.document.source} cannot be read"):
        return builder.build(read.document, read.sections)


def _display_name(document: Document) -> str:
    """Return a name for messages. Only the readers of a channel's document may know its name."""
    return document.source if document.audience == EVERYBODY else "a document of a Slack channel"


def _notes(rebuilt: Mapping[str, int], builder: EventBuilder) -> Iterator[str]:
    """Yield notes on events that were read again, and on sections that a model did not read."""
    if rebuilt:
        documents = "1 document" if len(rebuilt) == 1 else f"{len(rebuilt)} documents"
        yield f"the register was rebuilt for {documents} from the stored paragraphs"
    labelling = builder.labelling()
    if labelling is not None and labelling.to_rules:
        count = "1 section" if labelling.to_rules == 1 else f"{labelling.to_rules} sections"
        why = "; ".join(labelling.why)
        yield f"the dates of {count} were read by the rules alone ({why}); the next ingest asks the model again"


def _outcomes(plan: Plan, rebuilt: Mapping[str, int]) -> tuple[FileOutcome, ...]:
    """Return the plan's outcomes with the numbers of events that were read again."""
    counts = {plan.file_names[key]: count for key, count in rebuilt.items() if key in plan.file_names}
    return tuple(
        one if one.status == "failed" else replace(one, events=counts.get(one.source, one.events))
        for one in plan.outcomes
    )

"""A fetch of a source: asks for each of its files, takes what changed into the library, and out what is gone.

What changed is decided by the content. A file is stored and recorded as soon as it is here, and once more when the
library has it: the fetch that follows one that was killed goes on where that ended.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

from ingest.errors import fault
from ingest.events.model import EventModel
from ingest.pipeline import Pipeline
from ingest.readers.choice import MEDIA_TYPES, READERS
from ingest.report import (
    FetchedDocument,
    FetchReport,
    FetchStatus,
    FileOutcome,
    IngestProgress,
    ProgressListener,
)
from ingest.sources.errors import AskLater, GoneAtSource, SourceError
from ingest.sources.folders import Folder
from ingest.sources.listing import LISTING_BYTES, Listing, gives_page, is_page, look
from ingest.sources.web import Content, Manners, Web
from store.errors import NoStore, StoreBusy
from store.files import FileStorage, StoredFile, local_copies
from store.jobs import FetchStore, Lease, Seen, Source, SourceFile, SourceStore
from store.kept import Form
from store.records import Document

_LOG = logging.getLogger(__name__)

_DAY = 24 * 3600.0
# The most files of a source.
MOST_FILES = 1_000
# While another program writes to the library.
_BUSY_SECONDS = 300.0
# The files of one ingest.
_BATCH = 50
# Revisions of a document that come in one fetch.
_MOST_TURNS = 5
_NAME_BYTES = 150
# What Windows refuses in a name, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_HEAD_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches sources into the library. A document that is gone at its source stays for `kept_days`.

    `clock` returns the time in seconds since 1970.
    """

    sources: SourceStore
    fetches: FetchStore
    pipeline: Pipeline
    storage: FileStorage
    manners: Manners
    kept_days: int
    model: EventModel | None = None
    clock: Callable[[], float] = time.time

    def fetch(self, source: Source, lease: Lease, progress: ProgressListener | None = None) -> FetchReport:
        """Fetch a source under the lease of its job, which is done then. Raises LeaseLost, StoreError, OSError."""
        source = self.fetches.begin_round(lease, source, self.clock())
        with TemporaryDirectory(prefix="itubot-") as folder:
            return _Round(self, source, lease, Path(folder), progress or (lambda _: None)).run()


class _Round:
    """One fetch of a source, with its files by their addresses."""

    def __init__(
        self, fetcher: Fetcher, source: Source, lease: Lease, folder: Path, notify: ProgressListener
    ) -> None:
        self._by = fetcher
        self._source = source
        self._lease = lease
        self._target = folder / "content"
        self._notify = notify
        self._files = {file.url: file for file in fetcher.sources.files(source)}
        self._web = Web(fetcher.manners, fetcher.clock)
        self._folder = None if source.is_web else Folder(source.url, fetcher.manners, fetcher.clock)
        self._documents: dict[str, FetchedDocument] = {}
        self._notes: list[str] = []
        # Requests for files of this fetch that were answered, and why the last of the others was not.
        self._answered = 0
        self._error = ""

    def run(self) -> FetchReport:
        """Ask for everything that is due, and take it into the library."""
        later: AskLater | None = None
        is_gone = False
        try:
            try:
                self._look()
            except GoneAtSource as error:
                # Its files may be gone too, or not.
                is_gone, self._error = True, str(error)
            self._ask_for_files()
            self._ask_for_files()  # of the pages that were found among them
        except AskLater as error:
            later, self._error = error, str(error)
        except SourceError as error:
            self._error = str(error)
        try:
            self._ingest()
            if self._remove_gone():
                self._ingest()
        except StoreBusy as error:
            # What came is stored. A server is not asked again and again until then.
            later, self._error = AskLater(str(error), _BUSY_SECONDS), str(error)
        now = self._now()
        failed = is_gone or bool(self._error and not self._answered)
        if later is not None:
            # The fetch goes on then.
            wait = now + later.seconds
            source = replace(self._source, due_at=wait, fetched_at=now, problem=self._error)
        elif failed:
            source = self._source.failed(self._error, now)
        else:
            due = now + self._source.every
            source = replace(
                self._source, began_at=0.0, fetched_at=now, due_at=due, failures=0, problem="", told=False
            )
        self._by.fetches.finish(self._lease, source)
        return self._report(failed or later is not None, is_gone)

    def _report(self, failed: bool, is_gone: bool) -> FetchReport:
        documents = tuple(sorted(self._documents.values(), key=lambda document: document.source))
        statuses = {document.status for document in documents}
        status: FetchStatus
        own = self._files.get(self._source.url)
        if is_gone or (self._source.form == "document" and (own is None or own.missing_on)):
            status = "gone"
        elif failed:
            status = "failed"
        else:
            status = "changed" if statuses & {"new", "changed", "removed"} else "unchanged"
        error = self._error if failed or is_gone else None
        return FetchReport(self._source.name, self._source.url, status, documents, error, tuple(self._notes))

    def _look(self) -> None:
        """Find out what the source lists, and record it. Raises SourceError."""
        source = self._source
        if self._folder is not None:
            self._list("folder", Seen(), self._folder.files(source.pattern))
        elif source.form == "document":
            if source.url not in self._files:  # it was gone for long
                self._list("document", Seen(), [source.url])
        elif (content := self._web.fetch(source.url, self._target, self._believed(source.seen))) is not None:
            if content.seen.sha256 == source.seen.sha256:
                self._source = replace(source, seen=content.seen)
                return
            found = self._looked_at(content)
            if found.form == "document" and source.form:
                # A page whose links are gone, or an error that looks like a page: nothing is listed any more.
                found = replace(found, form=source.form)
            if found.form == "document":
                self._list("document", Seen(), [source.url])
                self._take(self._files[source.url], content)
                self._answered += 1
            else:
                if not found.links:
                    self._notes.append("it lists no document that could be taken")
                self._list(found.form, content.seen, found.links)

    def _looked_at(self, content: Content) -> Listing:
        """Return what a content is. Raises SourceError, also for an error in the parsers of pages and feeds."""
        with content.file.open("rb") as file:
            data = file.read(LISTING_BYTES + 1)
        try:
            return look(data, content.url, self._source.pattern, content.type)
        except Exception as error:
            _LOG.warning("a page or feed cannot be read", exc_info=True)
            raise SourceError(fault(error)) from error

    def _list(self, form: Form, seen: Seen, urls: Sequence[str]) -> None:
        """Record what the source lists now."""
        if len(urls) > MOST_FILES:
            self._notes.append(
                f"it lists {len(urls):,} documents, of which the first {MOST_FILES:,} are taken"
            )
        listed = dict.fromkeys(urls[:MOST_FILES])
        changed = [
            replace(file, listed=file.url in listed)
            for file in self._files.values()
            if file.listed != (file.url in listed)
        ]
        changed += [SourceFile(self._source.id, url) for url in listed if url not in self._files]
        self._source = replace(self._source, form=form, seen=seen)
        self._by.fetches.record_listing(self._lease, self._source, changed)
        self._files |= {file.url: file for file in changed}

    def _ask_for_files(self) -> None:
        """Ask for the files that were not asked for in this fetch yet. Raises AskLater."""
        due = [file for file in self._files.values() if self._is_due(file)]
        for number, file in enumerate(due):
            name = file.name or _name_of_address(file.url)
            self._notify(IngestProgress("fetch", number, len(due), name))
            try:
                self._ask_for(file)
                self._answered += 1
            except AskLater:
                raise
            except SourceError as error:
                self._error = str(error)
                self._keep(
                    replace(file, asked_at=self._now(), problem=file.problem or self._unread(file, error))
                )
                self._documents[name] = FetchedDocument(name, "failed", str(error))
        if due:
            self._notify(IngestProgress("fetch", len(due), len(due)))

    def _is_due(self, file: SourceFile) -> bool:
        if file.asked_at and file.asked_at >= self._source.began_at:
            return False
        # What is listed no more is asked for once a day, to know whether it is gone.
        return file.listed or self._folder is not None or self._now() - file.asked_at >= _DAY

    @staticmethod
    def _unread(file: SourceFile, error: SourceError) -> str:
        """Return the problem of a file of which nothing was ever read."""
        return "" if file.seen.sha256 else str(error)

    def _ask_for(self, file: SourceFile) -> None:
        """Ask for one file, and record what came. Raises SourceError."""
        try:
            if self._folder is None:
                content = self._web.fetch(file.url, self._target, self._believed(file.seen))
            elif file.listed:
                content = self._folder.fetch(file.url, self._target, file.seen)
            else:
                raise GoneAtSource("the folder does not have it any more")
        except GoneAtSource as error:
            if not file.seen.sha256:
                raise
            self._mark_missing(file, error)
            return
        if content is None:
            self._keep(replace(file, asked_at=self._now(), missing_on=None, gone=False, told=False))
        elif self._source.form != "document" or not self._became_page(file, content):
            self._take(file, content)

    def _became_page(self, file: SourceFile, content: Content) -> bool:
        """Take what a document lists now, which was a web page without links to documents, in its place."""
        found = self._looked_at(content)
        if found.form == "document":
            return False
        self._remove(lambda document: (document.original, document.sent_at) == (file.given, file.given_at))
        self._drop(file)
        self._list(found.form, content.seen, found.links)
        self._ask_for_files()
        return True

    def _take(self, file: SourceFile, content: Content) -> None:
        """Record a content that came, and store it if it is another one than before. Raises SourceError."""
        present = replace(
            file, seen=content.seen, asked_at=self._now(), missing_on=None, gone=False, told=False
        )
        if content.seen.sha256 == file.seen.sha256:
            # The time of what waits for the library stays: its document may have it.
            self._keep(
                replace(present, seen=replace(content.seen, read_at=file.seen.read_at))
                if present.is_waiting
                else present
            )
            return
        with content.file.open("rb") as opened:
            is_web_page = self._folder is None and is_page(opened.read(_HEAD_BYTES), content.type)
        if is_web_page and not gives_page(file.url):
            raise SourceError("its address gives a web page and not a file; it may need credentials")
        if is_web_page and self._source.form == "page" and (further := self._further(content)):
            self._keep(replace(present, name="", problem=""), *further)
        elif (former := self._moved_to(file, content.seen.sha256)) is not None:
            self._drop(former)
            known = {name: getattr(former, name) for name in ("name", "given", "given_at", "problem")}
            self._keep(replace(present, **known))
        else:
            self._by.storage.put(content.file)
            name = file.name or self._free_name(_file_name(content, file.url))
            self._keep(replace(present, name=name, problem=""))

    def _further(self, content: Content) -> list[SourceFile]:
        """Return the files that a linked page lists, such as the versions of one document; no further pages."""
        found = self._looked_at(content)
        links = [link for link in found.links if not gives_page(link)]
        room = max(0, MOST_FILES - len(self._files))
        known = [self._files[link] for link in links if link in self._files]
        new = [SourceFile(self._source.id, link, listed=False) for link in links if link not in self._files]
        return [*known, *new[:room]]

    def _moved_to(self, file: SourceFile, sha256: str) -> SourceFile | None:
        """Return the file that is now at the address of a new one: of the same content, and listed no more."""
        if file.seen.sha256:
            return None
        others = (other for other in self._files.values() if not other.listed and other.given)
        return next((other for other in others if other.seen.sha256 == sha256), None)

    def _mark_missing(self, file: SourceFile, error: GoneAtSource) -> None:
        today = self._today()
        missing_on = file.missing_on or today
        gone = today > missing_on
        self._keep(replace(file, asked_at=self._now(), missing_on=missing_on, gone=gone))
        if gone and not file.gone and file.given:
            self._documents[file.name] = FetchedDocument(file.name, "gone", str(error))

    def _ingest(self) -> None:
        """Take the files that wait into the library."""
        waiting = [file for file in self._files.values() if file.is_waiting]
        for start in range(0, len(waiting), _BATCH):
            turn: Sequence[SourceFile] = waiting[start : start + _BATCH]
            for _ in range(_MOST_TURNS):
                # Of several revisions of a document, one comes after the other.
                duplicates = self._ingest_batch(turn)
                if not duplicates or len(duplicates) == len(turn):
                    break
                turn = duplicates

    def _ingest_batch(self, batch: Sequence[SourceFile]) -> list[SourceFile]:
        """Take files into the library; return those that it has from other files, or that are the same as others."""
        by, audience = self._by, self._source.audience
        lost = [file for file in batch if not by.storage.has(file.seen.sha256)]
        self._keep(*(replace(file, seen=Seen()) for file in lost))  # They are read again in the next fetch.
        files = {file.name: file for file in batch if file not in lost}
        if not files:
            return []
        owned = {
            pair
            for file in by.sources.files_for(audience)
            for pair in ((file.given, file.given_at), (file.seen.sha256, file.seen.read_at))
        }
        stored = [StoredFile(file.name, file.seen.sha256, file.seen.read_at) for file in files.values()]
        with local_copies(by.storage, stored) as copies:
            report = by.pipeline.ingest(
                list(copies),
                progress=self._notify,
                model=by.model,
                audience=audience,
                copies=copies,
                owned=owned,
            )
        outcomes: dict[str, list[FileOutcome]] = {name: [] for name in files}
        for outcome in report.documents:
            if outcome.file is not None:
                outcomes[outcome.file.name].append(outcome)
        self._keep(*(_given(file, outcomes[name]) for name, file in files.items()))
        for name, found in outcomes.items():
            self._documents.pop(name, None)
            for outcome in found:
                status = "unchanged" if outcome.duplicate else outcome.status
                self._documents[outcome.source] = FetchedDocument(outcome.source, status, outcome.error)
        self._remove_replaced(list(files.values()))
        return [
            file
            for name, file in files.items()
            if outcomes[name] and all(o.duplicate for o in outcomes[name])
        ]

    def _remove_replaced(self, files: Iterable[SourceFile]) -> None:
        """Remove the documents of archives whose new versions do not have them any more."""
        former = {
            (file.given, file.given_at)
            for file in files
            if file.given and self._files[file.url].given == file.seen.sha256
        }
        if not former:
            return
        self._remove(
            lambda document: (document.original, document.sent_at) in former and "/" in document.source
        )

    def _remove_gone(self) -> bool:
        """Remove the documents of files that have been gone for long; return whether there were any.

        Other files that are the same documents wait for the library then.
        """
        gone = [
            file
            for file in self._files.values()
            if file.gone
            and file.missing_on is not None
            and (self._today() - file.missing_on).days >= self._by.kept_days
        ]
        if not gone:
            return False
        given = {(file.given, file.given_at) for file in gone if file.given}
        self._remove(lambda document: (document.original, document.sent_at) in given)
        again = [
            replace(file, problem="")
            for file in self._files.values()
            if file not in gone and file.problem and file.seen.sha256
        ]
        self._keep(*again)
        self._drop(*gone)
        return True

    def _remove(self, is_chosen: Callable[[Document], bool]) -> None:
        for document in filter(is_chosen, self._present()):
            self._by.pipeline.remove(document.id, self._source.audience)
            self._documents[document.source] = FetchedDocument(document.source, "removed")

    def _free_name(self, name: str) -> str:
        """Return a name that no other document of the audience has."""
        taken = self._taken
        stem, suffix = name.removesuffix(PurePosixPath(name).suffix), PurePosixPath(name).suffix
        number = 1
        while name in taken:
            number += 1
            name = f"{stem} ({self._source.name}{f' {number - 1}' if number > 2 else ''}){suffix}"
        taken.add(name)
        return name

    @cached_property
    def _taken(self) -> set[str]:
        """The names that the audience's documents and files of sources have."""
        taken = {document.source.partition("/")[0] for document in self._present()}
        return taken | {file.name for file in self._by.sources.files_for(self._source.audience)}

    def _present(self) -> list[Document]:
        """Return the audience's documents."""
        try:
            return self._by.pipeline.catalog.seen_by(frozenset({self._source.audience})).documents()
        except NoStore:
            return []

    def _believed(self, seen: Seen) -> Seen:
        """Return what a server is told of the known content. A date alone, which may be old, counts for a day."""
        return seen if seen.etag or self._now() - seen.read_at < _DAY else Seen()

    def _keep(self, *files: SourceFile) -> None:
        if files:
            self._by.fetches.record(self._lease, *files)
            self._files |= {file.url: file for file in files}

    def _drop(self, *files: SourceFile) -> None:
        self._by.fetches.drop(self._lease, *files)
        for file in files:
            del self._files[file.url]

    def _now(self) -> float:
        return self._by.clock()

    def _today(self) -> date:
        return datetime.fromtimestamp(self._now(), UTC).date()


def _given(file: SourceFile, outcomes: Sequence[FileOutcome]) -> SourceFile:
    """Return a file after its ingest."""
    if any(outcome.status != "failed" for outcome in outcomes):
        return replace(file, given=file.seen.sha256, given_at=file.seen.read_at, problem="")
    return replace(file, problem=next((o.error for o in outcomes if o.error), "no document was found in it"))


def _file_name(content: Content, url: str) -> str:
    """Return the name of a file as its server gives it, else by its address, with the suffix of its format."""
    names = [content.name, _name_of_address(url), _name_of_address(content.url)]
    known = {*READERS, ".zip"}
    name = next((n for n in names if n and PurePosixPath(n).suffix.casefold() in known), "")
    if not name:
        name = next((n for n in names if n), "document") + MEDIA_TYPES.get(content.type, "")
    return _plain(name)


def _name_of_address(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.netloc or url


def _plain(name: str) -> str:
    """Return a name as that of a file: no folder, nothing invisible or hidden, not too long."""
    seen = "".join(c for c in name if c.isprintable())
    plain = _FORBIDDEN.sub("_", " ".join(seen.split())).lstrip(".~$ ").rstrip(". ") or "document"
    suffix = PurePosixPath(plain).suffix
    stem = plain.removesuffix(suffix).encode()[:_NAME_BYTES].decode(errors="ignore").rstrip(". ")
    return (stem or "document") + suffix[:20]

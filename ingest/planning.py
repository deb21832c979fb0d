"""Which files and documents of an ingest are new, changed, unchanged, removed or failed; new ones are taken one by one.

A file is matched to a stored document by path, else by name, else by content if the document's own file is gone. A
document's path is its folder and its name below it. So a file stays the same document whether its folder is given as a
relative path, through a link, or as a part of another folder. A stored file (see `store.files`) has no folder: it
belongs to the document of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.document.facts import revision
from ingest.errors import Duplicate, NotReadable, guarded
from ingest.files import InputFile, content_hash, is_archive, read_bytes, read_document
from ingest.limits import DocumentLimits
from ingest.readers.sandbox.process import ReadingProcess
from ingest.readers.zip_archive import ZipArchive
from ingest.report import SUPERSEDED, FileOutcome, IngestProgress, ProgressListener, Status
from store.audiences import Audience
from store.publication import FilePlace
from store.records import EVERYBODY, Document, Section

# The digests of stored files, and when each was sent.
Owned = Collection[tuple[str | None, float | None]]


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A live document, its folder, and its numbers of sections and events."""

    document: Document
    root: str
    sections: int
    events: int

    @property
    def place(self) -> FilePlace:
        """Its folder and name, or its stored file."""
        document = self.document
        return FilePlace(self.root, document.source, document.original, document.sent_at)

    @property
    def path(self) -> Path:
        """Path of its file, or of its member of an archive."""
        return Path(self.root) / self.document.source

    def exists(self) -> bool:
        """Whether its file, or its member of an archive, exists; True if that cannot be decided."""
        if self.document.original is not None:
            return True  # in the file storage
        try:
            if self.path.exists():
                return True
            archive = next((p for p in self.path.parents if is_archive(p) and p.is_file()), None)
            if archive is None:
                return False
            return self.path.relative_to(archive).as_posix() in ZipArchive(archive).members
        except (NotReadable, OSError):
            return True


class _DocumentMatcher:
    """Matches the files of one ingest to the stored documents, and remembers the names that it assigned.

    The paths of the files are resolved.
    """

    def __init__(self, stored: Mapping[str, StoredDocument], files: Iterable[InputFile]) -> None:
        self._by_path = {known.path: known for known in stored.values()}
        self._by_name = {known.document.source: known for known in stored.values()}
        self._by_content: dict[str, list[StoredDocument]] = {}
        self._wanted = {file.name for file in files}
        self._assigned: dict[str, Path] = {}
        self._sent: dict[str, float] = {}
        for known in stored.values():
            self._by_content.setdefault(known.document.content_hash, []).append(known)
            # The name of a member of an archive begins with that of the archive.
            file_name = known.document.source.partition("/")[0]
            self._sent[file_name] = max(known.document.sent_at or 0.0, self._sent.get(file_name, 0.0))

    def is_new(self, file: InputFile) -> bool:
        """Whether no stored document comes from a file of this path or name."""
        return file.full_path not in self._by_path and file.name not in self._by_name

    def elsewhere(self, content_hash: str) -> StoredDocument | None:
        """Return a stored document of this content whose file exists and is not in this ingest."""
        return next((known for known in self._outside(content_hash) if known.exists()), None)

    def _outside(self, content_hash: str) -> Iterator[StoredDocument]:
        """Yield the stored documents of this content whose names no file of this ingest has."""
        same = self._by_content.get(content_hash, ())
        return (known for known in same if known.document.source not in self._wanted)

    def is_superseded(self, file: InputFile) -> bool:
        """Whether a stored document comes from a file of the same name that was sent later."""
        return file.stored is not None and self._sent.get(file.stored.name, 0.0) > file.stored.sent_at

    def match(self, file: InputFile, content_hash: str) -> tuple[InputFile, StoredDocument | None]:
        """Return the file under the name of its document, and that document if it is stored.

        A file that was found in a folder gets the folder's name in front of its own if another file has the same name.
        A file whose own path was given is a new version of the document of its name, whatever folder that came from.
        """
        path = file.full_path
        match = self._by_path.get(path)
        if match is not None:
            file = replace(file, root=Path(match.root))
        else:
            while self._is_name_taken(file, content_hash) and file.root != file.root.parent:
                file = replace(file, root=file.root.parent)
            match = self._by_name.get(file.name)
        self._assigned[file.name] = path
        return file, match

    def _is_name_taken(self, file: InputFile, content_hash: str) -> bool:
        if self._assigned.get(file.name, file.full_path) != file.full_path:
            return True
        namesake = self._by_name.get(file.name)
        if namesake is None or file.named or namesake.document.content_hash == content_hash:
            return False
        return namesake.exists()

    def is_same_file(self, file: InputFile, match: StoredDocument) -> bool:
        """Whether the file is the only file of the document that it matches."""
        if file.stored is not None:
            return match.document.original is not None
        return match.path == file.full_path or not match.exists()

    def of_moved_file(
        self, file: InputFile, content_hash: str, seen: Collection[str]
    ) -> StoredDocument | None:
        """Return the document of this content whose file is gone because it was moved or renamed; none of `seen`."""
        if file.stored is not None:
            return None  # Files in folders may be on another host.
        free = (known for known in self._outside(content_hash) if known.document.id not in seen)
        return next((known for known in free if not known.exists()), None)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A new or changed document with its sections and folder, and the documents that it replaces.

    `removed` are their ids; `renamed` has those that continue under its id (former id -> id).
    """

    document: Document
    sections: Sequence[Section]
    root: str
    removed: Sequence[str] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


# Publishes a document, and returns its number of events. Raises NotReadable if it is refused.
Take = Callable[[ReadFile], int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What became of the files of an ingest for `audience`, and what is left to do; documents are ids."""

    audience: Audience = EVERYBODY
    outcomes: list[FileOutcome] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Documents to remove."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Those of them that continue under another id: former id -> id."""
    new_places: dict[str, FilePlace] = field(default_factory=dict)
    """Where the files of unchanged documents are now, if they were moved."""
    file_names: dict[str, str] = field(default_factory=dict)
    """Document -> the name of its file, for all files that were found."""
    contents: dict[str, str] = field(default_factory=dict)
    """Content hash -> the document that has this content, of those files and of the files that are copies."""
    published: set[str] = field(default_factory=set)
    """New and changed documents, and those that they replaced."""

    def add_found(self, document: str, content_hash: str, name: str) -> None:
        """Record that the file with this name is the document's."""
        self.file_names[document] = name
        self.contents[content_hash] = document


def take_files(
    stored: Mapping[str, StoredDocument],
    files: Sequence[InputFile],
    pruned: Sequence[Path],
    audience: Audience,
    notify: ProgressListener,
    process: ReadingProcess,
    limits: DocumentLimits,
    take: Take,
    owned: Owned | None = None,
) -> Plan:
    """Read and `take` the new and changed `files`, and plan to remove missing ones of the folders `pruned`.

    `stored` has the audience's documents by id. `owned`: the stored files whose documents these files may replace, all
    if it is None.
    """
    plan = Plan(audience)
    files = [file.resolved() for file in files]
    matcher = _DocumentMatcher(stored, files)
    planner = _Planner(plan, stored, matcher, process, limits, take, owned)
    # The files of stored documents first: a new file may be a copy of one.
    for number, file in enumerate(sorted(files, key=matcher.is_new)):
        notify(IngestProgress("read", number, len(files), file.name))
        try:
            planner.take_file(file)
        except NotReadable as error:
            # Its document stays until the file can be read.
            named, match = matcher.match(file, "")
            duplicate = isinstance(error, Duplicate)
            plan.outcomes.append(
                FileOutcome(named.name, "failed", error=str(error), file=named.path, duplicate=duplicate)
            )
            if match is not None:
                plan.file_names.setdefault(match.document.id, named.name)
    notify(IngestProgress("read", len(files), len(files)))

    # Folders whose documents were found elsewhere: if such a folder is gone, it was moved, and is pruned too.
    old_roots = {stored[key].root for key in plan.new_places if not Path(stored[key].root).is_dir()}
    folders = [folder.resolve() for folder in pruned]
    for known in stored.values() if pruned else ():
        is_pruned = known.root in old_roots or any(known.path.is_relative_to(folder) for folder in folders)
        if is_pruned and known.document.id not in {*plan.file_names, *plan.published} and not known.exists():
            plan.outcomes.append(FileOutcome(known.document.source, "removed"))
            plan.removed.append(known.document.id)
    return plan


def move_from_audience(
    others: Mapping[str, StoredDocument], stored: Mapping[str, StoredDocument], plan: Plan
) -> None:
    """Plan to remove another audience's documents that have the same content as documents of the plan."""
    ids = {stored[key].document.content_hash: key for key in plan.file_names if key in stored} | plan.contents
    for former, known in others.items():
        if (now := ids.get(known.document.content_hash)) is not None:
            plan.removed.append(former)
            plan.renamed[former] = now


def has_others(stored: Mapping[str, StoredDocument], files: Sequence[InputFile]) -> bool:
    """Whether there are stored documents, and none of them has the name of one of the files."""
    live = {known.document.source for known in stored.values()}
    return bool(live) and live.isdisjoint(file.name for file in files)


@dataclass(frozen=True, slots=True)
class _Planner:
    """Takes the files of one ingest, one by one."""

    plan: Plan
    stored: Mapping[str, StoredDocument]
    matcher: _DocumentMatcher
    process: ReadingProcess
    limits: DocumentLimits
    take: Take
    owned: Owned | None

    def take_file(self, file: InputFile) -> None:
        """Add one file to the plan as an unchanged document, or read and take it. Raises NotReadable."""
        plan, matcher = self.plan, self.matcher
        if matcher.is_superseded(file):
            raise NotReadable(SUPERSEDED)
        data = read_bytes(file)
        hashed = content_hash(file, data)
        file, match = matcher.match(file, hashed)
        former = matcher.of_moved_file(file, hashed, plan.file_names) if match is None else None

        # A document that needs no reading.
        same = _unchanged(match, former, hashed)
        if same is not None:
            plan.add_found(same.document.id, hashed, file.name)
            if same.place != file.place and (file.stored is not None or not same.exists()):
                plan.new_places[same.document.id] = file.place
            self._report(file, "unchanged", same.document, same.sections, same.events)
            return

        # A new file may be a copy of one that stays, or that was taken before.
        if match is None:
            if hashed not in plan.contents and (elsewhere := matcher.elsewhere(hashed)) is not None:
                plan.add_found(elsewhere.document.id, hashed, elsewhere.document.source)
            if hashed in plan.contents:
                raise Duplicate(f"it has the same content as {plan.file_names[plan.contents[hashed]]}")

        with guarded(f"{file.name} cannot be read"):
            document, sections = read_document(file, data, self.process.read, plan.audience)
        document = replace(document, content_hash=hashed)
        self.limits.check_size(sections)
        if document.id in plan.file_names:
            raise _same_document(document, plan.file_names[document.id])
        self._check_owned(document, match)

        # The file's former version had another symbol, or none.
        renamed = match is not None and match.document.id != document.id and matcher.is_same_file(file, match)
        moved = former is not None and former.document.id != document.id
        replaced = [known for known, gone in ((match, renamed), (former, moved)) if known and gone]
        ids = [known.document.id for known in replaced]
        events = self.take(
            ReadFile(document, sections, file.place.root, ids, dict.fromkeys(ids, document.id))
        )
        plan.add_found(document.id, hashed, file.name)
        plan.published.update([document.id, *ids])
        if former is not None and moved:
            plan.outcomes.append(FileOutcome(former.document.source, "removed"))
        changed = document.id in self.stored or renamed
        self._report(file, "changed" if changed else "new", document, len(sections), events)

    def _report(
        self, file: InputFile, status: Status, document: Document, sections: int, events: int
    ) -> None:
        self.plan.outcomes.append(
            FileOutcome(file.name, status, sections, events, notes=document.notes, file=file.path)
        )

    def _check_owned(self, document: Document, match: StoredDocument | None) -> None:
        """Raise Duplicate where a source's file would replace what the source did not give, or something newer."""
        known = self.stored.get(document.id)
        for other in (match, known) if self.owned is not None else ():
            if other and (other.document.original, other.document.sent_at) not in (self.owned or ()):
                raise Duplicate(
                    f"somebody has put {other.document.source} into the library, and it stays as it is"
                )
        if self.owned is None or known is None or known == match:
            return
        if revision(document.symbol or "") <= revision(known.document.symbol or ""):
            raise _same_document(document, known.document.source)


def _unchanged(
    match: StoredDocument | None, former: StoredDocument | None, hashed: str
) -> StoredDocument | None:
    """Return the stored document that needs no reading: `match`, if it has this hash, or `former`, which has it."""
    if match is not None and match.document.content_hash == hashed:
        return match
    # A moved file is read again if its name gave a fact, or the id, which a document without a symbol has from it.
    if former and former.document.symbol and "file name" not in former.document.found.values():
        return former
    return None


def _same_document(document: Document, source: str) -> Duplicate:
    return Duplicate(f"it is the same document ({document.symbol or document.source}) as {source}")

"""Matches files to the documents of the store: by path, else by name, else by the content of a file that is gone.

A document's folder and its name below that make its path. So a file stays the same document whether its folder is
given as a relative path, through a link, or as a part of another folder. A stored file (see `store.files`) has no
folder: it is the document of its name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest import archives
from ingest.errors import NotReadable
from ingest.files import Source
from store.catalog import FilePlace
from store.records import Document


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
        one = self.document
        return FilePlace(self.root, one.source, one.original, one.sent_at)

    @property
    def path(self) -> Path:
        """Path of its file, or of its member of an archive."""
        return Path(self.root) / self.document.source

    def exists(self) -> bool:
        """Return whether its file, or its member of an archive, exists; True if that cannot be found out."""
        if self.document.original is not None:
            return True  # in the file storage
        try:
            if self.path.exists():
                return True
            archive = next((p for p in self.path.parents if archives.is_archive(p) and p.is_file()), None)
            if archive is None:
                return False
            return self.path.relative_to(archive).as_posix() in archives.open_archive(archive).members
        except (NotReadable, OSError):
            return True


class DocumentMatcher:
    """Matches the files of one ingest to the stored documents, and remembers the names that it assigned."""

    def __init__(self, stored: Mapping[str, StoredDocument], sources: Iterable[Source]) -> None:
        self._stored = list(stored.values())
        self._by_path = {one.path: one for one in self._stored}
        self._by_name = {one.document.source: one for one in self._stored}
        self._by_content: dict[str, list[StoredDocument]] = {}
        for one in self._stored:
            self._by_content.setdefault(one.document.content_hash, []).append(one)
        self._wanted = {source.name for source in sources}
        self._assigned: dict[str, Path] = {}
        self._sent: dict[str, float] = {}
        for one in self._stored:
            # The name of a member of an archive begins with that of the archive.
            file = one.document.source.partition("/")[0]
            self._sent[file] = max(one.document.sent_at or 0.0, self._sent.get(file, 0.0))

    def is_new(self, source: Source) -> bool:
        """Return whether no document comes from a file of this path, or, for a stored file, of this name."""
        if source.stored is not None:
            return source.name not in self._by_name
        return source.resolved().full_path not in self._by_path

    def of_content(self, content_hash: str) -> Sequence[StoredDocument]:
        """Return the stored documents of this content."""
        return self._by_content.get(content_hash, ())

    def stays(self, one: StoredDocument, seen: Collection[str]) -> bool:
        """Return whether the file of a document is one of `seen`, or exists and is not in this ingest."""
        return one.document.id in seen or (one.document.source not in self._wanted and one.exists())

    def is_superseded(self, source: Source) -> bool:
        """Return whether a document comes from a stored file of the same name that was sent later."""
        return source.stored is not None and self._sent.get(source.stored.name, 0.0) > source.stored.sent_at

    def match(self, source: Source, content_hash: str) -> tuple[Source, StoredDocument | None]:
        """Return the source under the name of its document, and that document if it is stored.

        A file that was found in a folder gets the name of its folder in front if another file has its name. A file
        whose own path was given is a new version of the document of its name, from whatever folder that came.
        """
        source = source.resolved()
        path = source.full_path
        match = self._by_path.get(path)
        if match is not None:
            source = replace(source, root=Path(match.root))
        else:
            while self._is_name_taken(source, content_hash) and source.root != source.root.parent:
                source = replace(source, root=source.root.parent)
            match = self._by_name.get(source.name)
        self._assigned[source.name] = path
        return source, match

    def _is_name_taken(self, source: Source, content_hash: str) -> bool:
        if self._assigned.get(source.name, source.full_path) != source.full_path:
            return True
        namesake = self._by_name.get(source.name)
        if namesake is None or source.named or namesake.document.content_hash == content_hash:
            return False
        return namesake.exists()

    def is_same_file(self, source: Source, match: StoredDocument) -> bool:
        """Return whether the source is the only file of the document that it matches."""
        if source.stored is not None:
            return match.document.original is not None
        return match.path == source.full_path or not match.exists()

    def of_moved_file(
        self, source: Source, content_hash: str, seen: Collection[str]
    ) -> StoredDocument | None:
        """Return the document of this content whose file is gone, as it was moved or renamed; not one of `seen`."""
        if source.stored is not None:
            return None  # Files in folders may be on another host.
        free = (
            one
            for one in self.of_content(content_hash)
            if one.document.id not in seen and one.document.source not in self._wanted
        )
        return next((one for one in free if not one.exists()), None)

"""Matches files to stored documents: by path, else by name, else by content if the document's own file is gone.

A document's path is its folder and its name below it. So a file stays the same document whether its folder is given
as a relative path, through a link, or as a part of another folder. A stored file (see `store.files`) has no folder:
it belongs to the document of the same name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ingest import archives
from ingest.errors import NotReadable
from ingest.files import InputFile
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
        """Return whether its file, or its member of an archive, exists; True if that cannot be decided."""
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
    """Matches the files of one ingest to the stored documents, and remembers the names that it assigned.

    The paths of the files are resolved.
    """

    def __init__(self, stored: Mapping[str, StoredDocument], files: Iterable[InputFile]) -> None:
        self._stored = list(stored.values())
        self._by_path = {one.path: one for one in self._stored}
        self._by_name = {one.document.source: one for one in self._stored}
        self._by_content: dict[str, list[StoredDocument]] = {}
        for one in self._stored:
            self._by_content.setdefault(one.document.content_hash, []).append(one)
        self._wanted = {file.name for file in files}
        self._assigned: dict[str, Path] = {}
        self._sent: dict[str, float] = {}
        for one in self._stored:
            # The name of a member of an archive begins with that of the archive.
            file = one.document.source.partition("/")[0]
            self._sent[file] = max(one.document.sent_at or 0.0, self._sent.get(file, 0.0))

    def is_new(self, file: InputFile) -> bool:
        """Return whether no stored document comes from a file of this path or name."""
        return file.full_path not in self._by_path and file.name not in self._by_name

    def elsewhere(self, content_hash: str) -> StoredDocument | None:
        """Return a stored document of this content whose file exists and is not in this ingest."""
        return next((one for one in self._outside(content_hash) if one.exists()), None)

    def _outside(self, content_hash: str) -> Iterator[StoredDocument]:
        """Yield the stored documents of this content whose names no file of this ingest has."""
        same = self._by_content.get(content_hash, ())
        return (one for one in same if one.document.source not in self._wanted)

    def is_superseded(self, file: InputFile) -> bool:
        """Return whether a stored document comes from a file of the same name that was sent later."""
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
        """Return whether the file is the only file of the document that it matches."""
        if file.stored is not None:
            return match.document.original is not None
        return match.path == file.full_path or not match.exists()

    def of_moved_file(
        self, file: InputFile, content_hash: str, seen: Collection[str]
    ) -> StoredDocument | None:
        """Return the document of this content whose file is gone because it was moved or renamed; none of `seen`."""
        if file.stored is not None:
            return None  # Files in folders may be on another host.
        free = (one for one in self._outside(content_hash) if one.document.id not in seen)
        return next((one for one in free if not one.exists()), None)

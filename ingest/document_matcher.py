"""Which document of the store a file is: the one that lies where it lies, else one of its name that has moved.

The folder of a document and its name below it together are its place: whether a folder is given as a relative
path, through a link, or as a part of another one, a file that is in the store stays the document that it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ingest import archives
from ingest.errors import NotReadable
from ingest.files import Source
from store.records import Document


@dataclass(frozen=True, slots=True)
class Known:
    """A live document, the folder it came from, and how many sections and events it has."""

    document: Document
    root: str
    sections: int
    events: int

    @property
    def place(self) -> Path:
        return Path(self.root) / self.document.source

    def is_there(self) -> bool:
        """Whether its file, or its member of an archive, still is."""
        place = self.place
        try:
            if place.exists():
                return True
            archive = next((p for p in place.parents if archives.is_archive(p) and p.is_file()), None)
            return archive is not None and archives.holds(archive, place.relative_to(archive).as_posix())
        except (NotReadable, OSError):
            # What cannot be looked at is not gone.
            return True


class Places:
    """The store's documents by place and by name, and the names that one ingest gives."""

    def __init__(self, known: Mapping[str, Known], sources: Iterable[Source]) -> None:
        self._by_content: defaultdict[str, list[Known]] = defaultdict(list)
        for one in known.values():
            self._by_content[one.document.content_hash].append(one)
        self._by_place = {one.place: one for one in known.values()}
        self._by_name = {one.document.source: one for one in known.values()}
        self._wanted = {source.name for source in sources}
        self._given: dict[str, Path] = {}

    def own(self, source: Source, content_hash: str) -> tuple[Source, Known | None]:
        """Return the source under the name that its document has or gets, and that document, if it is known.

        A file of a folder whose name another file bears gets the name of its folder in front. One that was named
        by itself is a new version of the document of its name, wherever that came from.
        """
        source = source.resolved()
        place = source.place
        here = self._by_place.get(place)
        if here is not None:
            source = replace(source, root=Path(here.root))
        else:
            while self._is_anothers(source, content_hash) and source.root != source.root.parent:
                source = replace(source, root=source.root.parent)
            here = self._by_name.get(source.name)
        self._given[source.name] = place
        return source, here

    def _is_anothers(self, source: Source, content_hash: str) -> bool:
        if self._given.get(source.name, source.place) != source.place:
            return True
        namesake = self._by_name.get(source.name)
        if namesake is None or source.named or namesake.document.content_hash == content_hash:
            return False
        return namesake.is_there()

    def former(self, content_hash: str, seen: Collection[str]) -> Known | None:
        """Return the document of this content whose file is gone: it was moved below its folder, or renamed."""
        return next(
            (
                one
                for one in self._by_content[content_hash]
                if one.document.id not in seen
                and one.document.source not in self._wanted
                and not one.is_there()
            ),
            None,
        )


def gone(
    known: Iterable[Known], folders: Collection[Path], moved_from: Collection[str], seen: Collection[str]
) -> list[Known]:
    """Return the documents of `folders` whose files are gone; `moved_from` are folders that were moved there."""
    return [
        one
        for one in known
        if one.document.id not in seen
        and (one.root in moved_from or any(one.place.is_relative_to(folder) for folder in folders))
        and not one.is_there()
    ]

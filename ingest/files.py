"""The files that paths name, and one file read into a Document with its sections."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from ingest import archives
from ingest.document.facts import find_facts, identity
from ingest.document.sections import to_sections
from ingest.errors import NothingToIngest, NotReadable
from ingest.readers.base import Extract
from ingest.readers.choice import READERS, read_file
from ingest.readers.zip_archive import ZipArchive
from store.audiences import Audience, document_id
from store.catalog import FilePlace
from store.files import StoredFile
from store.nul import without_nul
from store.records import EVERYBODY, Document, Section

# Increased when readers return other sections or facts for the same bytes: then no document counts as unchanged.
_READING = "4"
_SIDECAR = ".meta.toml"
# Bytes. The largest scanned reports have some 100 MB; larger files would fill the memory.
_LARGEST_FILE = 200_000_000
# Bytes that are hashed at once.
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest, or the `member` of an `archive`.

    `named` is true if the path of the file itself was given, not that of a folder. A file with `stored` is a temporary
    copy of that one.
    """

    path: Path
    root: Path
    member: str | None = None
    named: bool = False
    archive: ZipArchive | None = field(default=None, compare=False, repr=False)
    stored: StoredFile | None = None

    @property
    def name(self) -> str:
        """Path below `root`, with forward slashes, as people see it: "archive.zip/inner.docx"."""
        path = self.path.relative_to(self.root).as_posix()
        return path if self.member is None else f"{path}/{self.member}"

    @property
    def full_path(self) -> Path:
        """Path of the file, or that of the archive with the member's behind."""
        return self.path if self.member is None else self.path / self.member

    @property
    def place(self) -> FilePlace:
        """Its folder and name, or its stored file."""
        if self.stored is not None:
            return FilePlace("", self.name, self.stored.sha256, self.stored.sent_at)
        return FilePlace(str(self.root), self.name)

    def resolved(self) -> Source:
        """Return it with its folder's absolute path, without links."""
        root = self.root.resolve()
        return replace(self, path=root / self.path.relative_to(self.root), root=root)


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files of `paths` and those in its folders, each once, sorted by name.

    A file whose own path is given is included whatever its suffix, so that it is reported if it cannot be read. Raises
    NothingToIngest.
    """
    found: dict[tuple[str, str | None], Source] = {}
    for path in paths:
        named = (
            [Source(file, path) for file in _files_below(path)]
            if path.is_dir()
            else [Source(path, path.parent, named=True)]
        )
        for source in (inner for outer in named for inner in _with_members(outer)):
            # Unlike `Path.resolve`, this accepts circular links.
            found.setdefault((os.path.realpath(source.path), source.member), source)
    if not found:
        places = ", ".join(str(path) for path in paths)
        raise NothingToIngest(
            f"no document found in {places}; it takes {', '.join(sorted([*READERS, '.zip']))}"
        )
    return sorted(found.values(), key=lambda source: source.name)


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the files to read, and those to be reported: broken links, and folders that cannot be opened."""
    closed: list[Path] = []
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(place) / name for name in names if not _is_hidden(name)]
    for file in sorted(found):
        wanted = file.suffix.casefold() in READERS or archives.is_archive(file)
        if wanted and (file.is_file() or file.is_symlink()):
            yield file
    yield from closed


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _with_members(source: Source) -> list[Source]:
    """Return the members of an archive; the source itself if it is none or cannot be opened."""
    if not archives.is_archive(source.path):
        return [source]
    try:
        archive = archives.open_archive(source.path)
        names = archives.members(archive, READERS)
        return [replace(source, member=name, archive=archive) for name in names]
    except NotReadable:
        return [source]


def read_bytes(source: Source) -> bytes:
    """Return the file's content. Raises NotReadable, also for a file that is too large."""
    try:
        str(source.full_path).encode()
    except UnicodeEncodeError:
        raise NotReadable("its path is no valid UTF-8: give the file another name") from None
    if source.archive is not None and source.member is not None:
        return archives.read_member(source.archive, source.member)
    try:
        size = source.path.stat().st_size
        if size > _LARGEST_FILE:
            raise NotReadable(f"it has {size // 1_000_000} MB; the most is {_LARGEST_FILE // 1_000_000} MB")
        if archives.is_archive(source.path):
            archives.members(archives.open_archive(source.path), READERS)
        return source.path.read_bytes()
    except FileNotFoundError:
        raise NotReadable("the file is not there") from None
    except IsADirectoryError:
        raise NotReadable("it is a folder") from None
    except OSError as error:
        raise NotReadable(f"the file cannot be read ({error.strerror})") from None


def content_hash(source: Source, data: bytes) -> str:
    """Return the hash of everything that determines the document: its bytes, its sidecar, the version of the readers.

    Raises NotReadable for a sidecar that cannot be read.
    """
    sidecar = _sidecar(source)
    sha = hashlib.sha256(len(_READING).to_bytes(8, "big") + _READING.encode())
    for content in (data, read_bytes(sidecar) if sidecar else b""):
        # As hexadecimal digits, for compatibility with existing stores; in chunks, to save memory.
        sha.update((2 * len(content)).to_bytes(8, "big"))
        for start in range(0, len(content), _CHUNK):
            sha.update(memoryview(content)[start : start + _CHUNK].hex().encode())
    return sha.hexdigest()[:32]


def read_document(
    source: Source,
    data: bytes,
    read: Callable[[str, bytes], Extract] = read_file,
    audience: Audience = EVERYBODY,
) -> tuple[Document, list[Section]]:
    """Return the document, for `audience`, and its sections; `read` gets name and content. Raises NotReadable."""
    extract = without_nul(read(source.name, data))
    facts = find_facts(extract, name=source.name, sidecar=without_nul(_sidecar_facts(source)))
    symbol = facts.symbol.value
    document = Document(
        id=document_id(audience, identity(symbol) if symbol else source.name),
        source=source.name,
        title=facts.title.value,
        symbol=symbol,
        date=facts.date.value,
        date_inferred=facts.date_inferred,
        language=facts.language.value,
        content_hash=content_hash(source, data),
        found=facts.found,
        notes=tuple(extract.notes),
        audience=audience,
        original=source.place.original,
        sent_at=source.place.sent_at,
    )
    sections = to_sections(document.id, extract.blocks)
    if not sections:
        raise NotReadable("no text was found in it")
    return document, sections


def _sidecar(source: Source) -> Source | None:
    name = source.path if source.member is None else Path(source.member)
    candidates = (name.with_name(name.name + _SIDECAR), name.with_suffix(_SIDECAR))
    if source.archive is None:
        # Unlike `Path.is_file`, this accepts names that are too long for a file.
        return next((Source(path, source.root) for path in candidates if os.path.isfile(path)), None)
    members = (path.as_posix() for path in candidates)
    return next((replace(source, member=m) for m in members if m in source.archive.members), None)


_TYPES: Mapping[str, type] = {
    "title": str,
    "symbol": str,
    "date": date,
    "date_inferred": bool,
    "language": str,
}


def _sidecar_facts(source: Source) -> dict[str, Any]:
    """Return the facts in the sidecar. Raises NotReadable for unknown names and wrong types."""
    sidecar = _sidecar(source)
    if sidecar is None:
        return {}
    try:
        facts = tomllib.loads(read_bytes(sidecar).decode("utf-8"))
    except (NotReadable, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotReadable(f"its {sidecar.name} cannot be read ({error})") from None
    for name, value in facts.items():
        if name not in _TYPES:
            raise NotReadable(f"its {sidecar.name} names {name!r}; known are {', '.join(_TYPES)}")
        if not isinstance(value, _TYPES[name]):
            raise NotReadable(f"its {sidecar.name} gives {value!r} as {name}, which cannot be")
    return facts

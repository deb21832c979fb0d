"""Finds the files that paths name, also in zip archives, and reads one file into a document with its sections.

No archive is unpacked to disk, so that no member's name can lead out of it.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from ingest.document.facts import find_facts, identity
from ingest.document.sections import to_sections
from ingest.errors import NothingToIngest, NotReadable
from ingest.readers.base import Extract
from ingest.readers.choice import READERS, read_file
from ingest.readers.zip_archive import LARGEST_FILE_BYTES, ZipArchive
from store.audiences import Audience, document_id
from store.files import StoredFile
from store.nul import without_nul
from store.publication import FilePlace
from store.records import EVERYBODY, Document, Section

_SIDECAR_SUFFIX = ".meta.toml"
# The digest of the code by which a file becomes sections: where it changes, no document is unchanged. `make reference`
# writes it, so that no code is parsed here.
READERS_DIGEST = Path(__file__).with_name("readers.sha256")


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to ingest, or the `member` of an `archive`.

    `named`: the path of the file itself was given, not that of a folder. `stored`: the stored file of which it is a
    temporary copy.
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
        """Path of the file; of a member, the path of the archive followed by its own."""
        return self.path if self.member is None else self.path / self.member

    @property
    def place(self) -> FilePlace:
        """Its folder and name, or its stored file."""
        if self.stored is not None:
            return FilePlace("", self.name, self.stored.sha256, self.stored.sent_at)
        return FilePlace(str(self.root), self.name)

    def resolved(self) -> InputFile:
        """Return the same file with the absolute path of its folder, without links."""
        root = self.root.resolve()
        return replace(self, path=root / self.path.relative_to(self.root), root=root)


def find_files(paths: Sequence[Path]) -> list[InputFile]:
    """Return the files of `paths`, and those in the folders of `paths`, each once, sorted by name.

    A file whose own path is given is included whatever its suffix, so that it is reported if it cannot be read. Raises
    NothingToIngest.
    """
    found: dict[tuple[str, str | None], InputFile] = {}
    for path in paths:
        named = (
            [InputFile(file, path) for file in _files_below(path)]
            if path.is_dir()
            else [InputFile(path, path.parent, named=True)]
        )
        for file in (inner for outer in named for inner in _with_members(outer)):
            # Unlike `Path.resolve`, this accepts circular links.
            found.setdefault((os.path.realpath(file.path), file.member), file)
    if not found:
        places = ", ".join(str(path) for path in paths)
        raise NothingToIngest(
            f"no document found in {places}; it takes {', '.join(sorted([*READERS, '.zip']))}"
        )
    return sorted(found.values(), key=lambda file: file.name)


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield the files to read, and those to be reported: broken links, and folders that cannot be opened."""
    closed: list[Path] = []
    found: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=lambda e: closed.append(Path(e.filename))):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        found += [Path(place) / name for name in names if not _is_hidden(name)]
    for file in sorted(found):
        wanted = file.suffix.casefold() in READERS or is_archive(file)
        if wanted and (file.is_file() or file.is_symlink()):
            yield file
    yield from closed


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def is_archive(path: Path) -> bool:
    """Whether the file's name ends in ".zip". Word files are zip archives too, with other endings."""
    return path.suffix.casefold() == ".zip"


def _documents_in(archive: ZipArchive) -> list[str]:
    """Return the names of the documents, and of inner archives, which `_read_member` refuses.

    Raises NotReadable if there are none.
    """
    found = [name for name in archive.members if _is_document(name)]
    if not found:
        raise NotReadable(f"the archive has no document; it takes {', '.join(sorted(READERS))}")
    return found


def _is_document(member: str) -> bool:
    pure = PurePosixPath(member)
    # Metadata of macOS, and Word's lock files.
    hidden = any(
        part.startswith(("__MACOSX", "~$")) or (part[:1] == "." and part != "..") for part in pure.parts
    )
    return not hidden and not member.endswith("/") and pure.suffix.casefold() in {*READERS, ".zip"}


def _with_members(file: InputFile) -> list[InputFile]:
    """Return the members of an archive; the file itself if it is not an archive or cannot be opened."""
    if not is_archive(file.path):
        return [file]
    try:
        archive = ZipArchive(file.path)
        return [replace(file, member=name, archive=archive) for name in _documents_in(archive)]
    except NotReadable:
        return [file]


def _read_member(archive: ZipArchive, member: str) -> bytes:
    pure = PurePosixPath(member.replace("\\", "/"))
    if pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]:
        raise NotReadable("its name leads out of the archive")
    if pure.suffix.casefold() == ".zip":
        raise NotReadable("it is an archive in an archive: unpack the outer one first")
    return archive.read(member)


def read_bytes(file: InputFile) -> bytes:
    """Return the file's content. Raises NotReadable, also for a file that is too large."""
    try:
        str(file.full_path).encode()
    except UnicodeEncodeError:
        raise NotReadable("its path is no valid UTF-8: give the file another name") from None
    if file.archive is not None and file.member is not None:
        return _read_member(file.archive, file.member)
    try:
        size = file.path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            most = LARGEST_FILE_BYTES // 1_000_000
            raise NotReadable(f"it has {size // 1_000_000} MB; the most is {most} MB")
        if is_archive(file.path):
            _documents_in(ZipArchive(file.path))
        return file.path.read_bytes()
    except FileNotFoundError:
        raise NotReadable("the file is not there") from None
    except IsADirectoryError:
        raise NotReadable("it is a folder") from None
    except OSError as error:
        raise NotReadable(f"the file cannot be read ({error.strerror})") from None


def content_hash(file: InputFile, data: bytes) -> str:
    """Return the hash of everything that determines the document: its bytes, its sidecar, and how both are read.

    Raises NotReadable for a sidecar that cannot be read.
    """
    sidecar = _sidecar(file)
    sha = hashlib.sha256(READERS_DIGEST.read_bytes())
    for content in (data, read_bytes(sidecar) if sidecar else b""):
        sha.update(len(content).to_bytes(8, "big"))
        sha.update(content)
    return sha.hexdigest()[:32]


def read_document(
    file: InputFile,
    data: bytes,
    read: Callable[[str, bytes], Extract] = read_file,
    audience: Audience = EVERYBODY,
) -> tuple[Document, list[Section]]:
    """Return the document, for `audience` and without its hash, and its sections. Raises NotReadable.

    `read` is given name and content.
    """
    extract = without_nul(read(file.name, data))
    facts = find_facts(extract, name=file.name, sidecar=without_nul(_sidecar_facts(file)))
    symbol = facts.symbol.value
    document = Document(
        id=document_id(audience, identity(symbol) if symbol else file.name),
        source=file.name,
        title=facts.title.value,
        symbol=symbol,
        date=facts.date.value,
        date_inferred=facts.date_inferred,
        language=facts.language.value,
        found=facts.found,
        notes=(*extract.notes, *facts.notes),
        audience=audience,
        original=file.place.original,
        sent_at=file.place.sent_at,
    )
    sections = to_sections(document.id, extract.blocks)
    if not sections:
        raise NotReadable("no text was found in it")
    return document, sections


def _sidecar(file: InputFile) -> InputFile | None:
    name = file.path if file.member is None else Path(file.member)
    candidates = (name.with_name(name.name + _SIDECAR_SUFFIX), name.with_suffix(_SIDECAR_SUFFIX))
    if file.archive is None:
        # Unlike `Path.is_file`, this accepts names that are too long for a file.
        return next((InputFile(path, file.root) for path in candidates if os.path.isfile(path)), None)
    members = (path.as_posix() for path in candidates)
    return next((replace(file, member=m) for m in members if m in file.archive.members), None)


_TYPES: Mapping[str, type] = {
    "title": str,
    "symbol": str,
    "date": date,
    "date_inferred": bool,
    "language": str,
}


def _sidecar_facts(file: InputFile) -> dict[str, Any]:
    """Return the facts in the sidecar. Raises NotReadable for unknown names and wrong types."""
    sidecar = _sidecar(file)
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

"""Which files the given paths name, and one file into a Document with its sections."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingest.errors import NothingToIngest, NotReadable
from ingest.readers import text
from ingest.readers.base import Reader
from ingest.sections import to_sections
from store.records import Document, Section, digest

# Raised when a reader gives other sections for the same bytes: then nothing counts as unchanged.
_READING = "2"
_SIDECAR = ".meta.toml"

READERS: Mapping[str, Reader] = {".txt": text.read}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to ingest. `name` is its path below `root`, with forward slashes: what people see."""

    path: Path
    root: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return the files that `paths` name, each once, by name; folders are searched through.

    A named file is taken whatever its ending, so that it can be refused by name. Raises NothingToIngest.
    """
    found: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            for file in _files_below(path):
                found.setdefault(file.resolve(), Source(file, path))
        else:
            found.setdefault(path.resolve(), Source(path, path.parent))
    if not found:
        named = ", ".join(str(path) for path in paths)
        raise NothingToIngest(f"no document found in {named}; it takes {', '.join(sorted(READERS))}")
    return sorted(found.values(), key=lambda source: source.name)


def _files_below(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in file.relative_to(folder).parts)
        if file.suffix.casefold() in READERS and file.is_file() and not hidden:
            yield file


def read_bytes(source: Source) -> bytes:
    """Return the file's content. Raises NotReadable, saying why."""
    try:
        return source.path.read_bytes()
    except FileNotFoundError:
        raise NotReadable("the file is not there") from None
    except IsADirectoryError:
        raise NotReadable("it is a folder") from None
    except OSError as error:
        raise NotReadable(f"the file cannot be read ({error.strerror})") from None


def content_hash(source: Source, data: bytes) -> str:
    """Return what stands for all that the document is made of: its bytes, its sidecar, the way of reading.

    Raises NotReadable for a sidecar that is there and cannot be read.
    """
    sidecar = _sidecar(source.path)
    return digest(_READING, data.hex(), read_bytes(Source(sidecar, source.root)).hex() if sidecar else "")


def read_document(source: Source, data: bytes) -> tuple[Document, list[Section]]:
    """Return the document and its sections. Raises NotReadable."""
    reader = READERS.get(source.path.suffix.casefold())
    if reader is None:
        raise NotReadable(f"files of this kind are not read; it takes {', '.join(sorted(READERS))}")
    extract = reader(data)
    facts = _facts(source.path)
    symbol = facts.get("symbol") or extract.symbol
    document = Document(
        id=symbol or source.name,
        source=source.name,
        title=facts.get("title") or extract.title or source.path.stem.replace("_", " "),
        symbol=symbol,
        date=facts.get("date") or extract.date,
        date_inferred=bool(facts.get("date_inferred", False)),
        language=facts.get("language", "en"),
        content_hash=content_hash(source, data),
    )
    sections = to_sections(document.id, extract.blocks)
    if not sections:
        raise NotReadable("no text was found in it")
    return document, sections


def _sidecar(path: Path) -> Path | None:
    candidates = (path.with_name(path.name + _SIDECAR), path.with_suffix(_SIDECAR))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


_TYPES: Mapping[str, type] = {
    "title": str,
    "symbol": str,
    "date": date,
    "date_inferred": bool,
    "language": str,
}


def _facts(path: Path) -> dict[str, Any]:
    """Return what the sidecar states. Raises NotReadable for one that says what cannot be."""
    sidecar = _sidecar(path)
    if sidecar is None:
        return {}
    try:
        facts = tomllib.loads(sidecar.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotReadable(f"its {sidecar.name} cannot be read ({error})") from None
    for name, value in facts.items():
        if name not in _TYPES:
            raise NotReadable(f"its {sidecar.name} names {name!r}; known are {', '.join(_TYPES)}")
        if not isinstance(value, _TYPES[name]):
            raise NotReadable(f"its {sidecar.name} gives {value!r} as {name}, which cannot be")
    return facts

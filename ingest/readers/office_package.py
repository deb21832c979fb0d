"""The parts of an Office file: a zip of XML, opened with limits and without entities."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ingest.errors import NotReadable

# The text of a long report is some 5 MB of XML; as a tree it takes about ten times its size in memory.
_LARGEST_PART = 50_000_000
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_USUAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"

Element = Any  # lxml publishes no types


@dataclass(frozen=True, slots=True)
class Package:
    """An opened Office file: the name of its main part, and what that part refers to by kind."""

    archive: zipfile.ZipFile
    main: str

    def root(self, name: str) -> Element:
        """Return the root element of a part. Raises NotReadable."""
        return _parse(self.archive, name)

    def content(self, name: str) -> bytes:
        """Return a part as it stands. Raises NotReadable."""
        return _content(self.archive, name)

    def related(self, kind: str, part: str | None = None) -> list[Element]:
        """Return the roots of the parts of this kind ("styles", "numbering", …) that `part` names, in order."""
        names = _targets(self.archive, self.main if part is None else part, kind)
        return [self.root(name) for name in names if _holds(self.archive, name)]

    def targets(self, part: str) -> dict[str, str]:
        """Return the names of the parts that `part` refers to and that are there, by the id of the reference."""
        found = {key: name for key, _, name in _relations(self.archive, part)}
        return {key: name for key, name in found.items() if _holds(self.archive, name)}

    def properties(self) -> Element | None:
        """Return the root of the core properties, if there are any that can be read."""
        for name in _targets(self.archive, "", "core-properties"):
            try:
                return self.root(name)
            except NotReadable:
                return None
        return None


def open_package(data: bytes, what: str = "Word file", main: str = "document") -> Package:
    """Open an Office file, called `what` in front of people. Raises NotReadable for what is none."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise NotReadable(f"the {what} is damaged ({error})") from None
    names = [name for name in _targets(archive, "", "officeDocument") if _holds(archive, name)]
    if not names:
        raise NotReadable(f"it is no {what} (it names no {main})")
    return Package(archive, names[0])


def _holds(archive: zipfile.ZipFile, name: str) -> bool:
    return name in archive.NameToInfo


def _targets(archive: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    return [name for _, its_kind, name in _relations(archive, part) if its_kind == kind]


def _relations(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str, str]]:
    """Yield the id, the kind and the target of what a part refers to within the file."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", name + ".rels")
    if not _holds(archive, rels):
        return
    for relation in _parse(archive, rels).iter(_RELS):
        if relation.get("TargetMode") != "External":
            target = relation.get("Target", "")
            joined = target if target.startswith("/") else posixpath.join(folder, target)
            kind = relation.get("Type", "").rpartition("/")[2]
            yield relation.get("Id", ""), kind, posixpath.normpath(joined).lstrip("/")


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.NameToInfo[name]
    if info.file_size > _LARGEST_PART:
        raise NotReadable(
            f"its part {name} would unpack to {info.file_size // 1_000_000} MB; it is not opened"
        )
    try:
        return archive.read(info)
    except RuntimeError:
        raise NotReadable("it is protected by a password") from None
    except Exception as error:  # zipfile and its decompressors raise what they meet in a damaged archive
        raise NotReadable(f"its part {name} is damaged ({error})") from None


def _parse(archive: zipfile.ZipFile, name: str) -> Element:
    data = _content(archive, name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data.replace(_STRICT, _USUAL), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotReadable(f"its part {name} is no valid XML ({error})") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotReadable(f"its part {name} declares a document type, which Office never writes")
    return root

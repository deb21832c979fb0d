"""Opens Office files, zip archives of XML parts, with limits and without entities."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.base import Element, Properties, first_day
from ingest.readers.zip_archive import ArchiveLimits, ZipArchive

# For all reads together: libraries and checks read a part several times.
_LIMITS = ArchiveLimits(members=10_000, unpacked=400_000_000)
# The text of a long report is some 5 MB of XML; as a tree it takes about ten times its size in memory.
_LARGEST_PART_BYTES = 50_000_000
# Elements in a part refer to others by attributes of this namespace.
REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_USUAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
# Other encodings, such as UTF-7, can hide a document type.
_ENCODING = re.compile(
    rb"<\?xml[^>]*\sencoding\s*=\s*[\"'](?!utf-?(?:8|16)|(?:us-)?ascii|iso-8859-|windows-125)", re.I
)
# All XML of a file together: libraries make trees of it, which take ten times its size.
_MOST_XML_BYTES = 100_000_000
_STRICT_FORM = b"http://purl.oclc.org/ooxml/"
_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


class _Relation(NamedTuple):
    id: str
    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Package:
    """An opened Office file, and the name of its main part."""

    archive: ZipArchive
    main: str = ""
    _relations: dict[str, list[_Relation]] = field(default_factory=dict)

    def root(self, name: str) -> Element:
        """Return the root element of a part. Raises NotReadable."""
        data = self.xml(name)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(data.replace(_STRICT, _USUAL), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise NotReadable(f"its part {name} is no valid XML ({error})") from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise _declares(name)
        return root

    def xml(self, name: str) -> bytes:
        """Return a part that may be parsed as XML, as it declares no entities. Raises NotReadable."""
        data = self.content(name)
        # Without zeros, a part in UTF-16 can be searched too.
        bare = data.replace(b"\x00", b"")
        if _DOCTYPE.search(bare):
            raise _declares(name)
        if _ENCODING.search(bare[:1000]):
            raise NotReadable(f"its part {name} is in an encoding that Office never writes")
        return data

    def content(self, name: str) -> bytes:
        """Return a part as it is. Raises NotReadable."""
        return self.archive.read(name, _LARGEST_PART_BYTES)

    def related(self, kind: str, part: str | None = None) -> Iterator[Element]:
        """Yield the roots of the parts of a kind ("styles", "numbering", …) that `part` refers to, each once."""
        for name in dict.fromkeys(self.names(kind, self.main if part is None else part)):
            yield self.root(name)

    def names(self, kind: str, part: str) -> list[str]:
        """Return the names of the existing parts of this kind that `part` refers to, in order."""
        return [one.target for one in self._related(part) if one.kind == kind]

    def targets(self, part: str) -> dict[str, str]:
        """Return id of the reference -> name, of the existing parts that `part` refers to."""
        return {one.id: one.target for one in self._related(part)}

    def _related(self, part: str) -> list[_Relation]:
        """Return what a part refers to within the file."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", name + ".rels")
        if part not in self._relations:
            held = self.root(rels).iter(_RELS) if rels in self.archive.members else ()
            found = (_relation(one, folder) for one in held if one.get("TargetMode") != "External")
            self._relations[part] = [one for one in found if one.target in self.archive.members]
        return self._relations[part]


def open_package(data: bytes, what: str = "Word file", main: str = "document") -> Package:
    """Open an Office file, called `what` in messages. Raises NotReadable if it is not one."""
    package = Package(open_parts(data, what))
    names = package.names("officeDocument", "")
    if not names:
        raise NotReadable(f"it is no {what} (it names no {main})")
    return replace(package, main=names[0])


def open_parts(data: bytes, what: str) -> ZipArchive:
    """Open the archive of an Office file of any kind, called `what` in messages. Raises NotReadable."""
    return ZipArchive(data, _LIMITS, what)


def _relation(node: Element, folder: str) -> _Relation:
    target = node.get("Target", "")
    joined = target if target.startswith("/") else posixpath.join(folder, target)
    kind = node.get("Type", "").rpartition("/")[2]
    return _Relation(node.get("Id", ""), kind, posixpath.normpath(joined).lstrip("/"))


def _declares(name: str) -> NotReadable:
    return NotReadable(f"its part {name} declares a document type, which Office never writes")


def read_properties(package: Package) -> Properties:
    """Return the core properties, as far as they exist and can be read."""
    try:
        core = next(package.related("core-properties", ""), ())
    except NotReadable:
        core = ()
    found = {
        node.tag.rpartition("}")[2]: (node.text or "").strip() for node in core if isinstance(node.tag, str)
    }
    return Properties(
        title=found.get("title") or None,
        date=first_day(found.get(name, "") for name in ("modified", "created")),
        language=found.get("language") or None,
    )


def checked_copy(package: Package, usual: str, wanted: Callable[[str], bool]) -> io.BytesIO:
    """Return a copy with the parts whose names are `wanted`; parts that are not XML, such as pictures, are empty.

    `usual` says as what a file in the strict form, which few programs can read, should be saved. Raises NotReadable for
    that form, for too much XML, and for entities.
    """
    copy = io.BytesIO()
    left = _MOST_XML_BYTES
    with zipfile.ZipFile(copy, "w") as archive:
        for name in package.archive.members:
            data = package.xml(name) if _is_xml(package, name) else b""
            left -= len(data)
            if left < 0:
                raise NotReadable(f"it would unpack to more than {_MOST_XML_BYTES // 1_000_000} MB of XML")
            if name == package.main and _STRICT_FORM in data:
                raise NotReadable(f"it is saved as “Strict Open XML”: save it as a usual {usual}")
            if data and wanted(name):
                _refuse_depth(name, data)
            if wanted(name):
                archive.writestr(name, data)
    return copy


def _is_xml(package: Package, name: str) -> bool:
    """Whether a library may parse a part: by its name, or by its content, since a file may use any names."""
    if name.casefold().endswith((".xml", ".rels", ".vml")):
        return True
    head = package.archive.head(name, 1_000).lstrip(_BLANK)
    return head.startswith(b"<") or (not head and package.archive.members[name].file_size > 0)


class _Discarded:
    """The target of a parser whose result is not needed."""

    def close(self) -> None:
        return None


def _refuse_depth(name: str, data: bytes) -> None:
    """Raise NotReadable for XML that is nested too deeply: openpyxl's parser has no limit."""
    try:
        etree.fromstring(data, etree.XMLParser(target=_Discarded(), resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise NotReadable(f"its part {name} is nested deeper than any document is") from None

"""Opens Office files, which are zip archives of XML parts that refer to each other."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.base import Element, Properties, first_day

# Elements in a part refer to others by attributes of this namespace.
REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_WORD = _STRICT + b"wordprocessingml/main"
_USUAL_WORD = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True, slots=True)
class Package:
    """An opened Office file, and the name of its main part.

    Relations to parts that do not exist are ignored, which python-docx refuses and programs write.
    """

    archive: zipfile.ZipFile
    main: str = ""

    def root(self, name: str) -> Element:
        """Return the root element of a part. Raises NotReadable."""
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            root = etree.fromstring(self.xml(name).replace(_STRICT_WORD, _USUAL_WORD), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise NotReadable(f"its part {name} is no valid XML ({error})") from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise NotReadable(f"its part {name} declares a document type, which Office never writes")
        return root

    def xml(self, name: str) -> bytes:
        """Return a part as it is."""
        return self.archive.read(name)

    def related(self, kind: str, part: str | None = None) -> Iterator[Element]:
        """Yield the roots of the parts of a kind ("styles", "numbering", …) that `part` refers to, each once."""
        for name in dict.fromkeys(self.names(kind, self.main if part is None else part)):
            yield self.root(name)

    def names(self, kind: str, part: str) -> list[str]:
        """Return the names of the existing parts of this kind that `part` refers to, in order."""
        return [name for _, found, name in self._relations(part) if found == kind]

    def targets(self, part: str) -> dict[str, str]:
        """Return id of the reference -> name, of the existing parts that `part` refers to."""
        return {reference: name for reference, _, name in self._relations(part)}

    def _relations(self, part: str) -> Iterator[tuple[str, str, str]]:
        """Yield id, kind and name of each existing part within the file that a part refers to."""
        folder, name = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", name + ".rels")
        members = self.archive.NameToInfo
        for node in self.root(relations).iter(_RELATION) if relations in members else ():
            # An absolute target replaces the folder.
            target = posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/")
            if node.get("TargetMode") != "External" and target in members:
                yield node.get("Id", ""), node.get("Type", "").rpartition("/")[2], target


def open_package(data: bytes, what: str = "Word file", usual: str = "") -> Package:
    """Open an Office file, called `what` in messages. Raises NotReadable if it is not one.

    `usual`: as what a file in the strict form should be saved, which few libraries read; by default it is opened.
    """
    package = Package(open_zip(data))
    names = package.names("officeDocument", "")
    if not names:
        raise NotReadable(f"it is no {what} (it names no main part)")
    if usual and _STRICT in package.xml(names[0]):
        raise NotReadable(f"it is saved as “Strict Open XML”: save it as a usual {usual}")
    return replace(package, main=names[0])


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a zip archive in memory. Raises NotReadable."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise NotReadable(f"the archive is damaged ({error})") from None


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

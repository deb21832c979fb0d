"""A copy of an Office file, with checked parts only, for libraries that have no limits of their own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.office.package import Package

# All XML together: libraries make trees of it, of ten times its size.
_MOST_XML = 100_000_000
_STRICT = b"http://purl.oclc.org/ooxml/"
_BLANK = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


def checked_copy(package: Package, usual: str, wanted: Callable[[str], bool]) -> io.BytesIO:
    """Return the file with the parts whose names are `wanted`; parts that are no XML, like pictures, are empty.

    `usual` says how a file in the strict form, which few can read, is to be saved instead. Raises NotReadable for that
    form, for a file beyond measure, and for entities.
    """
    copy = io.BytesIO()
    left = _MOST_XML
    with zipfile.ZipFile(copy, "w") as archive:
        for name in package.archive.members:
            data = package.xml(name) if _is_xml(package, name) else b""
            left -= len(data)
            if left < 0:
                raise NotReadable(f"it would unpack to more than {_MOST_XML // 1_000_000} MB of XML")
            if name == package.main and _STRICT in data:
                raise NotReadable(f"it is saved as “Strict Open XML”: save it as a usual {usual}")
            if data and wanted(name):
                _refuse_depth(name, data)
            if wanted(name):
                archive.writestr(name, data)
    return copy


def _is_xml(package: Package, name: str) -> bool:
    """Whether a part may be parsed: what a file calls it decides nothing, for the file may call it anything."""
    if name.casefold().endswith((".xml", ".rels", ".vml")):
        return True
    head = package.archive.head(name, 1_000).lstrip(_BLANK)
    return head.startswith(b"<") or (not head and package.archive.members[name].file_size > 0)


class _Nothing:
    """A parser's target that keeps nothing."""

    def close(self) -> None:
        return None


def _refuse_depth(name: str, data: bytes) -> None:
    """Raise NotReadable for XML that is nested beyond measure; openpyxl's parser has no limit for it."""
    try:
        etree.fromstring(data, etree.XMLParser(target=_Nothing(), resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise NotReadable(f"its part {name} is nested deeper than any document is") from None

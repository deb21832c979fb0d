"""What an Office file may unpack to, looked at before a library that knows no limits opens it."""

from __future__ import annotations

import re
import zipfile

from ingest.errors import NotReadable
from ingest.readers.office_package import Package

_MOST_PARTS = 20_000
# All XML together: libraries make trees of it, of ten times its size. Pictures and films stay as they are.
_MOST_XML = 100_000_000
_MOST_ALL = 400_000_000
_STRICT = b"http://purl.oclc.org/ooxml/"
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)


def check(package: Package, what: str, usual: str) -> None:
    """Raise NotReadable for a file beyond measure, with entities, or in the strict form, which few can read.

    `usual` says how it is to be saved instead.
    """
    infos = package.archive.infolist()
    if len(infos) > _MOST_PARTS:
        raise NotReadable(f"the {what} has {len(infos)} parts, more than {_MOST_PARTS}")
    _weigh(infos, _MOST_ALL)
    parts = [info for info in infos if _is_xml(package.archive, info)]
    _weigh(parts, _MOST_XML)
    for info in parts:
        # Without zeros, so that a part in UTF-16 hides nothing.
        data = package.content(info.filename).replace(b"\x00", b"")
        if _DOCTYPE.search(data):
            raise NotReadable(f"its part {info.filename} declares a document type, which Office never writes")
        if info.filename == package.main and _STRICT in data:
            raise NotReadable(f"it is saved as “Strict Open XML”: save it as a usual {usual}")


def _weigh(infos: list[zipfile.ZipInfo], most: int) -> None:
    size = sum(info.file_size for info in infos)
    if size > most:
        raise NotReadable(f"it would unpack to {size // 1_000_000} MB; the most is {most // 1_000_000} MB")


def _is_xml(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether a part may be parsed: what a file calls it decides nothing, for the file may call it anything."""
    if info.filename.casefold().endswith((".xml", ".rels", ".vml")):
        return True
    try:
        with archive.open(info) as part:
            head = part.read(1000)
    except RuntimeError:
        raise NotReadable("it is protected by a password") from None
    except Exception as error:  # zipfile and its decompressors raise what they meet in a damaged archive
        raise NotReadable(f"its part {info.filename} is damaged ({error})") from None
    return info.file_size > 0 and head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] in (b"<", b"")

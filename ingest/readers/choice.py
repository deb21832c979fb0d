"""Which reader a file needs: its content decides, its ending only where the content is plain text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from ingest.errors import NotReadable
from ingest.readers import docx, html, markdown, pdf, text
from ingest.readers.base import Reader

READERS: Mapping[str, Reader] = {
    ".docx": docx.read,
    ".docm": docx.read,
    ".dotx": docx.read,
    ".htm": html.read,
    ".html": html.read,
    ".markdown": markdown.read,
    ".md": markdown.read,
    ".pdf": pdf.read,
    ".txt": text.read,
    ".xhtml": html.read,
}
"""The endings that are looked for in folders; a file that is named is taken by its content too."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PAGE = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.S
)
_PLAIN = {".txt", ".md", ".markdown", ".html", ".htm", ".xhtml"}
# Directories of a zip file that tell which program wrote it.
_OFFICE = {"xl/": "an Excel workbook", "ppt/": "a PowerPoint presentation"}


def reader_for(name: str, data: bytes) -> Reader:
    """Return the reader for a file of this name and content. Raises NotReadable, saying what to do."""
    ending = PurePosixPath(name).suffix.casefold()
    if not data:
        raise NotReadable("the file is empty")
    if data.startswith(_OLE):
        raise NotReadable(_old_office(data))
    if data.startswith(_ZIP) and (ending not in _PLAIN or zipfile.is_zipfile(io.BytesIO(data))):
        _check_word(data)
        return docx.read
    if b"%PDF-" in data[:1024]:
        return pdf.read
    if data.startswith(b"{\\rtf"):
        raise NotReadable("it is a Rich Text file: save it as .docx")
    if _PAGE.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
        return html.read
    if ending not in READERS:
        raise NotReadable(f"files of this kind are not read; it takes {', '.join(sorted(READERS))}")
    # What has the name of a Word file and is none of the above can at most be text.
    return READERS[ending] if ending in _PLAIN else text.read


def _check_word(data: bytes) -> None:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except Exception as error:  # zipfile raises what it meets in a damaged archive
        raise NotReadable(f"the archive is damaged ({error})") from None
    if "[Content_Types].xml" in names:
        for folder, what in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                raise NotReadable(f"it is {what}, which is not read: save it as .docx, .pdf or .html")
    elif "mimetype" in names:
        raise NotReadable("it is an OpenDocument or EPUB file, which is not read: save it as .docx or .pdf")
    else:
        raise NotReadable("it is a zip archive: name it .zip, and its documents are read")


def _old_office(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "it is protected by a password: save it without one"
    if "WordDocument".encode("utf-16-le") in data:
        return "it is a Word file of the old kind (.doc): save it as .docx"
    return "it is an Office file of the old kind: save it as .docx or .pdf"

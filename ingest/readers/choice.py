"""Chooses the reader of a file by its content, and for plain text by its suffix; tells damage from own faults."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from traceback import extract_tb

from ingest.errors import NotReadable
from ingest.readers import docx, html, markdown, pdf, pptx, text, xlsx
from ingest.readers.base import Extract, Reader
from ingest.readers.office import open_zip

READERS: Mapping[str, Reader] = {
    ".docx": docx.read,
    ".docm": docx.read,
    ".dotx": docx.read,
    ".htm": html.read,
    ".html": html.read,
    ".markdown": markdown.read,
    ".md": markdown.read,
    ".pdf": pdf.read,
    ".ppsx": pptx.read,
    ".pptm": pptx.read,
    ".pptx": pptx.read,
    ".txt": text.read,
    ".xhtml": html.read,
    ".xlsm": xlsx.read,
    ".xlsx": xlsx.read,
}
"""The suffixes that are looked for in folders. A file whose own path is given may have any suffix."""
MEDIA_TYPES = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/xhtml+xml": ".html",
    "application/zip": ".zip",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
"""The suffix of what a server sends with a media type."""

# In the worst case, a table of short cells with long names of columns, a text of this size takes some 60 MB of memory
# and 2 seconds.
_SHORT_BYTES = 1_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PAGE = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.S
)
_PLAIN = {".txt", ".md", ".markdown", ".html", ".htm", ".xhtml"}
# Folders of a zip file that show its format. Word's need not be there: other programs write .docx without it.
_OFFICE: Mapping[str, Reader] = {"word/": docx.read, "xl/": xlsx.read, "ppt/": pptx.read}
# Names in the directory of an old Office file, the outermost first: a document may contain a workbook.
_OLD_OFFICE = {
    "EncryptedPackage": "it is protected by a password: save it without one",
    "WordDocument": "it is a Word file of the old kind (.doc): save it as .docx",
    "PowerPoint Document": "it is a PowerPoint presentation of the old kind (.ppt): save it as .pptx",
    "Workbook": "it is an Excel workbook of the old kind (.xls): save it as .xlsx",
    "": "it is an Office file of the old kind: save it as .docx or .pdf",
}
_OWN_FOLDER = str(Path(__file__).parents[1])


def reader_for(name: str, data: bytes) -> Reader:
    """Return the reader for a file of this name and content. Raises NotReadable, saying what to do."""
    ending = PurePosixPath(name).suffix.casefold()
    if not data:
        raise NotReadable("the file is empty")
    if data.startswith(_OLE):
        raise NotReadable(
            next(why for stream, why in _OLD_OFFICE.items() if stream.encode("utf-16-le") in data)
        )
    if data.startswith(_ZIP) and (ending not in _PLAIN or zipfile.is_zipfile(io.BytesIO(data))):
        return _office_reader(data)
    if b"%PDF-" in data[:1024]:
        return pdf.read
    if data.startswith(b"{\\rtf"):
        raise NotReadable("it is a Rich Text file: save it as .docx")
    if _PAGE.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
        return html.read
    if ending not in READERS:
        raise NotReadable(f"files of this kind are not read; it takes {', '.join(sorted(READERS))}")
    # With the suffix of an Office file and the content of none, it can only be text.
    return READERS[ending] if ending in _PLAIN else text.read


def _office_reader(data: bytes) -> Reader:
    names = open_zip(data).namelist()
    if "[Content_Types].xml" in names:
        found = (read for folder, read in _OFFICE.items() if any(name.startswith(folder) for name in names))
        return next(found, docx.read)
    if "mimetype" in names:
        raise NotReadable(
            "it is an OpenDocument or EPUB file, which is not read: save it as .docx, .xlsx, .pptx or .pdf"
        )
    raise NotReadable("it is a zip archive: name it .zip, and its documents are read")


def read_file(name: str, data: bytes) -> Extract:
    """Read a file of this name and content. Raises NotReadable, and any other error for a fault of this program.

    What a library raises is about the file. What this package itself raises is a fault.
    """
    try:
        return reader_for(name, data)(data)
    except (NotReadable, MemoryError):
        raise
    except RecursionError:
        raise NotReadable("it is nested deeper than any document is") from None
    except Exception as error:
        if _is_own_fault(error):
            raise
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise NotReadable(f"the file is damaged ({why})") from error


def _is_own_fault(error: Exception) -> bool:
    if type(error).__module__ != "builtins":
        return False
    # A frame of a library is below the last one of ours, unless that library is in C.
    return extract_tb(error.__traceback__)[-1].filename.startswith(_OWN_FOLDER)


def is_short_text(name: str, data: bytes) -> bool:
    """Whether a file is plain text that needs no library and little memory and time."""
    named = PurePosixPath(name).suffix.casefold() == ".txt" and len(data) <= _SHORT_BYTES
    return named and not data.startswith(_ZIP) and reader_for(name, data) is text.read

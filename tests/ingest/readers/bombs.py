"""Files that are damaged, or made to fill the memory or to hold up whoever reads them, written cheaply."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.ingest.readers.decks import SLIDE, deck
from tests.ingest.readers.words import WordFile, replaced, with_part
from tests.ingest.readers.workbooks import SHEET, book

DOCUMENT = "word/document.xml"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (n + 1, b"&%c;" % n * 10) for n in range(ord("a"), ord("j")))
    + b"]><x>&j;</x>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive, with the size that its headers say, true or not."""

    name: str
    packed: bytes
    says: int
    method: int = zipfile.ZIP_DEFLATED
    says_locally: int | None = None
    says_packed: int | None = None


def zeros(megabytes: int) -> bytes:
    """Deflate so many megabytes of zeros: the packed form of one, repeated, takes no time to write."""
    packer = zlib.compressobj(9, wbits=-15)
    one = packer.compress(b"\x00" * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    return one * megabytes + packer.flush()


def archive(members: Sequence[Member]) -> bytes:
    """Write an archive header by header; members with the same packed bytes share them, and the checksum is 0."""
    data, places = io.BytesIO(), {}
    directory = b""
    for one in members:
        name = one.name.encode()
        packed = len(one.packed) if one.says_packed is None else one.says_packed
        if (place := places.get((one.name, id(one.packed)))) is None:
            place = places[one.name, id(one.packed)] = data.tell()
            local = one.says if one.says_locally is None else one.says_locally
            sizes = (packed, local, len(name), 0)
            data.write(struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, one.method, 0, 33, 0, *sizes))
            data.write(name + one.packed)
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, one.method, 0, 33, 0, packed, one.says, len(name), 0, 0, 0, 0, 0, place
        ) + name  # fmt: skip
    start = data.tell()
    count = min(len(members), 0xFFFF)
    data.write(directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0))
    return data.getvalue()


def word() -> bytes:
    file = WordFile()
    file.paragraph("The Forum is held in Geneva.")
    return file.save()


def zipped(*names: str) -> bytes:
    """An archive with members of these names."""
    return archive([Member(name, b"x", 1, zipfile.ZIP_STORED) for name in names])


def pdf(megabytes: int, layers: int = 1) -> bytes:
    """A PDF whose page's content stream unpacks to so much, in so many layers of compression."""
    packed = b"\x78\x9c" + zeros(megabytes) + b"\x00" * 4
    for _ in range(layers - 1):
        packed = zlib.compress(packed, 9)
    filters = b"/FlateDecode " * layers
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d/Filter[%b]>>stream\n%b\nendstream" % (len(packed), filters, packed),
    ]
    data = b"%PDF-1.7\n"
    places = []
    for number, inner in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%b\nendobj\n" % (number, inner)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"xref\n0 5\n0000000000 65535 f \n%btrailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table, len(data),
    )  # fmt: skip


def rows(text: bytes, count: int) -> bytes:
    """A workbook in which a cell of this text is merged over so many rows, each with another one."""
    cell = b'<c r="%b%d" t="inlineStr"><is><t>%b</t></is></c>'
    first = b'<row r="1">%b</row>' % (cell % (b"A", 1, text))
    below = b"".join(b'<row r="%d">%b</row>' % (n, cell % (b"B", n, b"x")) for n in range(2, count))
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    merged = b'<mergeCells><mergeCell ref="A1:A%d"/></mergeCells>' % count
    part = b'<worksheet xmlns="%b"><sheetData>%b%b</sheetData>%b</worksheet>' % (space, first, below, merged)
    return with_part(book(), SHEET, part)


def notes(count: int) -> bytes:
    """A page with so many notes, each of which refers twice to the next one."""
    links = "<a href='#n{0}'>[{0}]</a> <a href='#n{0}'>[{0}]</a>"
    inner = "".join(f"<p id=n{k}>note {links.format(k + 1)}</p>" for k in range(1, count))
    return f"<html><body><p>Text {links.format(1)}</p>{inner}<p id=n{count}>{'last ' * 100}</p>".encode()


DEEP = b"<a>" * 200_000 + b"</a>" * 200_000
_MEMORY = "more memory than the 450 MB"
_USUAL = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"

BOMBS = {
    "laughs.docx": (lambda: with_part(word(), DOCUMENT, LAUGHS), "amplification|document type"),
    "laughs.xlsx": (lambda: with_part(book(), SHEET, LAUGHS), "damaged"),
    "laughs.pptx": (lambda: with_part(deck(), SLIDE, LAUGHS), "damaged"),
    "from outside.docx": (lambda: with_part(word(), DOCUMENT, OUTSIDE), "document type"),
    "from outside.pptx": (lambda: with_part(deck(), SLIDE, OUTSIDE), "damaged"),
    "deep.docx": (lambda: with_part(word(), DOCUMENT, DEEP), "depth"),
    "deep.xlsx": (lambda: with_part(book(), SHEET, DEEP), "damaged"),
    "deep.html": (lambda: b"<html>" + b"<div>" * 1_000_000, "nested deeper"),
    "elements.docx": (lambda: with_part(word(), DOCUMENT, b"<x>" + b"<a/>" * 11_000_000 + b"</x>"), _MEMORY),
    "header.html": (
        lambda: b"<html><table><tr><th>" + b"x" * 100_000 + b"<th>y" + b"<tr><td>a<td>b" * 10_000,
        _MEMORY,
    ),
    "notes of notes.html": (lambda: notes(60), _MEMORY),
    "merged.xlsx": (lambda: rows(b"x" * 30_000, 3_000), "more text than the 64 MB|" + _MEMORY),
    "stream.pdf": (lambda: pdf(3_000), "takes " + _MEMORY),
    "stream in two layers.pdf": (lambda: pdf(900, 2), "takes " + _MEMORY),
    "cut.xlsx": (lambda: book()[:-400], "damaged"),
    "cut.pptx": (lambda: deck()[:-400], "damaged"),
    "broken.xlsx": (lambda: with_part(book(), SHEET, b"<broken"), "damaged"),
    "broken styles.xlsx": (lambda: with_part(book(), "xl/styles.xml", b"<broken"), "damaged"),
    "broken.pptx": (lambda: with_part(deck(), SLIDE, b"<broken"), "damaged"),
    "no types.pptx": (lambda: with_part(deck(), "[Content_Types].xml", b"<x/>"), "damaged"),
    "broken.docx": (lambda: with_part(word(), DOCUMENT, b"<broken"), "no valid XML"),
    "strict.xlsx": (
        lambda: replaced(book(), "xl/workbook.xml", _USUAL, _STRICT),
        "Strict Open XML",
    ),
    "old.xls": (lambda: OLD + "Workbook".encode("utf-16-le"), r"\.xls\): save it as \.xlsx"),
    "old.ppt": (lambda: OLD + "PowerPoint Document".encode("utf-16-le"), r"\.ppt\): save it as \.pptx"),
    "locked.docx": (lambda: OLD + "EncryptedPackage".encode("utf-16-le"), "password"),
    "empty.docx": (lambda: b"", "empty"),
    "excel.docx": (lambda: zipped("[Content_Types].xml", "xl/workbook.xml"), "Excel"),
    "open.docx": (lambda: zipped("mimetype", "content.xml"), "OpenDocument"),
    "archive.docx": (lambda: zipped("a.txt"), "name it .zip"),
    "no word.docx": (lambda: zipped("[Content_Types].xml"), "no Word file"),
    "cut.docx": (lambda: word()[:300], "damaged"),
    "styles.docx": (lambda: with_part(word(), "word/styles.xml", OUTSIDE), "document type"),
    "a.rtf": (lambda: b"{\\rtf1 hello}", "Rich Text"),
    "a.png": (lambda: b"\x89PNG\r\n\x1a\n", "not read"),
    "a.txt": (lambda: b"\x00\x01\x02" * 50, "not text"),
    "old.bin": (lambda: OLD + b"x", "old kind"),
}  # fmt: skip
"""How each file is written, by its name, and a part of the reason for which it is refused."""

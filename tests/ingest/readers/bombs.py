"""Files that are made to fill the memory or to hold up whoever reads them, written cheaply."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.ingest.readers.test_office_bombs import SHEET, SLIDE, book, deck, replaced
from tests.ingest.readers.words import WordFile, with_part

DOCUMENT = "word/document.xml"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (n + 1, b"&%c;" % n * 10) for n in range(ord("a"), ord("j")))
    + b"]><x>&j;</x>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
_S = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = '<Relationship Id="r{}" Type="' + _KINDS + '/{}" Target="{}"/>'


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive, with what its headers say, true or not; `says` is the size that they state."""

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
        local = one.says if one.says_locally is None else one.says_locally
        if (place := places.get((one.name, id(one.packed)))) is None:
            place = places[one.name, id(one.packed)] = data.tell()
            data.write(
                struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, one.method, 0, 33, 0, packed, local, len(name), 0)
            )
            data.write(name + one.packed)
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, one.method, 0, 33, 0, packed, one.says, len(name), 0, 0, 0, 0, 0, place
        ) + name  # fmt: skip
    start = data.tell()
    count = min(len(members), 0xFFFF)
    data.write(directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0))
    return data.getvalue()


def lying(data: bytes, name: str, megabytes: int, says: int) -> bytes:
    """Return an Office file of which one part states another size than it has."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        kept = {one: file.read(one) for one in file.namelist() if one != name}
    members = [Member(one, inner, len(inner), zipfile.ZIP_STORED) for one, inner in kept.items()]
    return sealed([*members, Member(name, zeros(megabytes), says)], kept)


def sealed(members: Sequence[Member], kept: Mapping[str, bytes]) -> bytes:
    """Write the archive with true checksums of the members that are kept as they are."""
    data = bytearray(archive(members))
    for mark, ahead, behind in ((b"PK\3\4", 14, 30), (b"PK\1\2", 16, 46)):
        for name, inner in kept.items():
            at = data.find(mark)
            while at >= 0 and data[at + behind : at + behind + len(name)] != name.encode():
                at = data.find(mark, at + 4)
            data[at + ahead : at + ahead + 4] = struct.pack("<I", zlib.crc32(inner))
    return bytes(data)


def word() -> bytes:
    file = WordFile()
    file.paragraph("The Forum is held in Geneva.")
    return file.save()


def related(times: int, inner: bytes, kind: str = "header") -> bytes:
    """A Word file that refers to one part so many times."""
    data = with_part(word(), "word/far.xml", inner)
    relations = "".join(_RELATION.format(n, kind, "far.xml") for n in range(1000, 1000 + times))
    return replaced(
        data, "word/_rels/document.xml.rels", b"</Relationships>", relations.encode() + b"</Relationships>"
    )


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


def with_many(data: bytes, count: int = 20_000) -> bytes:
    """Add so many tiny parts to an Office file."""
    changed = io.BytesIO(data)
    with zipfile.ZipFile(changed, "a") as file:
        for number in range(count):
            file.writestr(f"x/{number}.xml", b"<x/>")
    return changed.getvalue()


def utf_7(xml: bytes) -> bytes:
    """Return XML with its document type in an encoding that hides it."""
    hidden = xml.replace(b"<!DOCTYPE", b"+ADw-!DOCTYPE").replace(b"&", b"+ACY-")
    return hidden.replace(b'version="1.0"', b'version="1.0" encoding="utf-7"')


def sheets(count: int) -> bytes:
    """A workbook that calls one large sheet by so many names."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, 200_000))
    data = with_part(
        book(), SHEET, b'<worksheet xmlns="%b"><sheetData>%b</sheetData></worksheet>' % (_S, rows)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        inner = file.read("xl/workbook.xml")
    start = inner.index(b"<sheet ")
    one = inner[start : inner.index(b"/>", start) + 2]
    named = b"".join(re.sub(rb'name="[^"]*"', b'name="s%d"' % n, one) for n in range(count))
    return with_part(data, "xl/workbook.xml", inner.replace(one, named))


MANY = b"<x>" + b"<a/>" * 11_000_000 + b"</x>"
DEEP = b"<a>" * 200_000 + b"</a>" * 200_000

BOMBS = {
    "a part that lies.docx": (lambda: lying(word(), DOCUMENT, 3_000, 1_000), "damaged"),
    "a part that lies.xlsx": (lambda: lying(book(), SHEET, 3_000, 1_000), "damaged"),
    "a part that lies.pptx": (lambda: lying(deck(), SLIDE, 3_000, 1_000), "damaged"),
    "a picture that lies.pptx": (lambda: lying(deck(), "ppt/media/a.png", 3_000, 500), "damaged"),
    "20,000 parts.docx": (lambda: with_many(word()), "the most is 10,000"),
    "laughs.docx": (lambda: with_part(word(), DOCUMENT, LAUGHS), "document type"),
    "laughs.xlsx": (lambda: with_part(book(), SHEET, LAUGHS), "document type"),
    "laughs.pptx": (lambda: with_part(deck(), SLIDE, LAUGHS), "document type"),
    "laughs in UTF-7.docx": (lambda: with_part(word(), DOCUMENT, utf_7(LAUGHS)), "encoding"),
    "laughs in UTF-7.xlsx": (lambda: with_part(book(), SHEET, utf_7(LAUGHS)), "encoding"),
    "from outside.docx": (lambda: with_part(word(), DOCUMENT, OUTSIDE), "document type"),
    "from outside.xlsx": (lambda: with_part(book(), "xl/sharedStrings.xml", OUTSIDE), "document type"),
    "from outside.pptx": (lambda: with_part(deck(), SLIDE, OUTSIDE), "document type"),
    "deep.docx": (lambda: with_part(word(), DOCUMENT, DEEP), "depth"),
    "deep.xlsx": (lambda: with_part(book(), SHEET, DEEP), "nested deeper"),
    "deep.pptx": (lambda: with_part(deck(), SLIDE, DEEP), "nested deeper"),
    "deep.html": (lambda: b"<html>" + b"<div>" * 1_000_000, "nested deeper"),
    "long.html": (lambda: b"<html>" + b"<p>" * 7_000_000, "longer than 20 million"),
    "one sheet of many names.xlsx": (lambda: sheets(1_000), "same part"),
    "elements.docx": (lambda: with_part(word(), DOCUMENT, MANY), "more memory than the 450 MB"),
    "stream.pdf": (lambda: pdf(3_000), "takes more memory than the 450 MB"),
    "stream in two layers.pdf": (lambda: pdf(900, 2), "takes more memory than the 450 MB"),
}
"""How each file is written, by its name, and a part of the reason for which it is refused."""

"""No file, however broken, makes a reader hang or raise anything but its own error."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.document.facts import find_facts
from ingest.document.sections import to_sections
from ingest.errors import NotReadable
from ingest.readers.choice import read_file
from tests.ingest.readers import report
from tests.ingest.readers.decks import SLIDE, deck
from tests.ingest.readers.words import with_part
from tests.ingest.readers.workbooks import SHEET, timetable

pytestmark = pytest.mark.slow

BOUNDED = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.data_too_large]
)
FILES = {
    "a.docx": report.as_docx,
    "a.html": report.as_html,
    "a.md": report.as_markdown,
    "a.pdf": report.as_pdf,
    "a.xlsx": timetable,
    "a.pptx": deck,
}
PARTS = {
    "a.docx": [f"word/{n}.xml" for n in ("document", "numbering", "styles", "footnotes")],
    "a.xlsx": [SHEET, "xl/styles.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "_rels/.rels"],
    "a.pptx": [SLIDE, "ppt/presentation.xml", "ppt/slideLayouts/slideLayout2.xml"],
}
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.sampled_from(["cut", "twice", "flip", "put"]), st.binary(max_size=12)),
    min_size=1,
    max_size=8,
)


@cache
def written(write: Callable[[], bytes]) -> bytes:
    return write()


def mutated(data: bytes, edits: list[tuple[float, str, bytes]]) -> bytes:
    """Return `data` with a few places cut out, doubled, changed in one bit, or filled with other bytes."""
    for where, how, other in edits:
        at = int(where * len(data))
        length = 1 + len(other) * 7
        if how == "cut":
            data = data[:at] + data[at + length :]
        elif how == "twice":
            data = data[: at + length] + data[at:]
        elif how == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ (1 << len(other) % 8)]) + data[at + 1 :]
        else:
            data = data[:at] + other + data[at + len(other) :]
    return data


def take_in(name: str, data: bytes) -> None:
    """Do all that an ingest does with one file's content."""
    try:
        extract = read_file(name, data)
    except NotReadable:
        return
    facts = find_facts(extract, name="some file.bin", sidecar={})
    for section in to_sections("d", extract.blocks):
        section.text.encode()
        assert section.id
    facts.title.value.encode()


@pytest.mark.parametrize("name", FILES)
@BOUNDED
@given(edits=EDITS)
def test_a_damaged_file_is_read_or_refused(name: str, edits: list[tuple[float, str, bytes]]) -> None:
    take_in(name, mutated(written(FILES[name]), edits))


@pytest.mark.parametrize(("name", "part"), [(name, part) for name, parts in PARTS.items() for part in parts])
@settings(BOUNDED, max_examples=20)
@given(edits=EDITS)
def test_an_office_file_with_a_damaged_part_is_read_or_refused(
    name: str, part: str, edits: list[tuple[float, str, bytes]]
) -> None:
    data = written(FILES[name])
    inner = zipfile.ZipFile(io.BytesIO(data)).read(part)
    take_in(name, with_part(data, part, mutated(inner, edits)))


TAGS = st.sampled_from(
    "p li ol ul table tr td th h1 h2 b sup a div dl dt dd br pre section main nav span tbody thead".split()
)
OPENED = st.builds(
    lambda tag, name, value: f"<{tag} {name}='{value}'>",
    TAGS,
    st.sampled_from("start value colspan rowspan href id style type role hidden name reversed".split()),
    st.sampled_from(
        ["", "1", "-5", "999999999", "#a", "a", "display:none", "presentation", "list-style:none", "A"]
    ),
)
PIECES = st.one_of(
    OPENED, st.builds("</{}>".format, TAGS), st.text(max_size=6), st.sampled_from(["1.", "2.1 X", "(a) y"])
)


@settings(BOUNDED, max_examples=150)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_soup_of_tags_is_read_or_refused(page: str) -> None:
    take_in("a.html", page.encode("utf-8", "replace"))


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.html", b"<html>" + b"<div>" * 300_000 + b"x"),
        ("a.html", b"<html>" + b"".join(b"<b a=%d>" % n for n in range(5_000)) + b"<p>x" * 20_000),
        ("a.html", b"<html>" + b"<p>" + b"<table><tr><td>" * 200 + b"x"),
        ("a.html", b"<html>" + b"<table>" + b"<tr><td rowspan=1000 colspan=64>x" * 2_000),
        ("a.html", b"<html>" + b"<ol>" + b"<li>item" * 50_000),
        ("a.html", b"<html>" + b"<a href='#n'><sup>1</sup></a>" * 20_000 + b"<p id=n>note"),
        ("a.md", b"[" * 20_000),
        ("a.md", b"> " * 5_000 + b"x"),
        ("a.md", b"*a_ " * 20_000),
        ("a.md", b"- " * 5_000 + b"x"),
        ("a.md", b"|a" * 3_000 + b"\n" + b"|-" * 3_000 + b"\n" + b"|a\n" * 3_000),
    ],
    ids=range(11),
)
def test_what_is_made_to_hold_up_a_reader_does_not(name: str, data: bytes) -> None:
    take_in(name, data)

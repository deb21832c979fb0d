"""The same document states the same facts, whatever it is saved as."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from ingest.document.facts import find_facts
from ingest.readers.choice import reader_for
from tests.ingest.readers import pdfs
from tests.ingest.readers.words import WordFile

PROSE = (
    "The Council considered the report of the Secretary-General at length and asked for more to be done in "
    "developing countries during the coming year, as it had on 3 March 2021."
)


@dataclass(frozen=True)
class Paper:
    """A letterhead of cells side by side, lines below it, and running text."""

    letterhead: Sequence[tuple[str, str]]
    lines: Sequence[str]
    title: str
    symbol: str | None
    day: date | None


PAPERS = {
    "paper": Paper(
        (
            ("Council 2025", "Geneva, 17-27 June 2025"),
            ("Agenda item: ADM 3", "Document C25/901-E"),
            ("Original: English", "20 May 2025"),
        ),
        ("CONNECTIVITY IN RURAL AREAS",),
        "CONNECTIVITY IN RURAL AREAS",
        "C25/901-E",
        date(2025, 5, 20),
    ),
    "temporary document": Paper(
        (
            ("INTERNATIONAL TELECOMMUNICATION UNION", "SG13-TD214/PLEN"),
            ("TELECOMMUNICATION STANDARDIZATION SECTOR", "STUDY GROUP 13"),
            ("Question(s): All/13", "Geneva, 9-20 March 2026"),
            ("Title:", "Time plan of the meeting of Study Group 13"),
            ("Date of this version:", "19 February 2026"),
        ),
        ("Contact: the secretariat",),
        "Time plan of the meeting of Study Group 13",
        "SG13-TD214/PLEN",
        date(2026, 2, 19),
    ),
    "circular": Paper(
        (("Administrative Circular CACE/1119", "Geneva, 4 March 2024"),),
        (
            "To Administrations of Member States",
            "Subject: Meeting of Study Group 7 in September 2024",
            "Dear Sir,",
        ),
        "Meeting of Study Group 7 in September 2024",
        "CACE/1119",
        date(2024, 3, 4),
    ),
    "programme": Paper(
        (("Deadline", "28 February 2022"), ("Venue", "Room H")),
        ("Call for papers on quantum networks",),
        "Call for papers on quantum networks",
        None,
        None,
    ),
}


def as_text(paper: Paper) -> bytes:
    return "\n".join(["\t".join(row) for row in paper.letterhead] + [*paper.lines, "", PROSE]).encode()


def as_markdown(paper: Paper) -> bytes:
    rows = [f"| {left} | {right} |" for left, right in paper.letterhead]
    return "\n".join([*rows[:1], *["|---|---|"][: len(rows)], *rows[1:], "", *lines_apart(paper)]).encode()


def lines_apart(paper: Paper) -> list[str]:
    return [f"{line}\n" for line in [*paper.lines, PROSE]]


def as_html(paper: Paper) -> bytes:
    rows = "".join(f"<tr><td>{left}<td>{right}" for left, right in paper.letterhead)
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in [*paper.lines, PROSE])
    return f"<html><head><title>Documents portal</title></head><body><table>{rows}</table>{lines}</body>".encode()


def as_docx(paper: Paper) -> bytes:
    word = WordFile()
    if paper.letterhead:
        word.table(paper.letterhead)
    for line in [*paper.lines, PROSE]:
        word.paragraph(line)
    return word.save()


def as_pdf(paper: Paper) -> bytes:
    table = [pdfs.table(paper.letterhead)] if paper.letterhead else []
    return pdfs.set_pdf([*table, *(pdfs.paragraph(html.escape(line)) for line in [*paper.lines, PROSE])])


FORMATS = {"txt": as_text, "md": as_markdown, "html": as_html, "docx": as_docx, "pdf": as_pdf}


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
@pytest.mark.parametrize(("ending", "write"), FORMATS.items(), ids=FORMATS)
def test_the_facts_do_not_depend_on_the_format(
    ending: str, write: Callable[[Paper], bytes], paper: Paper
) -> None:
    data = write(paper)
    found = find_facts(reader_for(f"x.{ending}", data)(data), name=f"x.{ending}", sidecar={})
    stated = None if found.date_inferred else found.date.value
    assert (found.title.value, found.symbol.value, stated) == (paper.title, paper.symbol, paper.day)


def facts_of(name: str, text: str) -> tuple[str, str | None, date | None]:
    data = text.encode()
    found = find_facts(reader_for(name, data)(data), name=name, sidecar={})
    return found.title.value, found.symbol.value, found.date.value


def test_letterhead_outside_of_a_pages_content_is_read() -> None:
    page = (
        "<header><p>E/CN.17/2016/SR.4<p>Distr.: General<br>8 April 2016</header>"
        f"<main><h1>Review of water policies</h1><p>{PROSE}</main><footer>Page last updated: 11 Apr 2016</footer>"
    )
    assert facts_of("x.html", page) == ("Review of water policies", "E/CN.17/2016/SR.4", date(2016, 4, 8))


def test_foot_of_a_page_dates_it_if_nothing_else_does() -> None:
    page = f"<main><h1>Water policies</h1><p>{PROSE}</main><footer>Page last updated: 11 April 2016</footer>"
    assert facts_of("x.html", page) == ("Water policies", None, date(2016, 4, 11))


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("<time itemprop=datePublished datetime=2021-05-03>May 3</time>", date(2021, 5, 3)),
        ("<time datetime=2021-05-03>May 3</time>", None),
    ],
)
def test_marked_time_of_a_page_dates_it(time: str, day: date | None) -> None:
    assert facts_of("x.html", f"<h1>Water policies</h1>{time}<p>{PROSE}")[2] == day

"""The same letter has the same numbers and the same dates, whatever it is saved as."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.register import build_register
from ingest.files import InputFile, read_document
from tests.event_reading import read_events
from tests.ingest.readers import pdfs
from tests.ingest.readers.words import WordFile

TITLE = "Workshop on spectrum for rural areas"
SUBJECT = f"Subject: {TITLE}"
HEAD = ["Geneva, 4 March 2024", "Ref.: Circular/BR/17", SUBJECT]
PARAGRAPHS = [
    (
        "1",
        "The workshop will be held in Nairobi, Kenya, from 10 to 12 September 2024. It brings together those who plan "
        "networks and those who live where there is none, and its sessions are in English, with captions in French.",
    ),
    (
        "2",
        "The webinar planned for 18 June 2024 has been cancelled. Requests for visas are due by 1 July 2024.",
    ),
    (
        "3",
        "Contributions are welcome from administrations and from members of the sector, in any official language of "
        "the Union, and are put on the page of the workshop as they come. The dates that matter are given below.",
    ),
]
TABLE = [
    ("Step", "Deadline"),
    ("Registration", "26 August 2024"),
    ("Written contributions", "19 August 2024"),
]
CLOSE = ("4", "The report will be published on 14 October 2024.")

# A title where a row has one; else the sentence, which every surface shows as a quotation.
ENTRIES = [
    (
        "2024-06-18", "2024-06-18", "meeting", "cancelled",
        "The webinar planned for 18 June 2024 has been cancelled.",
    ),
    ("2024-07-01", "2024-07-01", "deadline", "scheduled", "Requests for visas are due by 1 July 2024."),
    ("2024-08-19", "2024-08-19", "deadline", "scheduled", "Written contributions"),
    ("2024-08-26", "2024-08-26", "deadline", "scheduled", "Registration"),
    (
        "2024-09-10", "2024-09-12", "meeting", "scheduled",
        "The workshop will be held in Nairobi, Kenya, from 10 to 12 September 2024.",
    ),
    ("2024-10-14", "2024-10-14", "publication", "scheduled", "The report will be published on 14 October 2024."),
]  # fmt: skip


def as_text() -> bytes:
    numbered = [f"{number}\t{text}" for number, text in PARAGRAPHS]
    rows = ["\t".join(row) for row in TABLE]
    return "\n\n".join([*HEAD, *numbered, "\n".join(rows), "\t".join(CLOSE)]).encode()


def as_markdown() -> bytes:
    first, *rows = [f"| {' | '.join(row)} |" for row in TABLE]
    numbered = [f"{number}. {text}" for number, text in PARAGRAPHS]
    return "\n\n".join(
        [*HEAD, *numbered, "\n".join([first, "|---|---|", *rows]), f"{CLOSE[0]}. {CLOSE[1]}"]
    ).encode()


def as_html() -> bytes:
    def line(text: str) -> str:
        return f"<p>{html.escape(text)}</p>"

    numbered = "".join(line(f"{number}. {text}") for number, text in PARAGRAPHS)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in TABLE)
    lines = "".join(map(line, HEAD))
    return f"<body>{lines}{numbered}<table>{rows}</table>{line('. '.join(CLOSE))}</body>".encode()


def as_docx() -> bytes:
    word = WordFile()
    word.abstract(1, [("decimal", "%1")])
    word.instance(1, 1)
    for line in HEAD:
        word.paragraph(line)
    for _, text in PARAGRAPHS:
        word.paragraph(text, num=1)
    word.table(TABLE)
    word.paragraph(CLOSE[1], num=1)
    return word.save()


def as_pdf() -> bytes:
    wide = "&nbsp;" * 12
    *numbered, close = [pdfs.paragraph(f"{number}{wide}{text}") for number, text in [*PARAGRAPHS, CLOSE]]
    return pdfs.set_pdf([*map(pdfs.paragraph, HEAD), *numbered, pdfs.table(TABLE), close])


FORMATS = {"txt": as_text, "md": as_markdown, "html": as_html, "docx": as_docx, "pdf": as_pdf}


@pytest.mark.parametrize(("ending", "write"), FORMATS.items(), ids=FORMATS)
def test_the_entries_do_not_depend_on_the_format(ending: str, write: Callable[[], bytes]) -> None:
    document, sections = read_document(InputFile(Path(f"letter.{ending}"), Path()), write())
    events = read_events(document, sections)
    entries = build_register([document], {s.id: s for s in sections}, events, date(2024, 4, 1))

    assert document.title == TITLE
    assert [s.number for s in sections] == ["0", "1", "2", "3", "4"]
    assert sorted((str(e.start), str(e.end), e.kind, e.status, e.title) for e in entries) == ENTRIES

"""Plain text into sections: numbers, headings, lists, margins, encodings."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from ingest.document.sections import to_sections
from ingest.errors import NotReadable
from ingest.files import InputFile, read_bytes, read_document
from ingest.readers.text import read
from ingest.text.sentences import split
from store.records import Section

PAPERS = Path(__file__).parents[2] / "data" / "papers"


def sections(text: str) -> list[Section]:
    return to_sections("paper", read(text.encode()).blocks)


def numbers(text: str) -> list[str]:
    return [section.number for section in sections(text)]


def of_file(name: str) -> list[Section]:
    path = PAPERS / name
    file = InputFile(path, path.parent)
    return read_document(file, read_bytes(file))[1]


def dotted(chapters: dict[int, int]) -> list[str]:
    return ["0", *(f"{chapter}.{n}" for chapter, last in chapters.items() for n in range(1, last + 1))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("council-digital-cooperation-2025.txt", dotted({1: 2, 2: 2, 3: 3, 4: 4, 5: 2})),
        ("minutes-cwg-2025.txt", dotted({1: 2, 2: 4, 3: 2, 4: 3, 5: 2, 6: 2})),
        ("timetable-annex-2026.txt", dotted({1: 4, 2: 1, 3: 4, 4: 3})),
        ("circular-invitation-2025.txt", [str(n) for n in range(11)]),
        ("cstd-secretariat-note-2025.txt", [str(n) for n in range(11)]),
        ("sg-progress-report-2025.txt", [str(n) for n in range(13)]),
        ("unga-resolution-excerpt-2024.txt", [str(n) for n in range(12)]),
        ("news-wsis-ai-week-2025.txt", ["0"]),
    ],
)
def test_papers_are_numbered_as_they_print_it(name: str, expected: list[str]) -> None:
    # What stands before the first number may make several sections.
    assert [number for number, _ in groupby(section.number for section in of_file(name))] == expected


def test_a_roman_figure_names_a_part_and_none_of_its_paragraphs() -> None:
    headings = {s.number: s.heading for s in of_file("sg-progress-report-2025.txt")}

    assert [headings[n] for n in ("0", "2", "3", "8", "9", "12")] == [
        "",
        "Introduction",
        "Connectivity",
        "Governance of artificial intelligence",
        "Follow-up by the system",
        "Observations",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "22 April 2025",
        "27 references to the digital agenda were counted in the draft.",
        "2.6 billion people remain offline.",
        "2024 was a year of decisions.",
        "3.5 GHz is the band that was chosen.",
        "120 delegates took part.",
    ],
)
def test_a_figure_that_opens_a_sentence_is_no_number(line: str) -> None:
    assert numbers(f"4. Connectivity\n4.1\tThe Union reports every year.\n{line}\n") == ["4.1"]


def test_an_agenda_loses_none_of_its_items() -> None:
    made = sections(
        "Draft agenda\n1. Opening\n2. Elections\n2.1 Election of the Chair\n2.2 Rapporteur\n3. Closing\n"
    )

    assert [(s.number, s.heading, s.text) for s in made] == [
        ("0", "", "Draft agenda"),
        ("1", "", "Opening"),
        ("2.1", "Elections", "Election of the Chair"),
        ("2.2", "Elections", "Rapporteur"),
        ("3", "Elections", "Closing"),
    ]


def test_headings_may_be_counted_apart_from_paragraphs() -> None:
    made = sections(
        "1. Scope\n1.\tThe note is short.\n2.\tIt has parts.\n3.\tFew.\n2. Findings\n4.\tThere are few.\n"
    )

    assert [(s.number, s.heading) for s in made] == [
        ("1", "Scope"),
        ("2", "Scope"),
        ("3", "Scope"),
        ("4", "Findings"),
    ]


WRAPPED = """1. Connectivity

1.1   An estimated two thirds of the population of the world was online in
      2024, which leaves a third offline. The Union has counted in all some
      2.6 billion people, most of them in the countryside, and on 17 March
      22 governments asked it to go on counting.
1.2   The Union will:
      - publish the next figures in November, together with those that it
        holds on prices;
      - report to the Council.

2. Finance
2.1   The fund holds 84 million francs. Its next meeting will be held from
      1 to 3 June in the Popov Room, where the members of the board expect
      the Secretary-General. Resolution
      A/RES/79/1 will be before them.
"""


def test_hard_wrapped_paragraphs_are_joined() -> None:
    made = sections(WRAPPED)

    assert [s.number for s in made] == ["1.1", "1.2", "2.1"]
    assert [s.heading for s in made] == ["Connectivity", "Connectivity", "Finance"]
    assert [made[0].text[a:b] for a, b in split(made[0].text)] == [
        "An estimated two thirds of the population of the world was online in 2024, which leaves a third offline.",
        "The Union has counted in all some 2.6 billion people, most of them in the countryside, and on 17 March 22 "
        "governments asked it to go on counting.",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n", "the file is empty"),
        (b"\x89PNG\x00\x00\x00", "binary data"),
        (b"\xff\xfe\x00", "not text in UTF-8, UTF-16 or Windows-1252"),
        (b"caf\x81 \x8d", "not text in UTF-8, UTF-16 or Windows-1252"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(NotReadable, match=said):
        read(data)

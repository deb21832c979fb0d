"""What a document is, and where that was found."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.document.facts import Fact, find_facts
from ingest.readers.base import Block, Extract, Properties

ENGLISH = (
    "The report of the Secretary-General to the Council on the work of the Union in the year that is over."
)


def extract(*lines: str, **others: object) -> Extract:
    cover = [Block("paragraph", line) for line in lines]
    return Extract(blocks=[*cover, Block("paragraph", ENGLISH, "1")], **others)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "symbol"),
    [
        ("Document C25/901-E", "C25/901-E"),
        ("United Nations A/HRC/RES/47/23", "A/HRC/RES/47/23"),
        ("C24/INF/8-E", "C24/INF/8-E"),
        ("S/RES/2250 (2015)", None),
        ("See Document C25/901-E for more.", None),
        ("N/A", None),
    ],
)
def test_symbol_is_alone_on_its_line(line: str, symbol: str | None) -> None:
    found = find_facts(extract(line), name="x.docx", sidecar={}).symbol
    assert found == (Fact(symbol, "text") if symbol else Fact(None, "nowhere"))


def test_default_date_of_a_program_is_ignored() -> None:
    zero = extract(date=date.min, properties=Properties(date=date.min))
    assert find_facts(zero, name="x.md", sidecar={}).date == Fact(None, "nowhere")


def test_a_revision_names_what_it_revises() -> None:
    found = find_facts(extract("Revision 2 to", "Document C25/12-E"), name="x.docx", sidecar={})
    assert found.symbol.value == "C25/12(Rev.2)-E"


def test_a_symbol_is_found_in_the_running_head() -> None:
    found = find_facts(extract(margins=["C25/901-E", "2"]), name="x.docx", sidecar={})
    assert found.symbol == Fact("C25/901-E", "margin")


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("S25-CL-C-0901!!MSW-E.docx", "C25/901-E"),
        ("2025/S25-CL-INF-0008!R1!PDF-F.pdf", "C25/INF/8(Rev.1)-F"),
        ("S25-CL-C-0031!A2!MSW-E.docx", "C25/31(Add.2)-E"),
        ("S25-CL-C-0031!C1!MSW-S.docx", "C25/31(Corr.1)-S"),
        ("A_RES_79_1-EN.pdf", "A/RES/79/1"),
        ("a_plan_for_2025.docx", None),
    ],
)
def test_a_symbol_is_read_from_the_file_names_of_the_two_organisations(name: str, symbol: str | None) -> None:
    assert find_facts(extract(), name=name, sidecar={}).symbol.value == symbol


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["Geneva, 20 May 2025"], date(2025, 5, 20)),
        (["Geneva, 17-27 June 2025", "Document C25/901-E", "20 May 2025"], date(2025, 5, 20)),
        (["Geneva, 17-27 June 2025"], None),
        (["7 July 2025", "Opening", "8 July 2025", "Closing"], None),
        (["The Council met on 20 May 2025."], None),
    ],
)
def test_date_of_a_document_is_not_that_of_its_meeting(lines: list[str], day: date | None) -> None:
    found = find_facts(extract(*lines), name="x.docx", sidecar={})
    assert found.date == (Fact(day, "text") if day else Fact(None, "nowhere"))


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["Document C25/901-E Geneva, 20 May 2025 Original: English"], date(2025, 5, 20)),
        (["COMMISSION FOR METEOROLOGY\t(14.IX.2006)", "EXTRAORDINARY SESSION\tITEM 1.3"], date(2006, 9, 14)),
        (["Date of this version:", "19 Feb 2026"], date(2026, 2, 19)),
        (["Published: 23 March 2020 (replaces the notice of 12 March 2020)"], date(2020, 3, 23)),
        (["Last updated: 4 April 2020", "Published 3 April 2020"], date(2020, 4, 3)),
        (["Home | Council | Last update: 2 April 2026"], date(2026, 4, 2)),
        (["[Adopted on 14 June 2024]"], date(2024, 6, 14)),
        (["A/RES/79/294", "2 May 2025", "Resolution adopted on 24 April 2025"], date(2025, 5, 2)),
        (["GENEVA, 14 July 2025 – The Union launches an initiative"], date(2025, 7, 14)),
        (["EMBARGO until 14 July 2025"], None),
        (["Deadline\t28 February 2022"], None),
        (["Date: Tuesday, 5 May 2020", "Time: 14:00", "Venue: Room H"], None),
        (["Date: 5 May 2020, 14:00"], None),
        (["Meeting of experts", "4 March 2025", "Circular letter 28", "20 May 2025"], date(2025, 3, 4)),
        (["Further to our letter of 3 March 2025"], None),
    ],
)
def test_words_around_a_day_decide_whether_it_is_the_documents(lines: list[str], day: date | None) -> None:
    assert find_facts(extract(*lines), name="x.docx", sidecar={}).date.value == day


@pytest.mark.parametrize(
    ("last", "day"),
    [
        ("Done at Geneva, 3 May 2021", date(2021, 5, 3)),
        ("Issued by the secretariat, 22 October 2013, 9.15 p.m. | Please recycle", date(2013, 10, 22)),
        ("Page last updated: 05-Mar-2025 | Privacy notice", date(2025, 3, 5)),
        ("Next meeting: Geneva, 3 May 2021", None),
        ("The text was adopted on 3 May 2021.", None),
    ],
)
def test_end_of_a_document_dates_it_if_its_head_does_not(last: str, day: date | None) -> None:
    below = [Block("paragraph", ENGLISH, "1"), Block("paragraph", last)]
    assert find_facts(Extract(blocks=below), name="x.docx", sidecar={}).date.value == day
    dated = [Block("paragraph", "Geneva, 1 May 2020"), *below]
    assert find_facts(Extract(blocks=dated), name="x.docx", sidecar={}).date.value == date(2020, 5, 1)


def test_symbol_below_the_salutation_is_another_document() -> None:
    assert (
        find_facts(extract("Dear colleagues,", "Circular letter 28"), name="x.docx", sidecar={}).symbol.value
        is None
    )


@pytest.mark.parametrize(
    ("lines", "symbol"),
    [
        (["Addendum 1 to Document C24/11"], "C24/11(Add.1)"),
        (["Addendum 2 to", "Document C24/11-E"], "C24/11(Add.2)-E"),
        (["Addendum to Document C24/11-E"], "C24/11(Add.1)-E"),
        (["Corrigendum to", "Document C24/11-E"], "C24/11(Corr.1)-E"),
        (["Addendum 1 au", "Document C24/11-F"], "C24/11(Add.1)-F"),
        (["Addendum to the rules", "Document C24/11-E"], "C24/11-E"),
    ],
)
def test_an_addendum_has_a_symbol_of_its_own(lines: list[str], symbol: str) -> None:
    assert find_facts(extract(*lines), name="x.docx", sidecar={}).symbol.value == symbol


def test_an_addendum_in_words_that_are_not_known_has_the_symbol_of_its_file() -> None:
    head = extract("الإضافة 1 للوثيقة", "C24/11-A")
    assert find_facts(head, name="S24-CL-C-0011!A1!MSW-A.docx", sidecar={}).symbol.value == "C24/11(Add.1)-A"


@pytest.mark.parametrize(
    ("line", "symbol"),
    [
        ("Ref: TSB Collective letter 6/13", "TSB Collective letter 6/13"),
        ("Circular letter CA/288", "CA/288"),
        ("Circular Letter No.4519/Add.2", "Circular Letter No.4519/Add.2"),
        ("Doc. FM(05)188", "FM(05)188"),
        ("EC-83/INF. 3.4(2)", "EC-83/INF. 3.4(2)"),
        ("CA C 4 2027.1–Doc 6a", "CA C 4 2027.1–Doc 6a"),
        ("RESOLUTION 140 (REV. BUCHAREST, 2022)", "Resolution 140 (Rev. Bucharest, 2022)"),
        ("Ref.: your letter of 3 March 2021", None),
        ("References: Decision 640", None),
        ("Question(s): 5/13", None),
        ("WTDC-21", None),
    ],
)
def test_reference_is_the_symbol(line: str, symbol: str | None) -> None:
    assert find_facts(extract(line), name="x.docx", sidecar={}).symbol.value == symbol


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["UNITED NATIONS", "A/79/1", "REPORT ON TRADE", "Summary"], "REPORT ON TRADE"),
        (["Report on trade", "Report of the Secretary-General"], "Report on trade"),
        (["PRESS RELEASE", "Members agree on new rules."], "Members agree on new rules"),
        (
            ["Committee on Water", "Minutes of the 4th meeting"],
            "Committee on Water: Minutes of the 4th meeting",
        ),
        (["WORLD SUMMIT ON THE INFORMATION SOCIETY", "Report on activities"], "Report on activities"),
        (
            ["Telecommunication Bureau", "Subject: New dates for the conference"],
            "New dates for the conference",
        ),
    ],
)
def test_a_title_is_neither_letterhead_nor_format(lines: list[str], title: str) -> None:
    assert find_facts(extract(*lines), name="x.docx", sidecar={}).title.value == title


def test_property_with_todays_date_is_ignored() -> None:
    kept = extract(properties=Properties(date=date(2025, 5, 21)))
    found = find_facts(kept, name="x.docx", sidecar={}, today=date(2025, 5, 21))
    assert (found.date, found.date_inferred) == (Fact(None, "nowhere"), False)


def test_date_from_properties_is_inferred() -> None:
    kept = Properties(date=date(2025, 5, 21))
    found = find_facts(extract(properties=kept), name="x.docx", sidecar={})
    assert (found.date, found.date_inferred) == (Fact(date(2025, 5, 21), "properties"), True)


def test_sidecar_has_precedence() -> None:
    stated = {
        "title": "T",
        "symbol": "C25/1-E",
        "date": date(2025, 1, 1),
        "date_inferred": True,
        "language": "fr",
    }
    found = find_facts(
        extract("C24/2-E", "Geneva, 20 May 2024", title="Other"), name="x.docx", sidecar=stated
    )
    assert [f.value for f in (found.title, found.symbol, found.date, found.language)] == [
        "T",
        "C25/1-E",
        date(2025, 1, 1),
        "fr",
    ]


@pytest.mark.parametrize("kept", ["Microsoft Word - draft3.docx", "untitled", "Document1"])
def test_default_title_of_a_program_is_ignored(kept: str) -> None:
    found = find_facts(extract(properties=Properties(title=kept)), name="annual_report.docx", sidecar={})
    assert found.title == Fact("annual report", "file name")

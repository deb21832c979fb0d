"""What a document is, and where that was found."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.facts import Fact, find_facts, identity
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
        ("A/RES/79/1", "A/RES/79/1"),
        ("United Nations A/HRC/RES/47/23", "A/HRC/RES/47/23"),
        ("C24/INF/8-E", "C24/INF/8-E"),
        ("Document C25/12(Rev.1)-E", "C25/12(Rev.1)-E"),
        ("S/RES/2250 (2015)", None),
        ("See Document C25/901-E for more.", None),
        ("N/A", None),
    ],
)
def test_a_symbol_stands_alone_on_its_line(line: str, symbol: str | None) -> None:
    found = find_facts(extract(line), name="x.docx", sidecar={}).symbol
    assert found == (Fact(symbol, "text") if symbol else Fact(None, "nowhere"))


def test_a_revision_names_what_it_revises() -> None:
    found = find_facts(extract("Revision 2 to", "Document C25/12-E"), name="x.docx", sidecar={})
    assert found.symbol.value == "C25/12(Rev.2)-E"


def test_a_revision_is_the_same_document() -> None:
    assert identity("C25/12(Rev.2)-E") == identity("C25/12-E")


def test_a_symbol_is_found_in_the_running_head() -> None:
    found = find_facts(extract(margins=["C25/901-E", "2"]), name="x.docx", sidecar={})
    assert found.symbol == Fact("C25/901-E", "margin")


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("S25-CL-C-0901!!MSW-E.docx", "C25/901-E"),
        ("2025/S25-CL-INF-0008!R1!PDF-F.pdf", "C25/INF/8(Rev.1)-F"),
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
        (["20 May 2025", "Original: English"], date(2025, 5, 20)),
        (["Date: 20 May 2025"], date(2025, 5, 20)),
        (["Geneva, 17-27 June 2025", "Document C25/901-E", "20 May 2025"], date(2025, 5, 20)),
        (["Geneva, 17-27 June 2025"], None),
        (["7 July 2025", "Opening", "8 July 2025", "Closing"], None),
        (["The Council met on 20 May 2025."], None),
    ],
)
def test_the_day_of_a_document_is_told_from_the_days_of_meetings(lines: list[str], day: date | None) -> None:
    found = find_facts(extract(*lines), name="x.docx", sidecar={})
    assert found.date == (Fact(day, "text") if day else Fact(None, "nowhere"))


def test_a_day_that_only_the_program_knows_is_inferred() -> None:
    kept = Properties(date=date(2025, 5, 21))
    found = find_facts(extract(properties=kept), name="x.docx", sidecar={})
    assert (found.date, found.date_inferred) == (Fact(date(2025, 5, 21), "properties"), True)


def test_a_day_in_the_file_name_is_inferred() -> None:
    found = find_facts(extract(), name="2025-05-20 report.docx", sidecar={})
    assert (found.date, found.date_inferred) == (Fact(date(2025, 5, 20), "file name"), True)


def test_the_sidecar_stands_above_all() -> None:
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
def test_what_programs_put_for_a_title_is_none(kept: str) -> None:
    found = find_facts(extract(properties=Properties(title=kept)), name="annual_report.docx", sidecar={})
    assert found.title == Fact("annual report", "file name")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (
            "Le rapport du Secrétaire général sur les travaux de l'Union pendant l'année écoulée et le budget.",
            "fr",
        ),
        ("El informe del Secretario General sobre los trabajos de la Unión durante el año pasado.", "es"),
        ("秘书长关于国际电联上一年度工作的报告提交理事会审议。", "zh"),
        ("Отчет Генерального секретаря о работе Союза за прошедший год.", "ru"),
        ("تقرير الأمين العام عن أعمال الاتحاد خلال العام الماضي.", "ar"),
    ],
)
def test_the_language_is_that_of_the_text(text: str, language: str) -> None:
    found = find_facts(Extract(blocks=[Block("paragraph", text, "1")]), name="x.docx", sidecar={})
    assert found.language == Fact(language, "text")

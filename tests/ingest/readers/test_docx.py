"""Word files: numbers as Word prints them, and what is text and what is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ingest.document.facts import find_facts
from ingest.readers import docx
from tests.cases import cases
from tests.ingest.readers.words import WordFile


@pytest.mark.parametrize("case", cases("readers/docx"))
def test_a_file_is_read_as_word_prints_it(case: dict[str, Any]) -> None:
    word = WordFile()
    word.document.styles.add_style("toc 1", 1)
    made: Any = None
    for name, *values in case["steps"]:
        named = values.pop() if isinstance(values[-1], dict) and name != "abstract" else {}
        made = getattr(word, name)(*values, **named)
    for row, column, last_row, last_column, text in case.get("merged", ()):
        made.cell(row, column).merge(made.cell(last_row, last_column)).text = text
    for row, xml in case.get("row_properties", ()):
        made.rows[row]._tr.insert(0, word.element(xml))

    extract = docx.read(word.save())

    told: dict[str, Any] = {
        "numbers": [block.number for block in extract.blocks],
        "texts": [block.raw for block in extract.blocks],
        "notes": list(extract.notes),
        "last_row": list(extract.blocks[-1].rows[0]) if extract.blocks[-1].rows else None,
    }
    expected = {name: case[name] for name in told if name in case}
    assert {name: told[name] for name in expected} == expected


def test_the_cover_in_two_columns_tells_symbol_and_day() -> None:
    word = WordFile()
    table = word.table(
        [
            ["Council 2025\nGeneva, 17–27 June 2025", ""],
            ["Agenda item: ADM 1", "Document C25/901-E"],
            ["x", "x"],
        ]
    )
    table.cell(1, 1).add_paragraph("20 May 2025")
    table.cell(1, 1).add_paragraph("Original: English")
    table.cell(2, 0).merge(table.cell(2, 1)).text = "Report by the Secretary-General"
    word.paragraph("1.1 It is long enough not to be taken for a heading, whatever stands in front of it.")
    found = find_facts(docx.read(word.save()), name="x.docx", sidecar={})
    assert (found.symbol.value, found.date.value, found.date.found) == (
        "C25/901-E",
        date(2025, 5, 20),
        "text",
    )

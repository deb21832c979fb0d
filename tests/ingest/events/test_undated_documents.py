"""An undated document is dated by the days that it states, and its dates are those of a document of that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from statistics import median_low

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.dates import find_dates
from ingest.events import number_dates
from store.records import Document, Section
from tests.tools.benchmarks.corpus import paragraphs

UNDATED = Document("C25/9", "paper.txt", "Report")
HEADINGS = ("", "Activities", "Meetings in 2026", "SDG Digital 2024", "Monday, 22 June")
# Each depends on the date of the document, on the heading, or on the text beside it.
OPEN = (
    "The Forum opens on 5 May",
    "The deadline is next Friday",
    "12-13 October: Workshop",
    "It meets annually in March",
    "Replies are due by the 12th",
)
DATED = [text for text in paragraphs(200, longest=2) if find_dates(text, reference=None)]
LINES = st.sampled_from(OPEN) | st.sampled_from(DATED)


def _stated_days(texts: Sequence[str]) -> list[date]:
    found = [e for text in texts for e in find_dates(text, reference=None)]
    return [e.start for e in found if e.start and e.precision in ("day", "month") and not e.year_inferred]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(HEADINGS), st.lists(LINES, min_size=1, max_size=3)), max_size=12))
def test_dates_of_an_undated_document_are_those_of_one_of_the_day_that_it_states(
    parts: list[tuple[str, list[str]]],
) -> None:
    sections = [
        Section("C25/9", str(n), n, n, heading, "\n".join(lines), "\n".join(lines))
        for n, (heading, lines) in enumerate(parts, 1)
    ]
    days = _stated_days([heading for heading, _ in dict(parts).items()]) or _stated_days(
        [section.text for section in sections]
    )
    dated = replace(UNDATED, date=median_low(days) if days else None)
    assert list(number_dates(UNDATED, sections)) == list(number_dates(dated, sections))

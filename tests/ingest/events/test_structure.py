"""Tables, lists, labels and headings tell what their dates are the dates of."""

from __future__ import annotations

import pytest

from tests.ingest.events.papers import events, only, rows


def test_a_row_has_its_subject_and_its_column() -> None:
    text = "Group: Working Party 7A; Meeting: 9-13 March 2026; Deadline for contributions: 2 March 2026; Place: Geneva"
    meeting, deadline = events(text)
    assert (meeting.title, meeting.kind, meeting.location) == ("Working Party 7A", "meeting", "Geneva")
    assert (deadline.title, deadline.kind, deadline.mentions[0].bound) == (
        "Working Party 7A: deadline for contributions", "deadline", "by",
    )  # fmt: skip


def test_a_number_or_a_code_is_no_subject() -> None:
    assert (
        rows("No.: 4; Action: Send the survey to members; When: 5 May 2025")[0][0]
        == "Send the survey to members"
    )


def test_column_of_old_dates() -> None:
    old, new = events("Activity: Final proposals; Was: 18 October 2021; Now: 16 May 2022")
    assert (old.title, old.mentions[0].cue) == ("Final proposals", "postponed")
    assert (new.title, new.mentions[0].cue) == ("Final proposals", None)


def test_remark_in_a_row_applies_to_its_date() -> None:
    found = only("Event: Regional workshop; Dates: 4–6 March 2026; Remarks: cancelled")
    assert found.mentions[0].cue == "cancelled"


def test_column_named_by_a_day_dates_its_cells() -> None:
    found = events("Time: 0930; Mon 9 March 2026: Opening plenary; Tue 10 March 2026: –")
    assert [str(e.mentions[0].start) for e in found] == ["2026-03-09"]


@pytest.mark.parametrize(
    ("line", "title", "kind", "start"),
    [
        ("· Abstracts of papers: 15 March 2025", "Abstracts of papers", "deadline", "2025-03-15"),
        ("· 9 – 13 March 2026: Executive Committee of the Coalition, Geneva", "Executive Committee of the Coalition",
         "meeting", "2026-03-09"),
        ("12 May 2025 – Council Working Group on WSIS, second meeting", "Council Working Group on WSIS, second meeting",
         "meeting", "2025-05-12"),
        ("Registration closes: 30 April 2025", "Registration closes", "deadline", "2025-04-30"),
        ("· Regional Forum for Africa, 4-6 March 2026", "Regional Forum for Africa", "meeting", "2026-03-04"),
    ],
)  # fmt: skip
def test_title_of_a_line_is_before_or_after_its_date(line: str, title: str, kind: str, start: str) -> None:
    found = only(line)
    assert (found.title, found.kind, str(found.mentions[0].start)) == (title, kind, start)


def test_label_without_a_subject_gets_the_title_above() -> None:
    found = only("Global Symposium for Regulators\nDate: 4-7 July 2025\nVenue: Riyadh", heading="Annex 1")
    assert found.title == "Global Symposium for Regulators"


def test_a_heading_may_be_a_day() -> None:
    found = events("0930 Opening of the session", heading="Monday, 22 June 2026")
    assert [(e.kind, str(e.mentions[0].start)) for e in found] == [("meeting", "2026-06-22")]


def test_year_in_the_heading_applies_to_the_days_below() -> None:
    found = only("· 9 – 13 March: Executive Committee", heading="Meetings in 2027")
    assert str(found.mentions[0].start) == "2027-03-09"


def test_no_title_is_a_label_or_broken() -> None:
    text = "Key dates\nDate: 5 May 2025\nWhen: 6 May 2025\nDeadline: 7 May 2025"
    titles = [e.title for e in events(text, heading="")]
    assert len(titles) == 3
    assert not {"Date", "When", "Deadline", "Key dates"} & set(titles)
    assert all("\n" not in title for title in titles)


def test_line_of_place_and_date_belongs_to_the_gathering_above() -> None:
    found = only("Geneva, 1 June 2025", heading="Workshop on artificial intelligence")
    assert (found.title, found.location) == ("Workshop on artificial intelligence", "Geneva")


@pytest.mark.parametrize(
    ("line", "heading", "title"),
    [
        ("Committee of Experts, 1 June 2025", "Meetings of the committees", "Committee of Experts"),
        ("Opening remarks, 1 June 2025", "Workshop on robots", "Workshop on robots: opening remarks"),
    ],
)
def test_other_words_are_no_place(line: str, heading: str, title: str) -> None:
    found = only(line, heading=heading)
    assert (found.title, found.location) == (title, None)


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("12 experts were trained in Nairobi.", []),
        ("12 Opening of the forum", ["2025-10-12"]),
        ("The 12th: Training of experts", ["2025-10-12"]),
        ("from 12 to 14: 6G workshop", ["2025-10-12"]),
        ("12 (morning): Training of experts", ["2025-10-12"]),
        ("12: Training of experts. It takes all day.", ["2025-10-12"]),
        ("12 – The experts are trained.", ["2025-10-12"]),
        ("Mon 20 – Fri 24 Training of experts.", ["2025-10-20"]),
    ],
)
def test_a_number_that_counts_is_no_day_of_the_month_above(text: str, starts: list[str]) -> None:
    found = events(text, heading="Activities in October 2025")
    assert [str(e.mentions[0].start) for e in found] == starts

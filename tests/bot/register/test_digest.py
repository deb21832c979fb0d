"""The digest of a day, as data and as text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.register.digest import STATE, Digest, DigestState, build_digest, digest_text
from store.records import Document
from tests.bot.register_entries import AS_OF, entry, spring

REPORT = Document("C24/53", "report.txt", "Report on engagement", date=date(2024, 4, 29))


def titles(digest: Digest, name: str) -> list[str]:
    return [found.title for found in getattr(digest, name)]


def after(digest: Digest) -> DigestState:
    """What the digest knew, as it comes back from where it was kept."""
    return STATE.validate_json(STATE.dump_json(digest.state))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("now", ["Expert consultation"]),
        ("later", ["UN Civil Society Conference", "Comments on the draft", "SIDS4"]),
        ("months", ["WSIS Forum"]),
        ("postponed", ["LLDC Conference"]),
        ("undated", ["Annual Dialogue on AI"]),
    ],
)
def test_each_entry_is_in_its_list(name: str, expected: list[str]) -> None:
    assert titles(build_digest(spring(), AS_OF), name) == expected


def test_newly_past_is_what_ended_since_the_last_digest() -> None:
    first = build_digest(spring(), date(2024, 5, 3))
    second = build_digest(spring(), date(2024, 5, 6), previous=after(first))
    third = build_digest(spring(), date(2024, 5, 7), previous=after(second))
    assert titles(second, "newly_past") == ["Expert consultation"]
    assert titles(third, "newly_past") == []


def test_moved_date_is_reported_once() -> None:
    first = build_digest(spring(), AS_OF)
    moved = [
        e if e.title != "SIDS4" else replace(e, start=date(2024, 6, 3), end=date(2024, 6, 6))
        for e in spring()
    ]
    second = build_digest(moved, AS_OF, previous=after(first))
    third = build_digest(moved, AS_OF, previous=after(second))
    assert [(m.before, m.after) for m in second.moved] == [("27–30 May 2024", "3–6 June 2024")]
    assert third.moved == ()


def test_passing_time_is_no_change() -> None:
    first = build_digest(spring(), AS_OF, documents=[REPORT])
    second = build_digest(spring(), date(2024, 5, 20), previous=after(first), documents=[REPORT])
    assert (second.moved, second.ingested) == ((), ())


def test_a_document_that_is_gone_at_its_source_is_named_once() -> None:
    gone = {REPORT.id: date(2024, 6, 1)}
    line = "  Gone at its source: Report on engagement (report.txt). I answer from it until 1 June 2024."
    previous: DigestState | None = None
    told = []
    for _ in range(3):
        digest = build_digest(spring(), AS_OF, previous=previous, documents=[REPORT], gone=gone)
        previous = after(digest)
        told.append(line in digest_text(digest).splitlines())
    assert told == [True, False, False]


def test_a_quiet_day_names_the_next_date() -> None:
    digest = build_digest(spring(), date(2024, 7, 3))
    assert digest.headline == "Nothing due until 22 September 2024: Summit of the Future (§ 2.2)."


def test_text_has_what_goes_on_then_each_day_then_the_month_and_counts_the_rest() -> None:
    lines = digest_text(build_digest(spring(), AS_OF, documents=[REPORT])).splitlines()
    assert lines == [
        "Digest of 1 May 2024",
        "",
        "  29 April – 3 May 2024, now: Expert consultation, Geneva [§ 2.7]",
        "  9–10 May 2024: UN Civil Society Conference, Nairobi (the year is inferred) [§ 2.3]",
        "  by 15 May 2024: Comments on the draft [§ 2.8]",
        "  27–30 May 2024: SIDS4, Antigua and Barbuda [§ 3.1]",
        "  May 2024: WSIS Forum [§ 2.14]",
        "",
        "Dates of the next 30 days. Postponed: LLDC Conference. 1 event has no date yet.",
        "Newest document: 29 April 2024 (2 days old).",
    ]


def test_text_begins_with_what_changed() -> None:
    first = build_digest(spring(), AS_OF, documents=[REPORT])
    second = build_digest(spring(), AS_OF, previous=after(first), documents=[replace(REPORT, version=2)])
    text = digest_text(second)
    assert text.index("Version 2: Report on engagement (report.txt)") < text.index("Expert consultation")


def test_a_long_list_is_cut_and_counted() -> None:
    many = [entry(f"Meeting {number}", "2024-05-20") for number in range(30)]
    text = digest_text(build_digest(many, AS_OF))
    assert text.count("Meeting") == 12
    assert "18 more: `itubot deadlines`" in text


@pytest.mark.parametrize("as_of", [date.min, date.max])
def test_the_ends_of_the_calendar_have_a_digest(as_of: date) -> None:
    assert build_digest(spring(), as_of, 366).quiet

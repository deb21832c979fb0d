"""What people correct in the register: applied to events, added up, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.errors import CorrectionError
from bot.register import RegisterEntry, build_register
from bot.register.repository import (
    EntryEdit,
    apply_corrections,
    datings,
    match_corrections,
    merged_correction,
)
from store.records import Correction, Event, Section
from tests.bot.register.test_building import PAPER_2024, PAPER_2025, SECTIONS, event, mention
from tests.bot.register_entries import AS_OF

AT = datetime(2024, 5, 3, 9, 30, tzinfo=UTC)
FORUM = event("forum", mention("2024-06-18", "2024-06-19"), chain="x")


def register(
    events: list[Event],
    *corrections: Correction,
    as_of: date = AS_OF,
    sections: dict[str, Section] = SECTIONS,
) -> list[RegisterEntry]:
    made = apply_corrections(events, sections, corrections)
    return build_register([PAPER_2024, PAPER_2025], sections, made, as_of)


def correction(
    change: EntryEdit, events: list[Event], *before: Correction, name: str = "forum"
) -> Correction:
    """Return the correction of the entry that the event `name` leads."""
    entry = next(e for e in register(events, *before) if e.id == name)
    former = next((c for one, _, c in match_corrections(events, SECTIONS, before) if one.id == name), None)
    names = dict(zip((e.id for e in events), datings(events, SECTIONS), strict=True))[name]
    assert names[0] is not None
    return merged_correction(entry, names[0], former, change, "amina", AT)


def after(change: EntryEdit, *events: Event) -> list[RegisterEntry]:
    shown = list(events or (FORUM,))
    return register(shown, correction(change, shown))


@pytest.mark.parametrize(
    ("stated", "change", "expected"),
    [
        # An end that is later stays.
        (("2024-06-18", "2024-06-20"), {"start": "2024-06-19"}, ("2024-06-19", "2024-06-20")),
        (("2024-06-18", "2024-06-20"), {"start": "2024-07-01"}, ("2024-07-01", "2024-07-01")),
        # One day that is moved forward is one day.
        (("2024-06-18",), {"start": "2024-06-10"}, ("2024-06-10", "2024-06-10")),
        (("2024-06-18",), {"end": "2024-06-20"}, ("2024-06-18", "2024-06-20")),
        (("2024-06-18",), {"start": "2024-07-01", "end": "2024-07-03"}, ("2024-07-01", "2024-07-03")),
        ((None,), {"start": "2024-07-01"}, ("2024-07-01", "2024-07-01")),
        ((None,), {"end": "2024-07-01"}, ("2024-07-01", "2024-07-01")),
    ],
)
def test_corrected_dates(
    stated: tuple[str | None, ...], change: dict[str, str], expected: tuple[str, str]
) -> None:
    days = {name: date.fromisoformat(value) for name, value in change.items()}
    [entry] = after(EntryEdit(**days), event("forum", mention(*stated)))  # type: ignore[arg-type]
    assert (entry.start, entry.end, entry.precision) == (*map(date.fromisoformat, expected), "day")


def test_end_before_the_start_is_an_error_of_the_end() -> None:
    with pytest.raises(CorrectionError, match="lies before the start") as error:
        correction(EntryEdit(end=date(2024, 6, 1)), [FORUM])
    assert error.value.field == "end"


@pytest.mark.parametrize("title", ["  ", "x" * 301, "2024", "\u202e\u200b", "\ud800"])
def test_title_without_a_letter_is_refused(title: str) -> None:
    with pytest.raises(CorrectionError) as error:
        correction(EntryEdit(title=title), [FORUM])
    assert error.value.field == "title"


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
@pytest.mark.parametrize("field", ["start", "end"])
def test_implausible_year_is_an_error_of_its_field(field: str, year: int) -> None:
    with pytest.raises(CorrectionError, match=f"between 1900 and 2200, not {year}") as error:
        correction(EntryEdit(**{field: date(year, 12, 31)}), [FORUM])  # type: ignore[arg-type]
    assert error.value.field == field


@pytest.mark.parametrize("said", ["postponed", "cancelled", "past"])
def test_corrected_status_outranks_a_later_document(said: str) -> None:
    later = event(
        "later", mention("2024-06-01", "2024-06-30", document=PAPER_2025), document=PAPER_2025, chain="x"
    )
    coarse = replace(later, mentions=(replace(later.mentions[0], precision="month"),))
    [entry] = after(EntryEdit(status=said), FORUM, coarse)  # type: ignore[arg-type]
    assert (entry.id, entry.status) == ("forum", said)


def test_a_second_correction_adds_to_the_first() -> None:
    first = correction(EntryEdit(title="Other", start=date(2024, 7, 1)), [FORUM])
    second = correction(EntryEdit(end=date(2024, 7, 2), status="postponed"), [FORUM], first)
    [entry] = register([FORUM], second)
    assert (entry.title, entry.start, entry.end) == ("Other", date(2024, 7, 1), date(2024, 7, 2))
    assert entry.status == "postponed"


def test_correction_applies_to_documents_that_repeat_the_wrong_date() -> None:
    again = event(
        "again", mention("2024-06-18", "2024-06-19", document=PAPER_2025), document=PAPER_2025, chain="x"
    )
    shown = [FORUM, again]
    [before] = register(shown)
    [entry] = register(shown, correction(EntryEdit(start=date(2024, 9, 2)), shown, name=before.id))
    assert (entry.id, entry.start, len(entry.mentions)) == (before.id, date(2024, 9, 2), 2)
    assert register(shown, correction(EntryEdit(no_event=True), shown, name=before.id)) == []


def test_new_date_of_a_later_document_supersedes_a_corrected_one() -> None:
    said = correction(EntryEdit(start=date(2024, 9, 2)), [FORUM])
    news = event("news", mention("2025-01-14", document=PAPER_2025), document=PAPER_2025, chain="x")
    old, new = register([FORUM, news], said)
    assert (old.start, old.rescheduled_to, new.start) == (date(2024, 9, 2), "news", date(2025, 1, 14))


def test_two_events_with_the_same_dating_words_are_corrected_separately() -> None:
    words = "The Forum on 18 June and the Fair on 18 June are open."
    both = Section(PAPER_2024.id, "1.1", 0, 0, "Heading", words, words)
    day = replace(mention("2024-06-18"), section_id=both.id, text="18 June", sentence_end=len(words))
    forum, fair = replace(event("forum", day), title="Forum"), replace(event("fair", day), title="Fair")
    names = datings([forum, fair], {both.id: both})
    assert [name.ordinal for [name] in names if name] == [0, 1]

"""What people correct in the register: applied to events, added up, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.changes import Version
from bot.changes.comparison import compare_dates
from bot.errors import CorrectionError
from bot.register import RegisterEntry, build_register
from bot.register.repository import (
    EntryEdit,
    apply_corrections,
    datings,
    match_corrections,
    merged_correction,
)
from store.records import Bound, Correction, Event, Kind, Section
from tests.bot.register.test_building import PAPER_2024, PAPER_2025, SECTIONS, SENTENCE, event, mention
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


def test_corrected_entry_has_the_new_values_and_their_author() -> None:
    change = EntryEdit("The   Forum of 2024", "deadline", date(2024, 7, 1), date(2024, 7, 2), "cancelled")
    [entry] = after(change)
    assert (entry.id, entry.chain_id, entry.title) == ("forum", "x", "The Forum of 2024")
    assert (entry.kind, entry.start, entry.end) == ("deadline", date(2024, 7, 1), date(2024, 7, 2))
    assert (entry.status, entry.corrected and entry.corrected.by) == ("cancelled", "amina")
    assert entry.quote == SENTENCE


def test_values_that_are_not_corrected_stay() -> None:
    [entry] = after(EntryEdit(title="Other"))
    assert (entry.start, entry.end, entry.status) == (date(2024, 6, 18), date(2024, 6, 19), "scheduled")


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


def test_a_month_becomes_a_day() -> None:
    month = replace(
        mention("2024-06-01", "2024-06-30"),
        precision="month",
        approximate=True,
        year_inferred=True,
        tentative=True,
    )
    [entry] = after(EntryEdit(start=date(2024, 6, 18)), event("forum", month))
    assert (entry.start, entry.end, entry.precision) == (date(2024, 6, 18), date(2024, 6, 18), "day")
    assert (entry.approximate, entry.year_inferred, entry.tentative) == (False, False, False)


def test_end_before_the_start_is_an_error_of_the_end() -> None:
    with pytest.raises(CorrectionError, match="lies before the start") as error:
        correction(EntryEdit(end=date(2024, 6, 1)), [FORUM])
    assert error.value.field == "end"


@pytest.mark.parametrize("title", ["  ", "x" * 301, "2024", "\u202e\u200b", "\ud800"])
def test_title_without_a_letter_is_refused(title: str) -> None:
    with pytest.raises(CorrectionError) as error:
        correction(EntryEdit(title=title), [FORUM])
    assert error.value.field == "title"


def test_invisible_characters_are_removed_from_a_title() -> None:
    assert (
        correction(EntryEdit(title="The\x1b Fo\u202erum\ud800\n of 2024"), [FORUM]).title
        == "The Forum of 2024"
    )


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
@pytest.mark.parametrize("field", ["start", "end"])
def test_implausible_year_is_an_error_of_its_field(field: str, year: int) -> None:
    with pytest.raises(CorrectionError, match=f"between 1900 and 2200, not {year}") as error:
        correction(EntryEdit(**{field: date(year, 12, 31)}), [FORUM])  # type: ignore[arg-type]
    assert error.value.field == field


@pytest.mark.parametrize(("said", "stated"), [("scheduled", "cancelled"), ("scheduled", "postponed")])
def test_event_wrongly_read_as_called_off_becomes_scheduled(said: str, stated: str) -> None:
    off = event("forum", mention("2024-06-18", cue=stated))  # type: ignore[arg-type]
    [entry] = after(EntryEdit(status=said), off)  # type: ignore[arg-type]
    assert entry.status == "scheduled"


def test_event_corrected_to_scheduled_is_past_after_its_days() -> None:
    said = correction(EntryEdit(status="scheduled"), [FORUM])
    assert register([FORUM], said, as_of=date(2025, 1, 1))[0].status == "past"


def test_corrected_status_makes_a_proposed_date_firm() -> None:
    proposed = event("forum", replace(mention("2024-06-18"), tentative=True))
    assert after(EntryEdit(title="Other"), proposed)[0].tentative is True
    assert after(EntryEdit(status="scheduled"), proposed)[0].tentative is False


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


def test_no_event_is_not_in_the_register() -> None:
    gone = correction(EntryEdit(no_event=True), [FORUM])
    assert register([FORUM], gone) == []


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


def test_correction_applies_after_renumbering_and_rewrapping() -> None:
    said = correction(EntryEdit(title="Other"), [FORUM])
    broken = Section(PAPER_2024.id, "7.3", 0, 0, "New heading", SENTENCE.replace(" ", "\n  ", 1), "")
    moved = replace(FORUM.mentions[0], section_id=broken.id, sentence_end=len(broken.text))
    [entry] = register([replace(FORUM, id="new", mentions=(moved,))], said, sections={broken.id: broken})
    assert entry.title == "Other"


def test_a_correction_ends_with_its_sentence() -> None:
    said = correction(EntryEdit(title="Other"), [FORUM])
    reworded = Section(PAPER_2024.id, "1.1", 0, 0, "Heading", "The Forum is dated anew.", "")
    moved = replace(FORUM.mentions[0], section_id=reworded.id)
    [entry] = register([replace(FORUM, mentions=(moved,))], said, sections={reworded.id: reworded})
    assert entry.title == "Event forum"


def test_two_events_with_the_same_dating_words_are_corrected_separately() -> None:
    words = "The Forum on 18 June and the Fair on 18 June are open."
    both = Section(PAPER_2024.id, "1.1", 0, 0, "Heading", words, words)
    day = replace(mention("2024-06-18"), section_id=both.id, text="18 June", sentence_end=len(words))
    forum, fair = replace(event("forum", day), title="Forum"), replace(event("fair", day), title="Fair")
    names = datings([forum, fair], {both.id: both})
    assert [name.ordinal for [name] in names if name] == [0, 1]


def test_corrections_of_two_events_of_one_sentence_survive_a_new_reading() -> None:
    words = "The Forum on 18 June and the Fair on 18 June are open."
    both = Section(PAPER_2024.id, "1.1", 0, 0, "Heading", words, words)
    day = replace(mention("2024-06-18"), section_id=both.id, text="18 June", sentence_end=len(words))
    forum = event("forum", replace(day, offset=13))
    fair = event("fair", replace(day, offset=38))
    # Named otherwise, and found in another order.
    read_anew = [replace(fair, title="A trade fair"), replace(forum, title="The Forum")]
    assert datings(read_anew, {both.id: both}) == datings([forum, fair], {both.id: both})[::-1]


def test_the_same_sentence_under_another_heading_has_its_own_correction() -> None:
    texts = [
        Section(PAPER_2024.id, number, 0, place, "Heading", SENTENCE, SENTENCE)
        for place, number in enumerate(("1.1", "2.1"))
    ]
    sections = {one.id: one for one in texts}
    day = mention("2024-06-18")
    twice = [event(name, replace(day, section_id=one.id)) for name, one in zip("ab", texts, strict=True)]
    [[first], [second]] = datings(twice, sections)
    assert first is not None
    entries = register(twice, Correction(first, "amina", AT, title="Other"), sections=sections)
    assert first != second
    assert sorted(e.title for e in entries) == ["Event b", "Other"]


def test_a_corrected_title_does_not_hide_the_day_that_a_later_paper_states() -> None:
    coarse = event("forum", replace(mention("2024-06-01", "2024-06-30"), precision="month"), chain="x")
    days = mention("2024-06-18", "2024-06-19", document=PAPER_2025)
    exact = event("late", days, document=PAPER_2025, chain="x")
    said = correction(EntryEdit(title="The Forum"), [coarse])
    [entry] = register([coarse, exact], said)
    assert (entry.title, entry.start) == ("The Forum", date(2024, 6, 18))


def test_title_and_date_corrected_in_two_documents_are_one_entry() -> None:
    coarse = event("forum", replace(mention("2024-06-01", "2024-06-30"), precision="month"), chain="x")
    days = mention("2024-06-18", "2024-06-19", document=PAPER_2025)
    shown = [coarse, event("late", days, document=PAPER_2025, chain="x")]
    titled = correction(EntryEdit(title="The Forum"), [coarse])
    dated = replace(correction(EntryEdit(start=date(2024, 6, 20)), shown, titled, name="late"), revision=2)
    [entry] = register(shown, titled, dated)
    assert (entry.title, entry.start) == ("The Forum", date(2024, 6, 20))


def test_date_in_a_heading_is_corrected_by_the_heading() -> None:
    titled = event("forum", replace(mention("2024-06-18"), sentence_end=0))
    [[name]] = datings([titled], SECTIONS)
    assert name is not None
    assert name.sentence == "Heading"


@pytest.mark.parametrize(
    ("kind", "bound", "expected"),
    [
        ("deadline", "on", "by"),
        ("deadline", "from", "from"),
        ("meeting", "from", "from"),
        ("publication", "by", "by"),
    ],
)
def test_corrected_kind_keeps_the_bound_but_a_deadline_is_by_its_day(
    kind: Kind, bound: Bound, expected: Bound
) -> None:
    [entry] = after(EntryEdit(kind=kind), event("forum", replace(mention("2024-06-18"), bound=bound)))
    assert entry.bound == expected


def test_corrected_start_of_an_open_period_leaves_it_open() -> None:
    [entry] = after(
        EntryEdit(start=date(2024, 7, 1)), event("forum", replace(mention("2024-06-18"), bound="from"))
    )
    assert (entry.start, entry.bound) == (date(2024, 7, 1), "from")


def test_changes_between_versions_use_corrected_dates() -> None:
    sections = list(SECTIONS.values())
    said = correction(EntryEdit(start=date(2024, 9, 2)), [FORUM])
    old = apply_corrections([FORUM], SECTIONS, [said])
    [moved] = compare_dates(Version(PAPER_2024, sections, old), Version(PAPER_2024, sections, [FORUM]))
    assert moved.before is not None
    assert (moved.kind, moved.before.start) == ("moved", date(2024, 9, 2))

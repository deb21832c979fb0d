"""Answers from the register: lines with dates, distances and status."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.locales import in_language
from bot.question import understand
from bot.register import RegisterEntry
from bot.register.questions import AnswerLine, EntrySearch, answer_query, read_query
from tests.bot.register_entries import AS_OF, entry, spring

LATER = date(2026, 11, 24)
NEWEST = date(2024, 4, 29)


def lines(question: str, entries: list[RegisterEntry] | None = None, as_of: date = AS_OF) -> list[AnswerLine]:
    search = EntrySearch(spring() if entries is None else entries)
    query = read_query(understand(question), as_of, lambda: search, lambda _: False)
    return answer_query(query, search, as_of, NEWEST) if query else []


def texts(question: str, entries: list[RegisterEntry] | None = None, as_of: date = AS_OF) -> list[str]:
    return [line.text for line in lines(question, entries, as_of)]


def titles(question: str, entries: list[RegisterEntry] | None = None, as_of: date = AS_OF) -> list[str]:
    return [line.entries[0].title for line in lines(question, entries, as_of)]


def test_a_line_says_when_where_and_how_far_off() -> None:
    assert texts("Any meetings in Nairobi in May?") == [
        "UN Civil Society Conference: 9–10 May 2024, Nairobi (in 8 days; the year is inferred)."
    ]


def test_heading_of_a_list_names_the_period() -> None:
    assert [line.heading for line in lines("Any meetings in June?", [entry("Forum", "2024-06-03")])] == [
        "1–30 June 2024:"
    ]


def test_due_entries_are_sorted_by_date_with_vague_ones_last() -> None:
    assert titles("What is due in the next 30 days?") == [
        "Expert consultation",
        "UN Civil Society Conference",
        "Comments on the draft",
        "SIDS4",
        "WSIS Forum",
        "Global DPI Summit",
    ]


def test_entries_that_may_be_in_the_period_are_below_a_heading_of_their_own() -> None:
    year = entry("Dialogue", "2024-01-01", "2024-12-31", precision="year")
    found = lines("What is on in June?", [year, entry("Forum", "2024-06-03")])
    assert [(line.heading, line.entries[0].title) for line in found] == [
        ("1–30 June 2024:", "Forum"),
        ("No closer date, so maybe then:", "Dialogue"),
    ]


def test_after_an_event_come_the_years_behind_it_before_its_own() -> None:
    years = [entry(f"Plan {y}", f"{y}-01-01", f"{y}-12-31", precision="year") for y in (2024, 2025, 2030)]
    found = titles("What comes after the Forum?", [entry("Forum", "2024-06-03"), *years])
    assert found == ["Plan 2025", "Plan 2030", "Plan 2024"]


def test_list_includes_entries_postponed_out_of_the_period() -> None:
    assert "LLDC Conference: postponed" in " ".join(texts("which conferences are scheduled for June 2024?"))


def test_list_includes_entries_moved_to_another_month() -> None:
    old = entry("Seminar", "2024-05-14", id="a", status="postponed", rescheduled_to="b")
    told = texts(
        "anything in May?", [old, entry("Seminar", "2024-06-02", id="b"), entry("Forum", "2024-05-20")]
    )
    assert told[1] == "Seminar: first planned for 14 May 2024, moved to 2 June 2024."


def test_without_upcoming_entries_the_answer_says_how_old_the_documents_are() -> None:
    first, *_ = texts("What is coming up in the next month?", as_of=LATER)
    assert first.startswith(
        "The documents, the newest dated 29 April 2024, name nothing for 24 November – 24 December 2026; "
        "the nearest before is Summit of the Future: 22–23 September 2024"
    )


def test_empty_period_names_the_nearest_entries_before_and_after() -> None:
    told = texts("anything on 20 May?", [entry("Before", "2024-05-10"), entry("After", "2024-06-10")])
    assert "name nothing on 20 May 2024; the nearest before is Before: 10 May 2024" in told[0]
    assert told[1].startswith("The nearest after is After: 10 June 2024")


def test_period_without_a_deadline_lists_other_entries() -> None:
    told = texts("deadlines this week")
    assert "name no deadline for 29 April – 5 May 2024; else there is: Expert consultation" in told[0]


@pytest.mark.parametrize(
    "question",
    [
        "What is due in the next 30 days?",
        "upcoming events",
        "what is the next deadline?",
        "what's coming up?",
    ],
)
@given(days=st.integers(min_value=-400, max_value=900))
def test_past_date_is_never_upcoming(question: str, days: int) -> None:
    as_of = AS_OF + timedelta(days=days)
    for line in lines(question, as_of=as_of):
        assert "in -" not in line.text
        over = line.entries[0].end is not None and line.entries[0].end < as_of
        told = any(word in line.text for word in ("ago", "over", "yesterday", "last month", "was planned"))
        assert not over or told


def test_past_period_lists_its_entries() -> None:
    assert titles("anything in September 2024?", as_of=LATER) == ["Summit of the Future"]


def test_missed_entries_are_latest_first() -> None:
    assert titles("what did we miss?") == ["Zero Draft released", "Written inputs"]


@pytest.mark.parametrize("question", ["Is LLDC happening?", "new dates for the LLDC conf?"])
def test_postponed_event_is_reported_as_postponed(question: str) -> None:
    assert texts(question) == [
        "LLDC Conference: postponed, no new date stated; it was planned for 18–22 June 2024, Kigali, Rwanda."
    ]


def test_scheduled_event_is_on_as_far_as_the_documents_go() -> None:
    (text,) = texts("Is the Summit of the Future still on?")
    assert "22–23 September 2024" in text
    assert "29 April 2024" in text


def test_a_rescheduled_event_gives_the_new_date_and_then_the_old() -> None:
    old = entry("SIDS4", "2024-05-27", id="a", status="postponed", rescheduled_to="b")
    told = texts("Is SIDS4 still on?", [old, entry("SIDS4", "2024-06-03", id="b")])
    assert told[0].startswith("Yes – SIDS4: 3 June 2024")
    assert told[1] == "SIDS4: first planned for 27 May 2024, moved to 3 June 2024."


def test_no_new_date_is_claimed_only_without_one() -> None:
    old = entry("Data Seminar", "2026-04-14", id="a", chain_id="a", status="postponed")
    told = texts("Is the Data Seminar still on?", [old, entry("Data Seminar", "2026-06-02")])
    assert told[0].startswith("Data Seminar: 2 June 2026")
    assert "no new date" not in " ".join(told)


def test_moved_or_called_off_entries_are_listed() -> None:
    old = entry("SIDS4", "2024-05-27", id="a", status="postponed", rescheduled_to="b")
    off = entry("Workshop", "2024-05-20", status="cancelled")
    told = texts("what was moved or cancelled?", [old, off, entry("SIDS4", "2024-06-03", id="b")])
    assert told == [
        "Workshop: cancelled; it was planned for 20 May 2024.",
        "SIDS4: first planned for 27 May 2024, moved to 3 June 2024.",
    ]


def test_event_wrongly_assumed_to_be_off_is_answered_with_its_dates() -> None:
    (text,) = texts("Was the Space Forum cancelled?", [entry("Space Forum", "2024-05-20")])
    assert text.startswith("Space Forum: 20 May 2024")


@pytest.mark.parametrize(
    "question",
    ["Is the WSIS Forum over?", "Has the WSIS Forum taken place yet?", "Did the WSIS Forum happen?"],
)
def test_question_whether_a_recurring_event_is_over_names_the_past_one_too(question: str) -> None:
    last = entry("WSIS Forum", "2024-04-20", id="a", chain_id="a")
    told = texts(question, [last, entry("WSIS Forum", "2025-07-07")])
    assert [text[:30] for text in told] == [
        "WSIS Forum: 20 April 2024 (11 ",
        "WSIS Forum: 7 July 2025 (in 43",
    ]


def test_recurring_event_is_answered_with_the_next_one() -> None:
    entries = [entry("WSIS Forum", "2024-05-27", id="a", chain_id="a"), entry("WSIS Forum", "2023-03-13")]
    (text,) = texts("how long until the WSIS Forum?", entries)
    assert "in 26 days" in text


def test_year_in_a_question_selects_the_entry() -> None:
    entries = [entry("WSIS Forum", "2025-07-07", id="a", chain_id="a"), entry("WSIS Forum", "2026-07-06")]
    (text, *_) = texts("Is WSIS Forum 2026 still on?", entries)
    assert "6 July 2026" in text


def test_next_meeting_has_not_begun() -> None:
    assert titles("when is the next meeting?") == ["UN Civil Society Conference"]


@pytest.mark.parametrize(
    ("other", "verdict"), [("2024-05-28", "They overlap."), ("2024-06-04", "They do not overlap.")]
)
def test_comparison_orders_two_events_and_says_whether_they_overlap(other: str, verdict: str) -> None:
    forum = entry("WSIS Forum", other, "2024-06-06")
    sids = entry("SIDS4", "2024-05-27", "2024-05-30")
    told = lines("do the WSIS Forum and SIDS4 overlap?", [forum, sids])
    assert [line.entries for line in told] == [(sids,), (forum,), (sids, forum)]
    assert told[-1].text == verdict


def test_before_an_event_that_is_over_is_all_that_was_before_it() -> None:
    found = lines("What was due before SIDS4?", as_of=LATER)
    assert found[0].heading == "Until 26 May 2024:"
    assert [line.entries[0].title for line in found] == [
        "Written inputs",
        "Zero Draft released",
        "Expert consultation",
        "WSIS Forum",
        "UN Civil Society Conference",
        "Comments on the draft",
    ]


def test_a_period_without_a_start_has_its_last_entries() -> None:
    days = [entry(f"Day {n}", f"2024-05-{n:02}") for n in range(1, 20)]
    found = lines("Which meetings were before 15 May 2024?", days, LATER)
    assert [line.entries[0].title for line in found] == [f"Day {n}" for n in range(5, 15)]
    assert found[0].heading == "Until 14 May 2024, the last 10 of 14:"


def test_period_before_an_event_ends_the_day_before() -> None:
    found = titles("What happens before SIDS4?")
    assert "UN Civil Society Conference" in found
    assert not {"SIDS4", "Summit of the Future"} & set(found)


def test_period_between_two_events_excludes_both() -> None:
    entries = [entry("Alpha", "2024-06-01"), entry("Beta", "2024-06-10"), entry("Gamma", "2024-06-20")]
    assert titles("What is there between Alpha and Gamma?", entries) == ["Beta"]


def test_a_long_list_is_cut_and_counted() -> None:
    many = [entry(f"Meeting {number}", "2024-05-20") for number in range(30)]
    told = texts("What is due in the next 30 days?", many)
    assert len(told) == 10
    assert "20 more" in told[-1]


def test_entry_known_to_the_year_is_no_answer_for_a_day() -> None:
    vague = entry("Dialogue", "2024-01-01", "2024-12-31", precision="year")
    assert "Dialogue" not in titles("Anything on 14 May?", [vague, entry("Forum", "2024-05-20")])


@pytest.mark.parametrize("question", ["Is the picnic still on?", "how long until the picnic?"])
def test_topic_that_is_not_in_the_register_has_no_lines(question: str) -> None:
    assert texts(question) == []


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Which meetings are after the Summit of the Future?", "9999-12-31"),
        ("Which meetings are after 9999-12-31?", "2024-06-18"),
        ("Which meetings were before 0001-01-01?", "2024-06-18"),
    ],
)
def test_ends_of_the_calendar_without_an_error(question: str, day: str) -> None:
    lines(question, [entry("Summit of the Future", day)])


WORDS = """what is due next last in the 30 days week May 2024 before after by Friday deadlines meetings half of SIDS4
WSIS Forum still on when until between and Summit Future or missed moved Nairobi overlap""".split()


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join), st.dates())
def test_any_mixture_of_words_without_an_error(question: str, as_of: date) -> None:
    lines(question, as_of=as_of)


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Is SIDS4 still on?", "Yes – SIDS4: 27–30 May 2024, Antigua and Barbuda"),
        ("SIDS4 still on?", "Yes – SIDS4: "),
        ("Is the UN Civil Society Conference still going ahead? I need a flight.", "Yes – UN Civil Society"),
        (
            "Is the LLDC Conference still on?",
            "Postponed – LLDC Conference: no new date stated; it was planned for 18–22 June",
        ),
        ("Is the LLDC Conference in Kigali still taking place?", "Postponed – LLDC Conference"),
        ("Is SIDS4 in May still on?", "Yes – SIDS4: "),
    ],
)
def test_whether_a_meeting_is_still_on_is_said_first(question: str, begins: str) -> None:
    [line] = lines(question)
    assert line.text.startswith(begins)
    assert [entry.title for entry in line.entries] == [line.text.split(" – ", 1)[1].split(":")[0]]


WATER = "Is the Water Forum still on?"


def test_cancelled_meeting_is_not_on() -> None:
    [told] = texts(WATER, [entry("Water Forum", "2024-06-03", status="cancelled")])
    assert told == "No – Water Forum: cancelled; it was planned for 3 June 2024."


def moved_seminar() -> list[RegisterEntry]:
    old = entry("Water Seminar", "2024-05-14", id="a", status="postponed", rescheduled_to="b")
    return [old, entry("Water Seminar", "2024-06-02", id="b")]


@pytest.mark.parametrize(
    ("question", "entries"),
    [
        pytest.param(WATER, [entry("Water Forum", "2024-04-03", status="past")], id="over"),
        pytest.param(WATER, [entry("Water Forum", "2024-06-03", tentative=True)], id="tentative"),
        pytest.param(WATER, [entry("Water Forum", precision="none", status="unknown")], id="undated"),
        pytest.param(WATER, [entry("Water Forum A", "2024-06-03"), entry("Water Forum B", "2024-06-10")], id="two"),
        pytest.param(
            "Is the registration still open?",
            [entry("Registration opens", "2024-06-03", kind="milestone")],
            id="no meeting",
        ),
        pytest.param("Is the Water Seminar on 14 May still on?", moved_seminar(), id="moved from that day"),
        pytest.param("Is SIDS4 still not on?", spring(), id="negated"),
        pytest.param("Is SIDS4 over?", spring(), id="the opposite"),
        pytest.param("When is SIDS4?", spring(), id="another question"),
        pytest.param("Can I still attend SIDS4?", spring(), id="something else of it"),
        pytest.param("Is SIDS4 still led by Samoa?", spring(), id="something else of it, by name"),
        pytest.param("Does SIDS4 still clash with the WSIS Forum?", spring(), id="two compared"),
    ],
)  # fmt: skip
def test_nothing_is_said_first_where_the_register_does_not_decide_it(
    question: str, entries: list[RegisterEntry]
) -> None:
    told = " ".join(texts(question, entries))
    assert [word for word in ("Yes", "No –", "Postponed –") if word in told] == []


@pytest.mark.parametrize(
    ("language", "yes", "no", "postponed"),
    [
        ("fr", "Oui – ", "Non – ", "Événement reporté – "),
        ("es", "Sí – ", "No – ", "Aplazado – "),
        ("ru", "Да – ", "Нет – ", "Отложено – "),
        ("zh", "是：", "否：", "已推迟："),
        ("ar", "نعم – ", "لا – ", "مؤجل – "),
    ],
)
def test_it_is_said_in_every_language(language: str, yes: str, no: str, postponed: str) -> None:
    for status, begins in (("scheduled", yes), ("cancelled", no), ("postponed", postponed)):
        with in_language(language):
            [told] = texts(WATER, [entry("Water Forum", "2024-06-03", status=status)])
        assert re.sub("[\u2068\u2069]", "", told).startswith(f"{begins}Water Forum")

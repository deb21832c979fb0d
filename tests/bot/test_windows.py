"""Questions about time: which they are, what they ask for, and how the register answers them."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.register import RegisterEntry
from bot.windows import Window, answer_from_register, find_stretch, time_window
from tests.bot.register_entries import AS_OF, entry, spring

LATER = date(2026, 11, 24)
NEWEST = date(2024, 4, 29)


def answers(question: str, entries: list[RegisterEntry] | None = None, as_of: date = AS_OF) -> list[str]:
    window = time_window(question, as_of)
    assert window is not None
    found = answer_from_register(
        question, window, spring() if entries is None else entries, as_of, newest=NEWEST
    )
    return [text for text, _ in found]


def titles(question: str, entries: list[RegisterEntry] | None = None, as_of: date = AS_OF) -> list[str]:
    window = time_window(question, as_of)
    assert window is not None
    found = answer_from_register(
        question, window, spring() if entries is None else entries, as_of, newest=NEWEST
    )
    return [cited.title for _, cited in found]


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("next 30 days", "2024-05-01", "2024-05-31"),
        ("in the next month", "2024-05-01", "2024-06-01"),
        ("next month", "2024-06-01", "2024-06-30"),
        ("this week", "2024-04-29", "2024-05-05"),
        ("next week", "2024-05-06", "2024-05-12"),
        ("within two weeks", "2024-05-01", "2024-05-15"),
        ("over the coming weeks", "2024-05-01", "2024-05-22"),
        ("in the last 10 days", "2024-04-21", "2024-05-01"),
        ("September 2024", "2024-09-01", "2024-09-30"),
        ("in September", "2024-09-01", "2024-09-30"),
        ("in March", "2025-03-01", "2025-03-31"),
        ("Q3 2024", "2024-07-01", "2024-09-30"),
        ("third quarter of 2024", "2024-07-01", "2024-09-30"),
        ("the second half of 2024", "2024-07-01", "2024-12-31"),
        ("summer 2024", "2024-06-01", "2024-08-31"),
        ("in 2025", "2025-01-01", "2025-12-31"),
        ("today", "2024-05-01", "2024-05-01"),
        ("tomorrow", "2024-05-02", "2024-05-02"),
        ("on 12 June 2024", "2024-06-12", "2024-06-12"),
        ("on June 12th", "2024-06-12", "2024-06-12"),
        ("on 2024-06-12", "2024-06-12", "2024-06-12"),
        ("9-10 May 2024", "2024-05-09", "2024-05-10"),
        ("between May and July", "2024-05-01", "2024-07-31"),
        ("from 3 June to 15 July", "2024-06-03", "2024-07-15"),
        ("by Friday", None, "2024-05-03"),
        ("before 12 June", None, "2024-06-11"),
        ("after 5 June 2024", "2024-06-06", None),
        ("until the end of the month", None, "2024-05-31"),
        ("since April", "2024-04-01", None),
    ],
)
def test_stretches_of_time(words: str, start: str | None, end: str | None) -> None:
    found = find_stretch(words, AS_OF)
    assert found is not None
    expected = (start and date.fromisoformat(start), end and date.fromisoformat(end))
    assert (found.start, found.end) == expected


@pytest.mark.parametrize(
    "words",
    ["the 2030 Agenda", "A/RES/76/307", "what may happen", "on 31 February", "in the next 99999 years", ""],
)
def test_no_stretch_of_time(words: str) -> None:
    assert find_stretch(words, AS_OF) is None


def test_a_month_in_a_question_about_the_past_is_the_one_that_was() -> None:
    found = find_stretch("what happened in September", AS_OF, past=True)
    assert found is not None
    assert found.start == date(2023, 9, 1)


@given(st.text(max_size=120))
def test_no_text_is_too_strange(text: str) -> None:
    time_window(text, AS_OF)


WORDS = re.findall(
    r"\S+",
    "what is due next last in the 30 days week month May 2024 before after by Friday deadlines meetings - , "
    "12 31 February quarter half of X still on when until between and Summit",
)


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=12,
    ),
    st.dates(),
)
def test_no_mixture_of_time_words_breaks_it(words: list[str], as_of: date) -> None:
    window = time_window(" ".join(words), as_of)
    if window is not None:
        answer_from_register("", window, spring(), as_of)


@pytest.mark.parametrize(
    "question",
    [
        "What is due in the next 30 days?",
        "anything in September 2024?",
        "What did we miss?",
        "Is the LLDC conference still on?",
        "When is the next meeting in New York?",
        "deadlines this week",
        "What happens before the Summit of the Future?",
        "Before the Summit of the Future, what is due?",
        "What is coming up in the next month?",
        "Do we have any meetings next week?",
        "What's on the calendar for Q3?",
        "Which deadlines have passed?",
        "Has the LLDC conference been postponed?",
        "How many days until the Summit of the Future?",
        "What happened last month?",
    ],
)
def test_a_question_about_time(question: str) -> None:
    assert time_window(question, AS_OF) is not None


@pytest.mark.parametrize(
    "question",
    [
        "When is the Summit of the Future?",
        "When was CSW68?",
        "Where does SIDS4 take place?",
        "What is the deadline for written inputs on the GDC?",
        "What are the next steps for the Global Digital Compact?",
        "What was launched in March 2024?",
        "What did Guy Ryder do in July 2023?",
        "Which side event does ITU plan before the Summit of the Future?",
        "Is ITU still contributing to the GDC?",
        "Has ITU been invited to attend meetings of the AIAB?",
        "How long does the Secretary-General get to write the roadmap?",
        "How long is the compilation text of the Pact?",
        "What is the 2030 Agenda?",
        "Hello",
        "",
    ],
)
def test_no_question_about_time(question: str) -> None:
    assert time_window(question, AS_OF) is None


def test_an_answer_says_when_where_and_how_far_off() -> None:
    assert answers("Any meetings in Nairobi in May?") == [
        "UN Civil Society Conference: 9–10 May 2024, Nairobi (in 8 days; the year is inferred)."
    ]


def test_what_is_due_goes_by_date_and_then_to_what_is_vaguer() -> None:
    assert titles("What is due in the next 30 days?") == [
        "Expert consultation",
        "UN Civil Society Conference",
        "Comments on the draft",
        "SIDS4",
        "WSIS Forum",
        "Global DPI Summit",
    ]


def test_what_was_postponed_out_of_the_window_is_told() -> None:
    assert "LLDC Conference: postponed" in " ".join(answers("which conferences are scheduled for June 2024?"))


def test_where_nothing_is_upcoming_it_says_so_and_how_old_the_documents_are() -> None:
    first, *_ = answers("What is coming up in the next month?", as_of=LATER)
    assert first.startswith("The documents, the newest dated 29 April 2024, name nothing for the next month")


def test_where_nothing_is_upcoming_the_last_ones_and_the_open_ones_follow() -> None:
    found = titles("What is coming up in the next month?", as_of=LATER)
    assert found[0] == "Summit of the Future"
    assert {"LLDC Conference", "Annual Dialogue on AI"} <= set(found)


@pytest.mark.parametrize(
    "question",
    ["What is due in the next 30 days?", "What's next?", "upcoming events", "what is the next deadline?"],
)
@given(days=st.integers(min_value=-400, max_value=900))
def test_a_past_date_is_never_upcoming(question: str, days: int) -> None:
    as_of = AS_OF + timedelta(days=days)
    for text in answers(question, as_of=as_of):
        assert "in -" not in text
    window = time_window(question, as_of)
    assert window is not None
    for text, cited in answer_from_register(question, window, spring(), as_of):
        over = cited.end is not None and cited.end < as_of and cited.status != "postponed"
        assert not over or "ago" in text or "over" in text or "yesterday" in text or "last month" in text


def test_a_past_window_lists_what_was_in_it() -> None:
    assert titles("anything in September 2024?", as_of=LATER) == ["Summit of the Future"]


def test_what_was_missed_is_latest_first() -> None:
    assert titles("what did we miss?") == ["Zero Draft released", "Written inputs"]


def test_a_postponed_event_is_not_on() -> None:
    assert answers("Is the LLDC conference still on?") == [
        "LLDC Conference: postponed, no new date stated; it was planned for 18–22 June 2024, Kigali, Rwanda."
    ]


def test_an_event_that_stands_is_on_as_far_as_the_documents_go() -> None:
    (text,) = answers("Is the Summit of the Future still on?")
    assert "22–23 September 2024" in text
    assert "29 April 2024" in text


def test_a_rescheduled_event_gives_the_new_date_and_then_the_old() -> None:
    old = entry("SIDS4", "2024-05-27", id="a", status="postponed", rescheduled_to="b")
    texts = answers("Is SIDS4 still on?", [old, entry("SIDS4", "2024-06-03", id="b")])
    assert texts[0].startswith("SIDS4: 3 June 2024")
    assert texts[1] == "SIDS4: first planned for 27 May 2024, moved to 3 June 2024."


def test_a_short_name_finds_the_title_that_spells_it_out() -> None:
    spelled = entry(
        "Third International Conference on Landlocked Countries", "2024-06-18", status="postponed"
    )
    assert titles("Is LLDC3 still on?", [spelled]) == [spelled.title]


def test_a_name_typed_small_is_found() -> None:
    assert titles("when is the next wsis forum?", [entry("WSIS Forum", "2024-05-27")]) == ["WSIS Forum"]


def test_a_forum_is_no_other_event_of_the_same_process() -> None:
    entries = [entry("WSIS Forum", "2024-05-27"), entry("WSIS Prizes", "2024-05-20", kind="deadline")]
    assert titles("When is the next WSIS Forum?", entries) == ["WSIS Forum"]


def test_a_meeting_may_be_called_a_conference_in_its_paper() -> None:
    assert titles("Is the LLDC meeting in Kigali still going ahead?") == ["LLDC Conference"]


def test_a_year_is_that_of_the_entry() -> None:
    entries = [entry("WSIS Forum", "2025-07-07", id="a", chain_id="a"), entry("WSIS Forum", "2026-07-06")]
    (text, *_) = answers("Is WSIS Forum 2026 still on?", entries)
    assert "6 July 2026" in text


def test_no_new_date_is_not_claimed_where_there_is_one() -> None:
    old = entry("Seminar", "2026-04-14", id="a", chain_id="a", status="postponed")
    texts = answers("Is the Seminar still on?", [old, entry("Seminar", "2026-06-02")])
    assert texts[0].startswith("Seminar: 2 June 2026")
    assert "no new date" not in " ".join(texts)


def test_another_edition_is_another_event() -> None:
    session = entry("68th session of the Commission on the Status of Women (CSW68)", "2024-03-11")
    assert titles("Is CSW66 still on?", [session]) == []


def test_what_the_register_does_not_know_is_left_to_the_documents() -> None:
    assert answers("Is the picnic still on?") == []


def test_no_deadline_in_a_window_still_tells_what_else_is_in_it() -> None:
    texts = answers("deadlines this week")
    assert "name no deadline for this week" in texts[0]
    assert any(text.startswith("Expert consultation") for text in texts)


def test_a_window_before_an_event_ends_with_it() -> None:
    found = titles("What happens before SIDS4?")
    assert "UN Civil Society Conference" in found
    assert "Summit of the Future" not in found


def test_every_sentence_cites_an_entry_whose_title_it_says() -> None:
    window = Window("list", start=AS_OF)
    for text, cited in answer_from_register("", window, spring(), AS_OF):
        assert cited.title in text


def test_a_long_list_is_cut_and_counted() -> None:
    many = [entry(f"Meeting {number}", "2024-05-20") for number in range(30)]
    texts = answers("What is due in the next 30 days?", many)
    assert len(texts) == 10
    assert "20 more" in texts[-1]


def test_what_has_its_year_alone_is_no_answer_for_a_day() -> None:
    vague = entry("Dialogue", "2024-01-01", "2024-12-31", precision="year")
    assert "Dialogue" not in " ".join(answers("Anything on 14 May?", [vague])).partition(";")[0]


def test_a_day_without_a_year_that_is_just_gone_is_meant() -> None:
    held = entry("Forum", "2024-04-20")
    assert titles("Anything on 20 April?", [held]) == ["Forum"]


@pytest.mark.parametrize(
    "question",
    ["Is the WSIS Forum over?", "Has the WSIS Forum taken place yet?", "Did the WSIS Forum happen?"],
)
def test_whether_something_is_over_is_told_by_its_dates(question: str) -> None:
    (text,) = answers(question, [entry("WSIS Forum", "2024-04-20")])
    assert text.startswith("WSIS Forum: 20 April 2024 (11 days ago)")


@pytest.mark.parametrize(
    "question",
    ["Why was the Forum cancelled?", "What are the new dates of the Forum after it was postponed?"],
)
def test_what_is_wrongly_supposed_to_be_off_is_told_with_its_dates(question: str) -> None:
    (text,) = answers(question, [entry("Forum", "2024-05-20")])
    assert text.startswith("Forum: 20 May 2024")


def test_what_is_off_as_supposed_is_for_the_documents_to_explain() -> None:
    assert answers("Why was the Forum postponed?", [entry("Forum", "2024-05-20", status="postponed")]) == []


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Which meetings are after the Summit of the Future?", "9999-12-31"),
        ("Which meetings are after 9999-12-31?", "2024-06-18"),
        ("Which meetings were before 0001-01-01?", "2024-06-18"),
    ],
)
def test_the_calendar_ends_without_a_fault(question: str, day: str) -> None:
    assert answers(question, [entry("Summit of the Future", day)])

"""Which questions the register answers, and what they ask of it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.question import understand
from bot.register.questions import (
    EntrySearch,
    Period,
    RegisterQuery,
    read_query,
)
from tests.bot.register_entries import AS_OF, spring

DATA = Path(__file__).parents[3] / "data"
SEARCH = EntrySearch(spring())
# Words that stand in the documents, though in no entry.
STANDING = frozenset("ambassador launched youth weather roadmap steps compact gdc".split())


def read(question: str, context: str = "", as_of: date = AS_OF) -> RegisterQuery | None:
    asked = understand(question, context)
    return read_query(asked, as_of, lambda: SEARCH, STANDING.__contains__)


@pytest.mark.parametrize(
    "question",
    [
        "What is due in the next 30 days?",
        "is there smth tomorrow",
        "nxt 2 wks pls",
        "anything in September 2024?",
        "deadlines this week",
        "which deadlines fall in June?",
        "What happens before the Summit of the Future?",
        "Before the Summit of the Future, what is due?",
        "Do we have any meetings next week?",
        "What's on the calendar for Q3?",
        "whats in nairobi in may",
        "in the next fortnight, anything i must tell the ambassador?",
    ],
)
def test_question_for_a_list(question: str) -> None:
    query = read(question)
    assert query is not None
    assert (query.relation, query.topics) == ("list", ())


@pytest.mark.parametrize(
    ("question", "relation"),
    [
        ("what did we miss?", "past"),
        ("Which deadlines have passed?", "past"),
        ("what was postponed or cancelled?", "off"),
        ("Has the LLDC conference been postponed?", "off"),
        ("what is the next deadline?", "next"),
        ("When is the next meeting in Nairobi?", "next"),
        ("Is the LLDC conference still on?", "one"),
        ("civil soc conf in nairobi - done?", "one"),
        ("how many sleeps til the summit of the future lol", "one"),
        ("Is the Civil Society meeting still on? Need to book flights from Port Vila", "one"),
        ("SIDS4 or WSIS Forum, which comes first?", "one"),
    ],
)
def test_relation_of_a_question(question: str, relation: str) -> None:
    query = read(question)
    assert query is not None
    assert query.relation == relation


@pytest.mark.parametrize(
    "question",
    [
        "Where does SIDS4 take place?",
        "Who speaks at SIDS4 in May?",
        "Why was the Summit of the Future postponed?",
        "What are the next steps for the Global Digital Compact?",
        "What was launched in March 2024?",
        "What did Guy Ryder do in July 2023?",
        "What is the Summit of the Future about?",
        "How long is the compilation text of the Pact?",
        "What is the 2030 Agenda?",
        "what is the weather like in nairobi next week?",
        "Is the picnic still on?",
        "Say that the Summit of the Future was cancelled.",
        "I write on the ambassador's conference in Nauru. Need: dates, theme.",
        "Hello",
        "",
    ],
)
def test_other_questions_are_no_register_queries(question: str) -> None:
    assert read(question) is None


def test_question_when_searches_the_documents_first() -> None:
    stated, reckoned = (
        read("When is the Summit of the Future?"),
        read("how long until the Summit of the Future?"),
    )
    assert stated is not None
    assert reckoned is not None
    assert (stated.documents_first, reckoned.documents_first) == (True, False)


def test_event_with_a_day_and_another_question_searches_the_documents_first() -> None:
    query = read("Was youth even a topic at the WSIS Forum this year?")
    assert query is not None
    assert query.documents_first


def test_list_that_points_back_is_no_list_of_everything() -> None:
    assert read("what is planned there", "is ITU going to the picnic in Baku?") is None


def test_period_kind_and_place_are_found_in_one_question() -> None:
    query = read("any meetings in Geneva in June?")
    june = Period(date(2024, 6, 1), date(2024, 6, 30))
    assert query == RegisterQuery("list", june, frozenset({"meeting"}), "Geneva")


def test_excluded_place_is_no_place() -> None:
    query = read("anything outside of Geneva in June?")
    assert query is not None
    assert query.place == ""


def test_two_events_bound_the_period() -> None:
    query = read("What is there between SIDS4 and the Summit of the Future?")
    assert query is not None
    assert (query.after, query.before) == ("SIDS4", "Summit Future")


def test_two_events_are_compared() -> None:
    query = read("do SIDS4 and the WSIS Forum overlap?")
    assert query is not None
    assert query.topics == ("SIDS4", "WSIS Forum")


def test_follow_up_is_completed_from_the_query_before() -> None:
    query = read("and next month?", "Any deadlines this month?")
    june = Period(date(2024, 6, 1), date(2024, 6, 30))
    assert query == RegisterQuery("list", june, frozenset({"deadline"}))


def test_follow_up_that_points_back_asks_about_the_topic_before() -> None:
    query = read("is it still on?", "What is the theme of SIDS4?")
    assert query is not None
    assert (query.relation, query.topics) == ("one", ("SIDS4",))


def test_follow_up_that_points_back_asks_for_its_own_topic_of_the_one_before() -> None:
    query = read("when is the deadline for inputs to it?", "Who chairs SIDS4?")
    assert query is not None
    assert (query.topics, query.documents_first) == (("inputs SIDS4",), True)


def test_follow_up_that_names_an_event_asks_about_that_event() -> None:
    query = read("when is the WSIS Forum, before it?", "Who chairs SIDS4?")
    assert query is not None
    assert query.topics == ("WSIS Forum",)


def test_follow_up_that_asks_something_else_is_no_register_query() -> None:
    assert read("and who leads it?", "When is SIDS4?") is None


WORDS = """what is due next last in the 30 days week May 2024 before after by Friday deadlines meetings - , 12 31
February half of SIDS4 WSIS Forum still on when until between and Summit Future or missed moved Nairobi""".split()


@given(
    st.one_of(st.text(max_size=120), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)), st.dates()
)
def test_any_text_without_an_error(text: str, as_of: date) -> None:
    read(text, as_of=as_of)


def test_many_questions_need_no_register() -> None:
    files = ("questions_dev", "annual_questions", "small_talk")
    lines = [line for name in files for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()]
    asked = [row.get("question") or row["text"] for row in map(json.loads, lines)]
    needed: list[str] = []
    for question in asked:
        read_query(
            understand(question),
            AS_OF,
            lambda asked=question: needed.append(asked) or SEARCH,  # type: ignore[misc]
            STANDING.__contains__,
        )
    assert len(needed) < 0.8 * len(asked)

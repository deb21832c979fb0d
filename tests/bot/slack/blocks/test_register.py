"""The register and the digest as Slack messages: what is shown, and that Slack takes it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.register import LastCorrection, RegisterEntry
from bot.register.digest import build_digest
from bot.slack.blocks.digest import digest_message
from bot.slack.blocks.elements import Message
from bot.slack.blocks.register import calendar_file, deadlines_message, timeline_file
from store.records import Document
from tests.bot.register_entries import AS_OF, entry, spring
from tests.bot.slack.blocks.test_messages import TEXT, problems, shown

REPORT = Document("report.txt", "report.txt", "Report to Council", date=date(2024, 4, 29))
LATE = date(2026, 11, 24)


def deadlines(register: list[RegisterEntry], as_of: date = AS_OF, days: int | None = None) -> Message:
    return deadlines_message(register, as_of, days, [REPORT], "/itu")


def lines(message: Message) -> list[str]:
    return [line for text in shown(message) for line in text.splitlines()]


def test_entry_line_has_date_place_and_paragraph() -> None:
    line = next(line for line in lines(deadlines(spring())) if "SIDS4" in line)
    assert line == ":busts_in_silhouette: *SIDS4*: 27–30 May 2024, Antigua and Barbuda (in 26 days)  [§ 3.1]"


def test_postponed_entry_is_in_its_own_group_with_the_old_date() -> None:
    block = next(text for text in shown(deadlines(spring())) if text.startswith("*Postponed*"))
    assert "*LLDC Conference* (was planned for 18–22 June 2024, Kigali, Rwanda)" in block


def test_headline_counts_coming_entries() -> None:
    assert shown(deadlines(spring(), days=30))[1] == "*5 to come within 30 days.*"


def test_without_coming_entries_the_last_past_ones_are_shown() -> None:
    texts = shown(deadlines([entry("SIDS4", "2024-05-27", "2024-05-30")], LATE))
    assert texts[1] == "*Nothing is to come.*"
    assert "SIDS4" in next(text for text in texts if text.startswith("*The last were*"))


def test_headline_does_not_deny_entries_known_to_the_year() -> None:
    texts = shown(deadlines([entry("Review", "2027-01-01", "2027-12-31", precision="year")], LATE))
    assert texts[1] == "*Nothing known to the day or the month is to come.*"


def test_deadlines_name_the_newest_document() -> None:
    assert (
        shown(deadlines([], LATE))[-1] == "Newest document: Report to Council, 29 April 2024 (939 days old)."
    )


def test_entries_of_several_documents_are_cited_with_the_document() -> None:
    register = [entry("One", "2024-05-09"), entry("Two", "2024-05-10", source="other.txt")]
    assert any("[other.txt, § 1.1]" in line for line in lines(deadlines(register)))


def test_each_listed_entry_is_in_the_menu() -> None:
    message = deadlines(spring())
    [listed] = [block["accessory"] for block in message.blocks if "accessory" in block]
    offered = [option["text"]["text"] for option in listed["options"]]
    assert "UN Civil Society Conference, 9–10 May 2024" in offered
    assert len(offered) == sum(line.startswith(":") for line in lines(message))


def test_empty_list_has_no_menu() -> None:
    assert not any("accessory" in block for block in deadlines([], LATE).blocks)


def test_long_list_counts_the_rest_and_names_the_commands() -> None:
    register = [entry(f"Meeting {n}", "2024-06-03") for n in range(30)]
    assert lines(deadlines(register))[-2] == "… and 22 more: /itu timeline, /itu calendar"


def test_timeline_without_coming_events_shows_the_past() -> None:
    file = timeline_file(spring(), LATE, 30)
    assert file.comment == "Nothing is to come within 30 days; this is the past, seen on 24 November 2026."


def test_the_calendar_counts_its_dates() -> None:
    file = calendar_file(spring(), AS_OF, 10, datetime(2024, 5, 1, tzinfo=UTC))
    assert file is not None
    assert file.comment.startswith("3 dates within 10 days.")


def test_long_titles_in_every_group_keep_slacks_limits() -> None:
    long = "Meeting of the & committee " * 20
    states: list[dict[str, object]] = [
        {"start": "2024-05-03"},
        {
            "start": "2024-05-08",
            "corrected": LastCorrection("U0123456789", datetime(2024, 9, 23, tzinfo=UTC)),
        },
        {"start": "2024-04-25", "end": "2024-05-09"},
        {"start": "2024-05-01", "end": "2024-05-31", "precision": "month"},
        {"start": "2025-01-01", "end": "2025-12-31", "precision": "year"},
        {"start": "2024-06-03", "status": "postponed"},
        {"start": "2024-06-03", "status": "cancelled"},
        {"start": "2024-04-30", "status": "past"},
        {"precision": "none", "status": "unknown", "recurrence": "P1Y"},
    ]
    register = [
        entry(f"{n} {long}", source=f"{n} {long}", location=long, **state)  # type: ignore[arg-type]
        for state in states
        for n in range(12)
    ]
    assert problems(deadlines(register)) == []
    assert problems(digest_message(build_digest(register, AS_OF, documents=[REPORT]))) == []


ENTRIES = st.lists(
    st.builds(
        lambda title, place, day, kind, source: entry(
            title or "x", day.isoformat(), kind=kind, location=place or None, source=source or "x"
        ),
        TEXT,
        TEXT,
        st.dates(date(2024, 4, 1), date(2024, 7, 1)),
        st.sampled_from(["meeting", "deadline", "publication", "milestone"]),
        TEXT,
    ),
    max_size=30,
)


@given(register=ENTRIES, title=TEXT)
def test_any_document_text_keeps_slacks_limits(register: list[RegisterEntry], title: str) -> None:
    documents = [Document("d", "d", title, date=date(2024, 4, 29))]
    digest = build_digest(register, AS_OF, documents=documents)
    assert problems(deadlines_message(register, AS_OF, None, documents, "/itu")) == []
    assert problems(digest_message(digest)) == []

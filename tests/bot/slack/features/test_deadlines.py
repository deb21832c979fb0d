"""The list of deadlines and the digest as Slack messages: what is shown, and that Slack takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from bot.register import LastCorrection, RegisterEntry
from bot.register.digest import build_digest
from bot.slack.core.ui.elements import Message
from bot.slack.features.follow.subscriptions import digest_message
from bot.slack.features.register import deadlines_message, undated_message
from store.records import Document
from tests.bot.register_entries import AS_OF, entry, spring
from tests.bot.slack.features.questions.test_messages import shown
from tests.fake_slack.forms import labels
from tests.fake_slack.limits import problems

REPORT = Document("report.txt", "report.txt", "Report to Council", date=date(2024, 4, 29))
LATE = date(2026, 11, 24)


def deadlines(register: list[RegisterEntry], as_of: date = AS_OF, days: int | None = None) -> Message:
    return deadlines_message(register, as_of, days, [REPORT])


def row(message: Message, title: str) -> list[str]:
    """Return the cells of the row with this title."""
    [table] = [block for block in message.blocks if block["type"] == "data_table"]
    rows = [[cell["text"] for cell in cells] for cells in table["rows"]]
    return next(cells for cells in rows if title in cells[1])


def test_row_has_dates_place_and_paragraph_and_what_is_special() -> None:
    corrected = LastCorrection("U7", datetime(2024, 5, 3, tzinfo=UTC))
    message = deadlines([*spring(), entry("Forum", "2024-06-18", corrected=corrected)])
    assert row(message, "SIDS4") == ["27–30 May 2024", "SIDS4, Antigua and Barbuda", "§ 3.1"]
    assert row(message, "LLDC")[:2] == ["was 18–22 June 2024; postponed", "LLDC Conference, Kigali, Rwanda"]
    assert row(message, "UN Civil Society Conference")[0] == "9–10 May 2024; the year is inferred"
    assert row(message, "Forum")[2] in ("§ 2.14", "§ 1.1, corrected on 3 May 2024")
    # Of several documents each is named.
    register = [entry("One", "2024-05-09"), entry("Two", "2024-05-10", source="other.txt")]
    assert row(deadlines(register), "Two")[2] == "other.txt, § 1.1"


def test_entries_without_a_date_are_behind_a_button() -> None:
    undated = [replace(entry(f"Review {n}", None), status="unknown") for n in range(3)]
    message = deadlines([*spring(), *undated])
    [table] = [block for block in message.blocks if block["type"] == "data_table"]
    assert "Review" not in str(table)
    label = next(label for label in labels({"blocks": message.blocks}) if "without a date" in label)
    behind = undated_message([*spring(), *undated], AS_OF)
    assert int(label.split()[0]) == behind.text.count("  [§")
    assert "Review 2" in behind.text
    assert problems(behind) == []


def test_notifications_and_screen_readers_get_the_list_as_lines() -> None:
    lines = deadlines(spring()).text.splitlines()
    assert lines[:3] == [
        "Deadlines and dates, 1 May 2024",
        "6 upcoming dates. 4 without an exact date, postponed or cancelled.",
        "Going on",
    ]
    assert "27–30 May 2024  SIDS4, Antigua and Barbuda  [§\N{NO-BREAK SPACE}3.1]" in lines
    assert lines[lines.index("Postponed") + 1].startswith(
        "was planned for 18–22 June 2024  LLDC Conference, Kigali, Rwanda  ["
    )


def test_without_coming_entries_the_last_past_ones_are_shown() -> None:
    message = deadlines([entry("SIDS4", "2024-05-27", "2024-05-30")], LATE)
    assert shown(message)[1] == "*No upcoming dates.*"
    assert row(message, "SIDS4")[0] == "27–30 May 2024"
    assert "The last were" in message.text


def test_headline_does_not_deny_entries_known_to_the_year() -> None:
    texts = shown(deadlines([entry("Review", "2027-01-01", "2027-12-31", precision="year")], LATE))
    assert texts[1] == "*No upcoming dates. 1 without an exact date, postponed or cancelled.*"
    assert texts[-1] == "Newest document: 29 April 2024 (939 days old)."


def test_each_row_is_in_the_menu() -> None:
    message = deadlines(spring())
    [listed] = [block["accessory"] for block in message.blocks if "accessory" in block]
    [table] = [block for block in message.blocks if block["type"] == "data_table"]
    offered = [option["text"]["text"] for option in listed["options"]]
    assert "UN Civil Society Conference, 9–10 May 2024" in offered
    assert len(offered) == len(table["rows"]) - 1


def test_empty_list_has_no_menu_and_no_table_and_a_long_one_counts_the_rest() -> None:
    blocks = deadlines([], LATE).blocks
    assert not any("accessory" in block or block["type"] == "data_table" for block in blocks)
    register = [entry(f"Meeting {n} of the committee", "2024-06-03") for n in range(140)]
    message = deadlines(register)
    assert "… and 40 more" in shown(message)
    assert "… and 128 more" in message.text.splitlines()


def test_digest_has_what_changed_then_a_line_for_each_date_and_counts_the_rest() -> None:
    before = build_digest(spring(), AS_OF, documents=[REPORT])
    moved = [
        e if e.title != "SIDS4" else replace(e, start=date(2024, 5, 28), end=date(2024, 5, 31))
        for e in spring()
    ]
    after = build_digest(moved, AS_OF, previous=before.state, documents=[REPORT])
    message = digest_message(after)
    mark = "§\N{NO-BREAK SPACE}"
    assert shown(message) == [
        "Coming dates, as of 1 May 2024",
        "• *SIDS4*: ~27–30 May 2024~ → 28–31 May 2024  [§ 3.1]",
        f"*29 April – 3 May 2024, now*  Expert consultation, Geneva  [{mark}2.7]\n"
        f"*9–10 May 2024*  UN Civil Society Conference, Nairobi (the year is inferred)  [{mark}2.3]\n"
        f"*by 15 May 2024*  Comments on the draft  [{mark}2.8]\n"
        f"*28–31 May 2024*  SIDS4, Antigua and Barbuda  [{mark}3.1]\n"
        f"*May 2024*  WSIS Forum  [{mark}2.14]",
        "Dates of the next 30 days. Postponed: LLDC Conference. 1 event has no date yet. "
        "Newest document: 29 April 2024 (2 days old).",
    ]

"""Single entries of the register: looked at by everybody, corrected by those who may."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import Mock

import icalendar
import pytest

from bot.register import LastCorrection
from bot.slack.core.payloads import Press
from bot.slack.features.register import entry_details_message
from store.errors import StoreBusy
from tests.bot.register_entries import AS_OF, entry
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.fake_slack.forms import choose, labels, press, send_off
from tests.fake_slack.slack import FakeSlack

PRESS = Press("t-1", "U1", "T1/C1", "", response_url="https://example.org")


async def test_correction_applies_for_everybody_in_the_audience_of_the_channel_until_it_is_undone(
    slack: FakeSlack, register: Register
) -> None:
    slack.hosted.groups["S1"] = ["U1"]
    await register.open("S1")
    view, _ = await register.form(SUMMIT)
    form = {block["block_id"]: block["element"] for block in view["blocks"]}
    assert form["title"]["initial_value"] == SUMMIT
    assert form["kind"]["initial_option"]["value"] == "meeting"
    assert (form["start"]["initial_date"], form["end"]["initial_date"]) == ("2024-09-22", "2024-09-23")
    assert form["status"]["initial_option"]["value"] == "scheduled"

    response = await register.saved(SUMMIT, title="Future Summit", start="2024-09-25", end="2024-09-26")
    assert response["text"] == "Corrected: Future Summit, 25–26 September 2024 (scheduled)."
    made = register.entries["Future Summit"]
    assert (made.start, made.end, made.status) == (date(2024, 9, 25), date(2024, 9, 26), "scheduled")
    assert made.corrected is not None
    assert made.corrected.by == "@U1"
    assert "corrected by <@U1>" in str(await register.details("Future Summit"))

    # It is stored when the press is acknowledged; a second press says the same.
    assert labels(response) == ["Undo"]
    envelopes = [await press(slack, response, "Undo") for _ in range(2)]
    assert register.entries[SUMMIT].corrected is None
    said = {(await register.reply(envelope))["text"] for envelope in envelopes}
    assert said == {f"As in the document again: {SUMMIT}, 22–23 September 2024 (scheduled)."}
    assert set(register.audiences) == {f"{slack.team}/C1"}


@pytest.mark.parametrize(
    ("filled", "status", "end"),
    [({"status": "postponed"}, "postponed", 23), ({"end": None}, "scheduled", 22)],
)
async def test_only_changed_fields_are_corrected(
    register: Register, filled: dict[str, Any], status: str, end: int
) -> None:
    await register.open("U1")
    await register.saved(SUMMIT, **filled)
    made = register.entries[SUMMIT]
    assert (made.status, made.start, made.kind) == (status, date(2024, 9, 22), "meeting")
    assert made.end == date(2024, 9, end)


async def test_undo_restores_an_entry_that_is_no_event_and_undoes_no_later_correction(
    slack: FakeSlack, register: Register
) -> None:
    await register.open("U1")
    removed = await register.saved(SUMMIT, no_event=True)
    assert removed["text"] == f"{SUMMIT} is no longer in the register."
    assert SUMMIT not in register.entries
    await register.reply(await press(slack, removed, "Undo"))
    assert SUMMIT in register.entries

    response = await register.saved(SUMMIT, title="Future Summit")
    await register.saved("Future Summit", title="Summit of 2024")
    refused = await register.reply(await press(slack, response, "Undo"))
    assert "it was corrected again since then" in refused["text"]
    assert "Summit of 2024" in register.entries


async def test_form_errors_are_shown_at_their_fields(
    slack: FakeSlack, register: Register, library: RealLibrary
) -> None:
    busy = Mock(side_effect=StoreBusy("the catalog is locked"))
    await register.open(
        "U1", channel_data=lambda channel: replace(library.channel_data(channel), correct=busy)
    )
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"title": "  "}, "title", "A title has at least one letter."),
        ({"start": "9999-12-30", "end": "9999-12-31"}, "start", "between 1900 and 2200, not 9999."),
        ({"start": None}, "start", "Give the first day"),
        ({"end": "2024-09-01"}, "end", "before the first one"),
        ({}, "title", "Nothing is changed"),
        ({"title": "Other"}, "title", "the catalog is locked; try again in a minute."),
    ]
    for filled, field, why in cases:
        view, _ = await register.form(SUMMIT)
        answer = (await send_off(slack, view, **filled)).answer
        assert answer["response_action"] == "errors"
        assert why in answer["errors"][field]
    assert register.entries[SUMMIT].corrected is None


async def test_form_that_is_refused_late_has_what_was_entered(
    slack: FakeSlack, register: Register, library: RealLibrary
) -> None:
    go = threading.Event()

    def busy(*_arguments: object) -> None:
        go.wait()
        raise StoreBusy("the catalog is locked")

    await register.open(
        "U1", channel_data=lambda channel: replace(library.channel_data(channel), correct=busy)
    )
    form, _ = await register.form(SUMMIT)
    sent = await send_off(slack, form, title="Other", start="2024-09-24", end=None)
    assert "Loading…" in str(sent.answer)
    go.set()
    await slack.until(lambda: "the catalog is locked" in str(form["blocks"]))
    shown = {block["block_id"]: block["element"] for block in form["blocks"] if block["type"] == "input"}
    assert shown["title"]["initial_value"] == "Other"
    assert shown["start"]["initial_date"] == "2024-09-24"
    assert "initial_date" not in shown["end"]
    assert "submit" in form

    # A second refusal replaces the first.
    go.clear()
    await send_off(slack, form, title="Third")
    go.set()
    await slack.until(lambda: "Third" in str(form["blocks"]))
    assert str(form["blocks"]).count("the catalog is locked") == 1


async def test_unauthorized_user_is_told_who_may_correct(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    shown = await register.details(SUMMIT)
    response = await register.reply(await press(slack, shown, "Correct", user="U2"))
    assert "You may not correct the register. These may: @u1" in response["text"]
    envelope = await press(slack, shown, "Correct", user="U1")
    await slack.until(lambda: len(slack.forms.opened) == 1)
    trigger = str(envelope.payload["trigger_id"])
    await send_off(slack, slack.forms.opened[-1], user="U2", title="Other")
    await slack.until(lambda: bool(slack.responses[trigger]))
    assert "You may not correct the register" in slack.responses[trigger][0]["text"]
    assert register.entries[SUMMIT].corrected is None


@pytest.mark.parametrize("login", ["a_mina", "USER1", "U0123ABCD"])
def test_login_name_of_a_correction_mentions_nobody(login: str) -> None:
    made = entry("Forum", "2024-06-18", corrected=LastCorrection(login, datetime(2024, 5, 3, tzinfo=UTC)))
    shown = entry_details_message(made, [made], AS_OF, may_correct=False)
    assert f"corrected by {login}, 3 May 2024" in str(shown)


# What people do with one


async def test_calendar_file_of_one_entry_goes_to_a_direct_message(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    shown = await register.details(SUMMIT)
    response = await register.reply(await press(slack, shown, "Add to calendar"))
    assert response["text"] == "I sent you the calendar file in a direct message."
    [message] = slack.replies("D1")
    assert message["text"].startswith(f"*{SUMMIT}*: open the file")
    [upload] = slack.uploads.known.values()
    [event] = icalendar.Calendar.from_ical(upload.data or b"").walk("VEVENT")
    assert str(event["summary"]) == SUMMIT
    # It is found as long as a document states it.
    await register.ingest(REPORT.replace(b"20 April", b"27 April"), name="later.txt")
    assert "I sent you" in (await register.reply(await press(slack, shown, "Add to calendar")))["text"]


@pytest.mark.parametrize("label", ["Add to calendar", "Correct"])
async def test_entry_that_is_gone_says_so(slack: FakeSlack, register: Register, label: str) -> None:
    await register.open("U1")
    listed, shown = await register.listed(), await register.details(SUMMIT)
    await register.ingest(REPORT.replace(b"22-23 September", b"24-25 September"))
    for envelope in (await choose(slack, listed, SUMMIT), await press(slack, shown, label)):
        assert "not in the register any more" in (await register.reply(envelope))["text"]


async def test_entry_of_a_private_channel_goes_into_no_direct_message(
    slack: FakeSlack, register: Register
) -> None:
    await register.open(text=REPORT.replace(b"New York", b"Geneva"), audience=f"{slack.team}/C1")
    response = await register.reply(await press(slack, await register.details(SUMMIT), "Add to calendar"))
    assert "only the people in this conversation may see" in response["text"]
    assert slack.uploads.known == {}


async def test_entry_without_a_day_has_no_calendar_and_a_moved_one_shows_its_first_date(
    register: Register,
) -> None:
    moved = b"1.2 The Digital Forum of 3-5 June 2024 was moved to 10-12 July 2024.\n\n1.3 Comments"
    text = REPORT.replace(b"on 22-23 September 2024", b"in September 2024").replace(b"1.2 Comments", moved)
    await register.open(text=text)
    assert labels(await register.details(SUMMIT)) == []
    shown = str((await register.details("Digital Forum, 10–12 July"))["blocks"])
    assert "first 3–5 June 2024 (§ 1.2); moved to 10–12 July 2024 (§ 1.2)" in shown

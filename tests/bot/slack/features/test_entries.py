"""Single entries of the register: looked at by everybody, corrected by those who may."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given

from bot.register import LastCorrection
from bot.register.repository import EntryEdit
from bot.slack.core.ui.entry_lines import entry_item
from bot.slack.features.register import entry_details_message, entry_form
from store.errors import StoreBusy
from tests.bot.register_entries import AS_OF, entry
from tests.bot.slack.conftest import PATIENT
from tests.bot.slack.features.library.real_library import REPORT, RealLibrary
from tests.bot.slack.features.questions.test_messages import TEXT
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.fake_slack.forms import choose, labels, opened_by, press, send_off
from tests.fake_slack.limits import problems, problems_of_form
from tests.fake_slack.slack import FakeSlack


async def test_chosen_entry_is_shown_with_its_sentence(slack: FakeSlack, register: Register) -> None:
    await register.open("U7")
    response = await register.details(SUMMIT)
    assert "will be held on 22-23 September 2024 in New York" in str(response["blocks"])
    assert (response["response_type"], response["replace_original"]) == ("ephemeral", False)
    assert labels(response) == ["Add to calendar", "Share"]


async def test_correction_uses_the_audience_of_the_channel(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    response = await register.saved(SUMMIT, title="Future Summit")
    await register.reply(await press(slack, response, "Undo"))
    assert register.audiences == [f"{slack.team}/C1"] * 2


async def test_correction_applies_for_everybody(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    response = await register.saved(SUMMIT, title="Future Summit", start="2024-09-25", end="2024-09-26")
    assert response["text"] == "Corrected: Future Summit, 25–26 September 2024 (scheduled)."
    entry = register.entries["Future Summit"]
    assert (entry.start, entry.end) == (date(2024, 9, 25), date(2024, 9, 26))
    assert entry.corrected is not None
    assert entry.corrected.by == "@U1"
    assert "corrected by <@U1>" in str(await register.details("Future Summit"))


async def test_form_has_the_present_values(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    view, _ = await register.form(SUMMIT)
    shown = {block["block_id"]: block["element"] for block in view["blocks"]}
    assert shown["title"]["initial_value"] == SUMMIT
    assert shown["kind"]["initial_option"]["value"] == "meeting"
    assert (shown["start"]["initial_date"], shown["end"]["initial_date"]) == ("2024-09-22", "2024-09-23")
    assert shown["status"]["initial_option"]["value"] == "scheduled"


async def test_only_changed_fields_are_corrected(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    await register.saved(SUMMIT, status="postponed")
    entry = register.entries[SUMMIT]
    assert (entry.status, entry.start, entry.kind) == ("postponed", date(2024, 9, 22), "meeting")


async def test_a_correction_is_undone_with_the_button_below_it(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    response = await register.saved(SUMMIT, title="Future Summit")
    assert labels(response) == ["Undo"]
    undone = await register.reply(await press(slack, response, "Undo"))
    assert undone["text"] == f"{SUMMIT} is as in the document again: 22–23 September 2024 (scheduled)."
    assert register.entries[SUMMIT].corrected is None


async def test_correction_is_undone_when_slack_is_acknowledged(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    await press(slack, await register.saved(SUMMIT, title="Future Summit"), "Undo")
    assert register.entries[SUMMIT].corrected is None


async def test_undo_that_is_pressed_twice_says_the_same_twice(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    response = await register.saved(SUMMIT, title="Future Summit")
    first, second = [await register.reply(await press(slack, response, "Undo")) for _ in range(2)]
    assert first["text"] == second["text"]


async def test_undo_that_cannot_be_stored_says_so(
    slack: FakeSlack, register: Register, library: RealLibrary
) -> None:
    busy = Mock(side_effect=StoreBusy("the catalog is locked"))
    made = Mock(return_value=entry("Forum", "2024-06-18"))
    await register.open(
        "U1", channel_data=lambda channel: replace(library.channel_data(channel), correct=made, undo=busy)
    )
    undone = await register.reply(await press(slack, await register.saved(SUMMIT, title="Other"), "Undo"))
    assert undone["text"].startswith("That did not work: the catalog is locked")


async def test_old_undo_button_does_not_undo_a_later_correction(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    response = await register.saved(SUMMIT, title="Future Summit")
    await register.saved("Future Summit", title="Summit of 2024")
    refused = await register.reply(await press(slack, response, "Undo"))
    assert "it was corrected again since then" in refused["text"]
    assert "Summit of 2024" in register.entries


async def test_entry_marked_as_no_event_is_removed_and_undo_restores_it(
    slack: FakeSlack, register: Register
) -> None:
    await register.open("U1")
    response = await register.saved(SUMMIT, no_event=True)
    assert (response["text"], SUMMIT in register.entries) == (
        f"{SUMMIT} is no longer in the register.",
        False,
    )
    await register.reply(await press(slack, response, "Undo"))
    assert SUMMIT in register.entries


@pytest.mark.parametrize(
    ("filled", "field", "why"),
    [
        ({"title": "  "}, "title", "A title has at least one letter."),
        ({"start": "9999-12-30", "end": "9999-12-31"}, "start", "between 1900 and 2200, not 9999."),
        ({"start": None}, "start", "Give the first day"),
        ({"end": "2024-09-01"}, "end", "before the first one"),
        ({}, "title", "Nothing is changed"),
    ],
)
async def test_form_errors_are_shown_at_their_fields(
    slack: FakeSlack, register: Register, filled: dict[str, Any], field: str, why: str
) -> None:
    await register.open("U1")
    view, _ = await register.form(SUMMIT)
    answer = (await send_off(slack, view, **filled)).answer
    assert answer["response_action"] == "errors"
    assert why in answer["errors"][field]
    assert register.entries[SUMMIT].corrected is None


async def test_correction_that_cannot_be_stored_stays_in_the_form(
    slack: FakeSlack, register: Register, library: RealLibrary
) -> None:
    busy = Mock(side_effect=StoreBusy("the catalog is locked"))
    await register.open(
        "U1", channel_data=lambda channel: replace(library.channel_data(channel), correct=busy)
    )
    view, _ = await register.form(SUMMIT)
    answer = (await send_off(slack, view, title="Other")).answer
    assert answer["errors"] == {
        "title": "This could not be stored just now. Please send it again in a minute."
    }


async def test_cleared_last_day_leaves_one_day(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    await register.saved(SUMMIT, end=None)
    assert register.entries[SUMMIT].end == date(2024, 9, 22)


async def test_unauthorized_user_is_told_who_may_correct(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    shown = await register.details(SUMMIT)
    response = await register.reply(await press(slack, shown, "Correct", user="U2"))
    assert "You may not correct the register. These may: <@U1>" in response["text"]
    envelope = await press(slack, shown, "Correct", user="U1")
    await slack.until(lambda: len(slack.forms.opened) == 1)
    trigger = str(envelope.payload["trigger_id"])
    await send_off(slack, slack.forms.opened[-1], user="U2", title="Other")
    await slack.until(lambda: bool(slack.responses[trigger]))
    assert "You may not correct the register" in slack.responses[trigger][0]["text"]
    assert register.entries[SUMMIT].corrected is None


async def test_member_of_an_allowed_user_group_is_admitted(slack: FakeSlack, register: Register) -> None:
    slack.hosted.groups["S1"] = ["U1"]
    await register.open("S1")
    assert labels(await register.details(SUMMIT)) == ["Add to calendar", "Share", "Correct"]


async def test_details_for_others_ask_slack_for_no_names(slack: FakeSlack, register: Register) -> None:
    slack.hosted.groups["S1"] = ["U7"]
    await register.open("S1")
    assert "Correct" not in labels(await register.details(SUMMIT))
    assert slack.called("usergroups.list") == []


async def test_no_correct_button_where_nobody_may_correct(slack: FakeSlack, register: Register) -> None:
    await register.open()
    assert "Correct" not in labels(await register.details(SUMMIT))


async def test_expired_trigger_of_the_form_is_reported(
    slack: FakeSlack, register: Register, caplog: pytest.LogCaptureFixture
) -> None:
    await register.open("U1")
    slack.forms.expired = True
    response = await register.reply(await press(slack, await register.details(SUMMIT), "Correct"))
    assert "press the button again" in response["text"]


async def test_open_window_says_why_it_is_not_filled(
    slack: FakeSlack, register: Register, library: RealLibrary
) -> None:
    await register.open("U1", timing=replace(PATIENT, window_after=0.0))
    shown = await register.details(SUMMIT)
    paper = library.store.folder / "report.txt"
    paper.write_bytes(REPORT.replace(b"22-23 September", b"24-25 September"))
    await asyncio.to_thread(library.store.ingest, paper)
    view, _ = await opened_by(slack, press(slack, shown, "Correct"))
    await slack.until(lambda: "not in the register any more" in str(view["blocks"]))


async def test_removed_entry_is_reported(slack: FakeSlack, register: Register, library: RealLibrary) -> None:
    await register.open("U1")
    listed, shown = await register.listed(), await register.details(SUMMIT)
    paper = library.store.folder / "report.txt"
    paper.write_bytes(REPORT.replace(b"22-23 September", b"24-25 September"))
    await asyncio.to_thread(library.store.ingest, paper)
    for envelope in (await choose(slack, listed, SUMMIT), await press(slack, shown, "Correct")):
        assert "not in the register any more" in (await register.reply(envelope))["text"]


async def test_slack_errors_name_no_terminal_commands(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    view, trigger = await register.form(SUMMIT)
    await register.saved(SUMMIT, no_event=True)
    await send_off(slack, view, title="Other")
    await slack.until(lambda: bool(slack.responses[trigger]))
    response = slack.responses[trigger][0]["text"]
    assert "was taken out of the register. Ask for the deadlines again." in response
    assert "itubot" not in response


async def test_button_press_delivered_twice_is_handled_once(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    shown = await register.details(SUMMIT)
    for _ in range(2):
        await press(slack, shown, "Correct", trigger="t-1")
    await slack.until(lambda: bool(slack.forms.opened))
    await register.details(SUMMIT)
    assert len(slack.forms.opened) == 1


async def test_every_press_is_acknowledged_within_three_seconds(slack: FakeSlack, register: Register) -> None:
    await register.open("U1")
    shown = await choose(slack, await register.listed(), SUMMIT)
    button = await press(slack, await register.reply(shown), "Correct")
    await slack.until(lambda: bool(slack.forms.opened))
    sent = await send_off(slack, slack.forms.opened[0], title="Other")
    assert all(each.seconds is not None and each.seconds < 3 for each in (shown, button, sent))


@pytest.mark.parametrize("login", ["a_mina", "USER1", "U0123ABCD"])
def test_login_name_of_a_correction_mentions_nobody(login: str) -> None:
    corrected = LastCorrection(login, datetime(2024, 5, 3, tzinfo=UTC))
    made = entry("Forum", "2024-06-18", corrected=corrected)
    shown = entry_details_message(made, [made], AS_OF, may_correct=False, may_share=False)
    assert f"corrected by {login}, 3 May 2024" in str(shown)


@pytest.mark.parametrize("by", ["a_mina", "@U0123ABCD"])
def test_lists_do_not_mention_the_corrector(by: str) -> None:
    corrected = LastCorrection(by, datetime(2024, 5, 3, tzinfo=UTC))
    line = entry_item(entry("Forum", "2024-06-18", corrected=corrected), AS_OF, "§ 1")
    assert line.endswith("[§\N{NO-BREAK SPACE}1]  _corrected, 3 May 2024_")


def test_proposed_date_is_confirmed_by_status_scheduled() -> None:
    view = entry_form(entry("Forum", "2024-06-18", tentative=True), "https://example.org", "T1/C1")
    [status] = [block for block in view["blocks"] if block["block_id"] == "status"]
    assert "initial_option" not in status["element"]
    assert status["hint"]["text"] == "Proposed so far; “Scheduled” confirms it."


def test_form_of_an_entry_without_a_day_has_an_empty_first_day() -> None:
    view = entry_form(
        entry("Forum", "2024-06-01", "2024-06-30", precision="month"), "https://example.org", "T1/C1"
    )
    [start] = [block for block in view["blocks"] if block["block_id"] == "start"]
    assert "initial_date" not in start["element"]
    assert start["hint"]["text"] == "So far: June 2024"


@given(title=TEXT, place=TEXT, quote=TEXT, by=TEXT)
def test_any_document_text_keeps_slacks_limits(title: str, place: str, quote: str, by: str) -> None:
    corrected = LastCorrection(by or "x", datetime(2024, 5, 3, tzinfo=UTC))
    words = {"location": place or None, "document": place or "x", "quote": quote}
    made = entry(title or "x", "2024-06-18", id="e-1", corrected=corrected, **words)
    assert problems(entry_details_message(made, [made], AS_OF, may_correct=True, may_share=True)) == []
    assert problems_of_form(entry_form(made, "https://hooks.slack.com/actions/" + "x" * 100, "T1/C1")) == []


def test_a_change_names_what_differs() -> None:
    assert not EntryEdit()
    assert EntryEdit(no_event=True)

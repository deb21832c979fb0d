"""What people do with an entry of the register: they put it into a calendar, and show it to others."""

from __future__ import annotations

import icalendar
import pytest

from tests.bot.slack.features.library.real_library import REPORT
from tests.bot.slack.features.shown_register import SUMMIT, Register
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose, labels, press
from tests.fake_slack.slack import FakeSlack

MOVED = REPORT.replace(
    b"1.2 Comments", b"1.2 The Digital Forum of 3-5 June 2024 was moved to 10-12 July 2024.\n\n1.3 Comments"
)


async def test_calendar_file_of_one_entry_goes_to_a_direct_message(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    response = await register.reply(await press(slack, await register.details(SUMMIT), "Add to calendar"))
    assert response["text"] == "I sent you the calendar file in a direct message."
    [message] = slack.replies("D1")
    assert message["text"].startswith(f"*{SUMMIT}*: open the file")
    [upload] = slack.uploads.known.values()
    [event] = icalendar.Calendar.from_ical(upload.data or b"").walk("VEVENT")
    assert str(event["summary"]) == SUMMIT
    assert slack.replies("C1") == []


async def test_entry_of_a_private_channel_goes_into_no_direct_message(
    slack: FakeSlack, register: Register
) -> None:
    await register.open(text=REPORT.replace(b"New York", b"Geneva"), audience=f"{slack.team}/C1")
    response = await register.reply(await press(slack, await register.details(SUMMIT), "Add to calendar"))
    assert "only the people in this conversation may see" in response["text"]
    assert slack.uploads.known == {}


async def test_entry_without_a_day_has_no_calendar_button(slack: FakeSlack, register: Register) -> None:
    await register.open(text=REPORT.replace(b"on 22-23 September 2024", b"in September 2024"))
    assert labels(await register.details(SUMMIT)) == ["Share"]


async def test_shared_entry_is_in_the_channel_with_its_sentence(slack: FakeSlack, register: Register) -> None:
    await register.open()
    await press(slack, await register.details(SUMMIT), "Share", user="U2")
    message = await slack.reply("C1")
    assert "will be held on 22-23 September 2024 in New York" in message["text"]
    assert "Shared by <@U2>" in str(message["blocks"])
    assert labels(message) == []


async def test_share_with_a_lost_response_is_in_the_channel_once(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    slack.faults["chat.postMessage"].append(Fault("drop", done=True))
    await press(slack, await register.details(SUMMIT), "Share")
    await slack.until(lambda: len(slack.called("conversations.history")) == 1)
    await register.details(SUMMIT)
    assert len(slack.replies("C1")) == 1


async def test_share_that_slack_does_not_take_is_not_to_be_tried_again(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    slack.faults["chat.postMessage"].append(Fault("refuse", error="invalid_blocks"))
    response = await register.reply(await press(slack, await register.details(SUMMIT), "Share"))
    assert "Slack does not take this message (invalid_blocks)" in response["text"]


async def test_share_in_a_channel_without_the_bot_asks_for_an_invitation(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    slack.channels.closed.add("C1")
    response = await register.reply(await press(slack, await register.details(SUMMIT), "Share"))
    assert "Invite me to this channel" in response["text"]


@pytest.mark.parametrize("label", ["Add to calendar", "Share"])
async def test_action_on_an_entry_that_is_gone_says_so(
    slack: FakeSlack, register: Register, label: str
) -> None:
    await register.open()
    shown = await register.details(SUMMIT)
    await register.ingest(REPORT.replace(b"22-23 September", b"24-25 September"))
    response = await register.reply(await press(slack, shown, label))
    assert "not in the register any more" in response["text"]


async def test_entry_that_a_later_document_states_too_is_still_found(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    shown = await register.details(SUMMIT)
    await register.ingest(REPORT.replace(b"20 April", b"27 April"), name="later.txt")
    await press(slack, shown, "Share")
    assert SUMMIT in str((await slack.reply("C1"))["blocks"])


async def test_moved_entry_shows_its_first_date(slack: FakeSlack, register: Register) -> None:
    await register.open(text=MOVED)
    shown = str((await register.details("Digital Forum, 10–12 July"))["blocks"])
    assert "first 3–5 June 2024 (§ 1.2); moved to 10–12 July 2024 (§ 1.2)" in shown


async def test_list_is_chosen_from_a_direct_message_without_share(
    slack: FakeSlack, register: Register
) -> None:
    await register.open()
    listed = await slack.response(await slack.command("deadlines", channel="D1"))
    response = await register.reply(await choose(slack, listed, SUMMIT, channel="D1"))
    assert labels(response) == ["Add to calendar"]

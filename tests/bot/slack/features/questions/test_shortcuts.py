"""The form that asks, from the shortcut of a message and from the Home tab, and what the tab sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.register import RegisterEntry
from bot.slack.manifest import ASK_ABOUT_MESSAGE
from store.errors import NoStore
from store.jobs import QuestionStore, SlackMessage
from tests.bot.register_entries import spring
from tests.bot.slack.conftest import Assistant, Start, channel_data, until_finished
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import View, press, send_off
from tests.fake_slack.shortcuts import use_message_shortcut
from tests.fake_slack.slack import FakeSlack

NOW = "1700000000.000001"


async def opened(slack: FakeSlack, number: int = 1) -> View:
    """Wait for a modal."""
    await slack.until(lambda: len(slack.forms.opened) >= number)
    return slack.forms.opened[number - 1]


async def press_at_home(slack: FakeSlack, label: str, ts: str = "") -> None:
    """Open the Home tab, and press one of its buttons."""
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    await press(slack, slack.forms.homes["U1"], label, ts=ts)


async def test_form_on_a_message_has_its_text(slack: FakeSlack, bot: object) -> None:
    message = slack.say("C1", "The <https://un.org|Summit> is when?", user="U2")
    await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, message)
    [block] = (await opened(slack))["blocks"]
    assert block["element"]["initial_value"] == "The Summit is when?"


async def test_form_on_a_message_names_those_whom_it_mentions(slack: FakeSlack, bot: object) -> None:
    slack.directory.people["U2"] = {"profile": {"display_name": "amina"}}
    message = slack.say("C1", f"<@{slack.bot_user}> does <@U2> go to the Summit?", user="U3")
    await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, message)
    [block] = (await opened(slack))["blocks"]
    assert block["element"]["initial_value"] == "does @amina go to the Summit?"


async def test_answer_on_a_message_is_in_its_thread(slack: FakeSlack, bot: object) -> None:
    message = slack.say("C1", "The summit moved", user="U2")
    await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, message)
    sent = await send_off(slack, await opened(slack), question="When is the summit?")
    reply = await slack.reply("C1", message["ts"])
    assert "<@U1> asked: “When is the summit?”" in reply["text"]
    assert sent.answer["response_action"] == "update"


async def test_answer_on_a_message_knows_its_thread(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    message = slack.say("C1", "The summit moved", user="U2")
    await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, message)
    await send_off(slack, await opened(slack), question="Where to?")
    await slack.reply("C1", message["ts"])
    [(_, history)] = assistant.asked
    assert [turn.text for turn in history] == ["The summit moved"]


async def test_answer_where_the_bot_is_no_member_is_for_the_asker_alone(
    slack: FakeSlack, bot: object
) -> None:
    slack.channels.closed.add("C1")
    message = slack.say("C1", "The summit moved", user="U2")
    asked = await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, message)
    await send_off(slack, await opened(slack), question="When is the summit?")
    assert "You asked: When is the summit?" in (await slack.response(asked))["text"]


async def test_form_without_a_question_is_not_sent(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    await press_at_home(slack, "Ask a question")
    sent = await send_off(slack, await opened(slack), question="  ")
    assert (sent.answer["response_action"], assistant.asked) == ("errors", [])


async def test_answer_of_the_home_tab_is_a_direct_message(slack: FakeSlack, bot: object) -> None:
    await press_at_home(slack, "Ask a question")
    await send_off(slack, await opened(slack), question="When is the summit?")
    assert "You asked: “When is the summit?”" in (await slack.reply("D1"))["text"]


async def test_follow_up_to_an_answer_of_the_home_tab_knows_it(
    slack: FakeSlack, bot: object, state: QuestionStore, assistant: Assistant
) -> None:
    await press_at_home(slack, "Ask a question", NOW)
    await send_off(slack, await opened(slack), question="When is the summit?")
    reply = await slack.reply("D1")
    await until_finished(state, SlackMessage(slack.team, "U1", NOW, NOW, "U1", ""))
    await slack.direct("and where is it?", thread=reply["ts"])
    await slack.until(lambda: len(assistant.asked) == 2)
    assert "When is the summit?" in [turn.text for turn in assistant.asked[-1][1]]


async def test_dates_of_the_home_tab_are_a_direct_message(slack: FakeSlack, bot: object) -> None:
    await press_at_home(slack, "Send me all dates")
    assert "UN Civil Society Conference" in str((await slack.reply("D1"))["blocks"])


async def test_dates_whose_press_arrives_twice_are_sent_once(slack: FakeSlack, bot: object) -> None:
    for _ in range(2):
        await press_at_home(slack, "Send me all dates", NOW)
    await press_at_home(slack, "Ask a question")
    await send_off(slack, await opened(slack), question="When?")
    await slack.until(lambda: any("“When?”" in message["text"] for message in slack.replies("D1")))
    await slack.until(lambda: any("Deadlines" in message["text"] for message in slack.messages["D1"]))
    assert sum("Deadlines" in message["text"] for message in slack.messages["D1"]) == 1


async def test_dates_that_cannot_be_read_are_explained(slack: FakeSlack, start: Start) -> None:
    registers: list[Sequence[RegisterEntry]] = [spring()]

    def gone(_day: date) -> Sequence[RegisterEntry]:
        if not registers:
            raise NoStore("there are no documents yet")
        return registers.pop()

    await start(channel_data=replace(channel_data(), register=gone))
    await press_at_home(slack, "Send me all dates")
    assert "I have no documents yet" in (await slack.reply("D1"))["text"]


async def test_form_that_slack_does_not_open_is_explained(slack: FakeSlack, bot: object) -> None:
    slack.faults["views.open"] = [Fault("refuse", error="expired_trigger_id")]
    asked = await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, slack.say("C1", "Hello"))
    assert "again" in (await slack.response(asked))["text"]


async def test_form_of_the_home_tab_that_slack_does_not_open_is_explained(
    slack: FakeSlack, bot: object
) -> None:
    slack.faults["views.open"] = [Fault("refuse", error="expired_trigger_id")]
    await press_at_home(slack, "Ask a question")
    assert "did not open the form" in (await slack.reply("D1"))["text"]


async def test_person_who_is_refused_sees_the_reason(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U1"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await start()
    asked = await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, slack.say("C1", "Hello"))
    assert "guests" in (await slack.response(asked))["text"]
    assert slack.forms.opened == []


async def test_questions_of_the_form_count_as_questions(slack: FakeSlack, start: Start) -> None:
    await start(questions_per_minute=1)
    for text in ("Hello", "Hello again"):
        await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, slack.say("C1", text))
    await slack.until(lambda: len(slack.forms.opened) == 2)
    first, second = [await send_off(slack, form, question="When is it?") for form in slack.forms.opened]
    assert "I am looking for an answer" in str(first.answer)
    # It stays open, with what was written.
    assert second.answer["response_action"] == "errors"
    assert "1 question or other request a minute" in second.answer["errors"]["question"]

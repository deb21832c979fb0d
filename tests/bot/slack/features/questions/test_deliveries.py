"""Answers to questions that no message in Slack asks: where they go, also after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.slack.manifest import ASK_ABOUT_MESSAGE
from store.audiences import Audience
from store.jobs import Delivery, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, until_finished
from tests.bot.slack.core.sending.abandoned_jobs import died_over
from tests.bot.slack.features.questions.streaming_assistant import SENTENCES
from tests.bot.slack.processes.bot_process import small_bot
from tests.bot.slack.windows import direct
from tests.fake_slack.faults import Fault
from tests.fake_slack.shortcuts import use_message_shortcut
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import open_jobs, stored_outcome, until_stored

NOW = "1700000000.000001"


@pytest.fixture
def asked(slack: FakeSlack) -> SlackMessage:
    return SlackMessage(slack.team, "C1", NOW, NOW, "U1", "When?")


@pytest.fixture
def delivery(slack: FakeSlack) -> Delivery:
    return Delivery(response_url=f"{slack.url}respond/t-1")


async def test_abandoned_question_is_answered_with_a_pointer(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    state.release(died_over(state, asked, 1, delivery).lease, failed=True)
    await start()
    assert await direct(slack, "You asked: When?")
    await slack.until(lambda: bool(slack.responses["t-1"]))
    assert "Your answer is in our messages" in slack.responses["t-1"][0]["text"]


@pytest.mark.slow
@pytest.mark.timeout(300)  # Starts two bots.
@pytest.mark.parametrize("arrived", [True, False])
async def test_answer_of_a_killed_bot_is_posted_once_after_the_restart(
    slack: FakeSlack, tmp_path: Path, arrived: bool
) -> None:
    database = f"sqlite:///{tmp_path / 'asked.db'}"
    async with small_bot(slack, "streaming_bot", database, str(len(SENTENCES))):
        await slack.until(lambda: slack.connections() == 1)
        slack.faults["chat.postMessage"] = [Fault("hang", done=arrived)]
        await slack.command("When?", trigger="t-1")
        await slack.until(lambda: len(slack.called("chat.postMessage")) == 1)
    async with small_bot(slack, "streaming_bot", database, str(len(SENTENCES))):
        await slack.until(lambda: slack.connections() == 1)
        following = await slack.direct("And where?")
        await slack.reply("D1", following["ts"])
        await direct(slack, "“When?”")
    assert sum("“When?”" in message["text"] for message in slack.messages["D1"]) == 1


async def test_question_over_which_two_processes_died_is_given_up(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    state.release(died_over(state, asked, 2, delivery).lease, failed=True)
    await start()
    await direct(slack, "interrupted")


async def test_answer_in_direct_messages_is_from_what_they_may_see(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    seen: list[Audience] = []

    def assistant_for(audience: Audience) -> Assistant:
        seen.append(audience)
        return assistant

    await start(assistants=assistant_for)
    await slack.command("When is it?", trigger="t-1")
    await slack.reply("D1")
    assert seen[-1] == f"{slack.team}/D1"


async def test_message_with_the_shortcut_is_answered_in_direct_messages(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    slack.directory.people["U2"] = {"profile": {"display_name": "amina"}}
    message = slack.say("C1", f"<@{slack.bot_user}> does <@U2> go to <https://un.org|the Summit>?", user="U3")
    used = await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, message)
    assert await direct(slack, "You asked: does @amina go to the Summit?")
    assert "Your answer is in our messages" in (await slack.response(used))["text"]
    assert (assistant.questions, slack.replies("C1", message["ts"])) == (
        ["does @amina go to the Summit?"],
        [],
    )


async def test_follow_up_to_an_answer_in_direct_messages_knows_it(
    slack: FakeSlack, bot: object, state: QuestionStore, assistant: Assistant
) -> None:
    await slack.command("When is the summit?")
    reply = await direct(slack, "When is the summit?")
    await until_stored(lambda: open_jobs(state) == 0)
    await slack.direct("and where is it?", thread=reply["ts"])
    await assistant.until_asked(2)
    assert "When is the summit?" in [turn.text for turn in assistant.asked[-1][1]]


@pytest.mark.parametrize("fault", [Fault("500", done=True), Fault("drop", done=True)])
async def test_direct_message_whose_arrival_is_in_doubt_is_posted_once(
    slack: FakeSlack, bot: object, state: QuestionStore, fault: Fault
) -> None:
    slack.faults["chat.postMessage"] = [fault]
    await slack.command("When is it?", trigger="t-1")
    await slack.reply("D1")
    asked = await slack.direct("And where?")
    await slack.reply("D1", asked["ts"])
    assert sum("“When is it?”" in message["text"] for message in slack.messages["D1"]) == 1


async def test_direct_message_before_a_crash_is_found_after_it(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    job = died_over(state, asked, 1, delivery)
    state.mark_sending(job.lease)
    state.release(job.lease, failed=True)
    question = {"question": f"{slack.team}/D1/{NOW}"}
    slack.channels.put(
        "D1", {"text": "It is.", "metadata": {"event_type": "itubot_reply", "event_payload": question}}
    )
    await start()
    await until_finished(state, asked)
    assert len(slack.messages["D1"]) == 1


async def test_answer_that_slack_does_not_take_becomes_an_apology(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")]
    question = replace(asked, channel="U1")
    state.release(died_over(state, question, 1, Delivery()).lease)
    await start()
    assert "something went wrong" in (await slack.reply("D1"))["text"]
    await until_finished(state, question)
    assert stored_outcome(state, question) == "apology"


async def test_question_whose_apology_is_refused_too_ends(
    slack: FakeSlack, bot: object, state: QuestionStore
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")] * 2
    asked = await slack.mention("C1", "When?")
    question = SlackMessage(slack.team, "C1", asked["ts"], asked["ts"], "U1", "")
    await until_finished(state, question)
    assert (len(slack.called("chat.postMessage")), slack.messages["C1"][1:]) == (2, [])

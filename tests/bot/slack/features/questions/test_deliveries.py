"""Answers to questions that no message in Slack asks: where they go, also after a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from store.audiences import Audience
from store.jobs import Delivery, QuestionStore, SlackMessage
from tests.bot.slack.conftest import Assistant, Start, until_finished
from tests.bot.slack.core.sending.abandoned_jobs import died_over
from tests.bot.slack.features.questions.streaming_assistant import SENTENCES
from tests.bot.slack.processes.bot_process import small_bot
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import stored_outcome

NOW = "1700000000.000001"


@pytest.fixture
def asked(slack: FakeSlack) -> SlackMessage:
    return SlackMessage(slack.team, "C1", NOW, NOW, "U1", "When?")


@pytest.fixture
def delivery(slack: FakeSlack) -> Delivery:
    return Delivery(response_url=f"{slack.url}respond/t-1")


async def test_abandoned_question_is_answered_by_its_response_url(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    state.release(died_over(state, asked, 1, delivery).lease, failed=True)
    await start()
    await slack.until(lambda: bool(slack.responses["t-1"]))
    assert "You asked: When?" in slack.responses["t-1"][0]["text"]


@pytest.mark.slow
@pytest.mark.timeout(300)  # Starts two bots.
async def test_question_of_a_killed_bot_is_answered_after_the_restart(
    slack: FakeSlack, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'asked.db'}"
    async with small_bot(slack, "streaming_bot", database, "1"):
        await slack.until(lambda: slack.connections() == 1)
        asked = await slack.command("When?")
    async with small_bot(slack, "streaming_bot", database, str(len(SENTENCES))):
        response = await slack.response(asked)
    assert (SENTENCES[0] in response["text"], len(slack.responses[asked.payload["trigger_id"]])) == (True, 1)


@pytest.mark.slow
@pytest.mark.timeout(300)  # Starts two bots.
@pytest.mark.parametrize("arrived", [True, False])
async def test_direct_message_of_a_killed_bot_is_posted_once_after_the_restart(
    slack: FakeSlack, tmp_path: Path, arrived: bool
) -> None:
    slack.expired.add("t-1")
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
        await slack.until(lambda: any("“When?”" in message["text"] for message in slack.messages["D1"]))
    assert sum("“When?”" in message["text"] for message in slack.messages["D1"]) == 1


async def test_question_over_which_two_processes_died_is_given_up(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    state.release(died_over(state, asked, 2, delivery).lease, failed=True)
    await start()
    await slack.until(lambda: bool(slack.responses["t-1"]))
    assert "interrupted" in slack.responses["t-1"][0]["text"]


async def test_answer_after_the_response_url_expired_is_a_direct_message(
    slack: FakeSlack, bot: object
) -> None:
    slack.expired.add("t-1")
    await slack.command("When is it?", trigger="t-1")
    message = await slack.reply("D1")
    assert ("“When is it?”" in message["text"], slack.messages["C1"]) == (True, [])


async def test_answer_in_direct_messages_has_nothing_of_the_commands_channel(
    slack: FakeSlack, start: Start, assistant: Assistant
) -> None:
    seen: list[Audience] = []

    def assistant_for(audience: Audience) -> Assistant:
        seen.append(audience)
        return assistant

    await start(assistants=assistant_for)
    slack.expired.add("t-1")
    await slack.command("When is it?", trigger="t-1")
    await slack.reply("D1")
    assert seen[-2:] == [f"{slack.team}/C1", f"{slack.team}/D1"]


@pytest.mark.parametrize("fault", [Fault("500", done=True), Fault("drop", done=True)])
async def test_direct_message_whose_arrival_is_in_doubt_is_posted_once(
    slack: FakeSlack, bot: object, state: QuestionStore, fault: Fault
) -> None:
    slack.expired.add("t-1")
    slack.faults["chat.postMessage"] = [fault]
    await slack.command("When is it?", trigger="t-1")
    await slack.reply("D1")
    asked = await slack.direct("And where?")
    await slack.reply("D1", asked["ts"])
    assert sum("“When is it?”" in message["text"] for message in slack.messages["D1"]) == 1


async def test_direct_message_before_a_crash_is_found_after_it(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    slack.expired.add("t-1")
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


async def test_question_that_reaches_nobody_ends(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, delivery: Delivery
) -> None:
    slack.expired.add("t-1")
    slack.faults["conversations.open"] = [Fault("refuse", error="missing_scope")] * 3
    state.release(died_over(state, asked, 1, delivery).lease)
    await start()
    await until_finished(state, asked)
    assert slack.messages["D1"] == []


@pytest.mark.parametrize("thread", ["", "1600000000.000001"])
async def test_answer_that_slack_does_not_take_becomes_an_apology(
    slack: FakeSlack, start: Start, state: QuestionStore, asked: SlackMessage, thread: str
) -> None:
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")]
    question = replace(asked, channel="C1" if thread else "U1", thread=thread or NOW)
    state.release(died_over(state, question, 1, Delivery(public=bool(thread))).lease)
    await start()
    apology = await slack.reply("C1" if thread else "D1", thread)
    assert "something went wrong" in apology["text"]
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

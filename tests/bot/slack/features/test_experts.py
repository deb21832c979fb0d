"""Questions that the documents do not answer go to people, once, and their answers come back, once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from bot.slack.features.experts import experts_form, experts_post, experts_replies, returned_answer
from store.jobs import ExpertAnswerStore, ExpertQuestionStore, MessageRef, QuestionStore, SlackMessage
from tests.bot.slack.complete_answers import complete_answer
from tests.bot.slack.conftest import Assistant, Start
from tests.bot.slack.features.questions.test_messages import TEXT, answer
from tests.bot.slack.processes.bot_process import small_bot
from tests.bot.slack.processes.expert_bot import EXPERTS, RefusingAssistant
from tests.bot.slack.windows import direct
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import View, labels, opened_by, press, send_off
from tests.fake_slack.limits import problems, problems_of_form
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url
from tests.store.jobs.stored_outcome import until_stored

ASK = "Ask the secretariat"


@pytest.fixture
def assistant() -> RefusingAssistant:
    return RefusingAssistant()


@pytest.fixture
async def passed(state: QuestionStore, start: Start) -> ExpertQuestionStore:
    """The questions that a running bot has passed on."""
    await start(experts_channel=EXPERTS)
    return ExpertQuestionStore.beside(state)


async def refused(slack: FakeSlack, channel: str = "C1") -> Message:
    asked = await slack.mention(channel, "Who pays?")
    return await slack.reply(channel, asked["ts"])


async def passed_on(slack: FakeSlack, passed: ExpertQuestionStore, refusal: Message) -> Message:
    """Have the question of a refusal passed on, and return its post once that is recorded."""
    await press(slack, refusal, ASK)
    post = await slack.reply(EXPERTS)
    ref = MessageRef(EXPERTS, post["ts"])
    await until_stored(lambda: passed.posted_as(ref) is not None)
    return post


async def reply_in_thread(slack: FakeSlack, post: Message, text: str, *, user: str = "U9") -> Envelope:
    message = slack.say(EXPERTS, text, user=user, thread=post["ts"])
    return await slack.deliver({**message, "channel": EXPERTS, "channel_type": "channel"})


async def form(slack: FakeSlack, post: Message) -> View:
    view, _ = await opened_by(slack, press(slack, post, "Answer", user="U9"))
    return view


async def test_refusal_has_no_button_without_a_channel_of_people(slack: FakeSlack, start: Start) -> None:
    await start()
    assert labels(await refused(slack)) == []


async def test_question_is_passed_on_with_who_asks_and_where(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    envelope = await press(slack, refusal, ASK)
    post = await slack.reply(EXPERTS)
    assert "<@U1> asks in <#C1>. The documents do not answer this question:\n“Who pays?”" in post["text"]
    response = await slack.response(envelope)
    assert response["text"].startswith("I am passing your question on.")
    assert (response["response_type"], response["thread_ts"]) == ("ephemeral", refusal["thread_ts"])


async def test_slack_says_who_will_see_the_question_before_it_is_passed_on(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    await slack.direct("Who pays?")
    [button] = [
        element
        for block in (await slack.reply("D1"))["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    assert "All of its members see them" in button["confirm"]["text"]["text"]


async def test_question_is_passed_on_once(slack: FakeSlack, passed: ExpertQuestionStore) -> None:
    refusal = await refused(slack)
    await passed_on(slack, passed, refusal)
    again = await slack.response(await press(slack, refusal, ASK, user="U2"))
    assert again["text"].startswith("This question has been with the secretariat since ")
    assert len(slack.replies(EXPERTS)) == 1


async def test_first_reply_in_the_thread_comes_back(slack: FakeSlack, passed: ExpertQuestionStore) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    await reply_in_thread(slack, post, "The members <https://itu.int|pay>.")
    back = await slack.reply("C1", refusal["thread_ts"], 2)
    assert back["text"].split("\n")[:2] == ["<@U9> answers <@U1>:", "The members pay."]
    assert "A person's answer. It is not from the documents" in back["text"]
    await slack.until(lambda: labels(post) == [])
    assert "<@U9> has answered" in post["text"]


async def test_person_whom_an_answer_mentions_is_mentioned(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    await reply_in_thread(slack, post, "Ask <@U7>, not &lt;!channel&gt;.")
    back = await slack.reply("C1", refusal["thread_ts"], 2)
    assert "Ask <@U7>, not &lt;!channel&gt;." in back["text"]


async def test_answer_to_a_direct_message_comes_back_there(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    await slack.direct("Who pays?")
    refusal = await slack.reply("D1")
    post = await passed_on(slack, passed, refusal)
    assert "asks in a direct message" in post["text"]
    await reply_in_thread(slack, post, "The members.")
    await slack.until(lambda: any("The members." in m["text"] for m in slack.messages["D1"]))


async def test_only_the_first_answer_comes_back(slack: FakeSlack, passed: ExpertQuestionStore) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    view = await form(slack, post)
    await reply_in_thread(slack, post, "The members.")
    await slack.reply("C1", refusal["thread_ts"], 2)
    await reply_in_thread(slack, post, "And the sectors.", user="U8")
    sent = await send_off(slack, view, user="U9", answer="The council.")
    assert "answered this question already" in sent.answer["errors"]["answer"]
    again = await slack.response(await press(slack, refusal, ASK))
    assert "has answered this question already" in again["text"]
    assert len(slack.replies("C1", refusal["thread_ts"])) == 2


async def test_reply_of_a_guest_does_not_come_back(slack: FakeSlack, passed: ExpertQuestionStore) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    slack.directory.people["U8"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await reply_in_thread(slack, post, "Nobody.", user="U8")
    # After an answer nobody is told anything.
    await slack.until(lambda: bool(slack.directory.whispers))
    await reply_in_thread(slack, post, "The members.")
    assert "The members." in (await slack.reply("C1", refusal["thread_ts"], 2))["text"]
    [told] = slack.directory.whispers
    assert (told["channel"], told["user"], told["thread_ts"]) == (EXPERTS, "U8", post["ts"])
    assert "I did not pass this on. I do not answer guests" in told["text"]


async def test_long_answer_comes_back_whole(slack: FakeSlack, passed: ExpertQuestionStore) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    words = [f"word{number}" for number in range(2_000)]
    await reply_in_thread(slack, post, " ".join(words))
    await slack.reply("C1", refusal["thread_ts"], 3)
    shown = str([message["blocks"] for message in slack.replies("C1", refusal["thread_ts"])])
    assert [word for word in words if word not in shown] == []


async def test_file_beside_an_answer_is_left_to_the_person_who_answers(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    with_file = {"files": [{"id": "F1", "name": "list.pdf"}], "subtype": "file_share"}
    message = slack.say(EXPERTS, "The members.", user="U9", thread=post["ts"])
    await slack.deliver({**message, **with_file, "channel": EXPERTS, "channel_type": "channel"})
    assert "The members." in (await slack.reply("C1", refusal["thread_ts"], 2))["text"]
    await slack.until(lambda: bool(slack.directory.whispers))
    assert "not the file" in slack.directory.whispers[0]["text"]


async def test_answer_that_slack_takes_nowhere_goes_back_to_the_person_who_wrote_it(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    view = await form(slack, post)
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")] * 2
    await send_off(slack, view, user="U9", answer="The members.")
    returned = await slack.reply("D9")
    assert "I could not pass your answer on" in returned["text"]
    assert "The members." in returned["text"]
    assert labels(post) == ["Answer"]
    await until_stored(
        lambda: not ExpertAnswerStore.beside(passed).has(f"{slack.team}/C1/{refusal['thread_ts']}")
    )
    await reply_in_thread(slack, post, "The members, I think.")
    assert "I think" in (await slack.reply("C1", refusal["thread_ts"], 2))["text"]


async def test_mention_of_the_bot_in_the_thread_is_a_question(
    slack: FakeSlack, passed: ExpertQuestionStore, assistant: Assistant
) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    await slack.mention(EXPERTS, "When is it?", thread=post["ts"], user="U9")
    await slack.reply(EXPERTS, post["ts"])
    assert assistant.questions[-1] == "When is it?"
    assert len(slack.replies("C1", refusal["thread_ts"])) == 1


async def test_channel_that_the_bot_is_not_in_is_reported_and_the_button_works_again(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    slack.channels.closed.add(EXPERTS)
    await press(slack, refusal, ASK)
    reported = await slack.reply("C1", refusal["thread_ts"], 2)
    assert "I could not pass the question on" in reported["text"]
    assert "ITUBOT" not in reported["text"]
    slack.channels.closed.clear()
    async with asyncio.timeout(60):
        while "already" in (await slack.response(await press(slack, refusal, ASK)))["text"]:
            pass
    await slack.reply(EXPERTS)


async def test_answer_goes_to_the_person_where_the_channel_is_closed(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    post = await passed_on(slack, passed, await refused(slack))
    slack.channels.closed.add("C1")
    await reply_in_thread(slack, post, "The members.")
    await slack.until(lambda: any("The members." in m["text"] for m in slack.messages["D1"]))


async def test_answer_is_not_lost_while_slack_opens_no_direct_message(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    post = await passed_on(slack, passed, await refused(slack))
    slack.channels.closed.add("C1")
    slack.faults["conversations.open"] = [Fault("refuse", error="internal_error") for _ in range(4)]
    await reply_in_thread(slack, post, "The members.")
    await slack.until(lambda: any("The members." in m["text"] for m in slack.messages["D1"]))


@pytest.mark.slow
@pytest.mark.timeout(300)  # Starts two bots.
async def test_killed_bot_neither_loses_nor_doubles_question_and_answer(
    slack: FakeSlack, tmp_path: Path
) -> None:
    database = database_url(tmp_path)
    async with small_bot(slack, "expert_bot", database):
        await slack.until(lambda: slack.connections() == 1)
        refusal = await refused(slack)
        # It arrives without the bot hearing of it.
        slack.faults["chat.postMessage"] = [Fault("hang", done=True)]
        await press(slack, refusal, ASK)
        post = await slack.reply(EXPERTS)
    async with small_bot(slack, "expert_bot", database):
        await slack.until(lambda: slack.connections() == 2)
        await _until_known(slack, post, refusal)
        slack.faults["chat.postMessage"] = [Fault("hang", done=True)]
        await reply_in_thread(slack, post, "The members.")
        await slack.reply("C1", refusal["thread_ts"], 2)
    async with small_bot(slack, "expert_bot", database):
        await slack.until(lambda: labels(post) == [])
    assert len(slack.replies(EXPERTS)) == 1
    assert len(slack.replies("C1", refusal["thread_ts"])) == 2


async def _until_known(slack: FakeSlack, post: Message, refusal: Message) -> None:
    """Wait until the new process has found the post of the former one: then its form can be opened."""
    async with asyncio.timeout(60):
        while not slack.forms.opened:
            envelope = await press(slack, post, "Answer", user="U9")
            trigger = envelope.payload["trigger_id"]
            await slack.until(lambda t=trigger: bool(slack.forms.opened or slack.responses[t]))  # type: ignore[misc]


def test_only_refusals_for_want_of_evidence_have_the_button() -> None:
    found = {}
    for reason in ("no evidence", "small talk", "language", "no change"):
        reply = answer("No.", answered=False, citations=(), reason=reason)
        message = complete_answer(reply, "T1/C1/1.0", experts=True)
        assert problems(message) == []
        found[reason] = ASK in str(message.blocks)
    assert [reason for reason, has in found.items() if has] == ["no evidence"]


@given(question=TEXT, text=TEXT)
def test_any_question_and_answer_keep_slacks_limits(question: str, text: str) -> None:
    asked = SlackMessage("T1", "C1", "1.0", "1.0", "U1", question or "x")
    shown: list[Any] = [experts_post(asked), experts_post(asked, "U9"), *experts_replies("U9", "U1", text)]
    shown += returned_answer("U1", text)
    assert [found for message in shown for found in problems(message)] == []
    assert problems_of_form(experts_form(asked, MessageRef("C9", "2.0"))) == []


async def test_answer_to_a_private_question_of_the_command_comes_back_in_private(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    await slack.command("Who pays?")
    refusal = await direct(slack, "Who pays?")
    told = await slack.response(await press(slack, refusal, ASK))
    assert "I will post the answer here" in told["text"]
    post = await slack.reply(EXPERTS)
    await until_stored(lambda: passed.posted_as(MessageRef(EXPERTS, post["ts"])) is not None)
    assert "asks in a direct message" in post["text"]
    await reply_in_thread(slack, post, "The members.")
    await slack.until(lambda: any("The members." in m["text"] for m in slack.messages["D1"]))
    again = await slack.response(await press(slack, refusal, ASK))
    assert "has answered this question already" in again["text"]
    assert slack.messages["C1"] == []

"""Questions that the documents do not answer go to people, once, and their answers come back, once."""

from __future__ import annotations

import pytest

from store.jobs import ExpertAnswerStore, ExpertQuestionStore, MessageRef, QuestionStore
from tests.bot.slack.complete_answers import complete_answer
from tests.bot.slack.conftest import Start
from tests.bot.slack.features.questions.test_messages import answer
from tests.bot.slack.refusing_assistant import EXPERTS, RefusingAssistant
from tests.bot.slack.windows import direct
from tests.fake_slack.channels import Message
from tests.fake_slack.events import Envelope
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import View, labels, opened_by, press, send_off
from tests.fake_slack.limits import problems
from tests.fake_slack.slack import FakeSlack
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


async def test_question_and_its_first_answer_by_a_member_are_passed_on_once(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    again = await slack.response(await press(slack, refusal, ASK, user="U2"))
    assert again["text"].startswith("This question has been with the secretariat since ")
    view = await form(slack, post)

    slack.directory.people["U8"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await reply_in_thread(slack, post, "Nobody.", user="U8")
    await slack.until(lambda: bool(slack.directory.whispers))
    [told] = slack.directory.whispers
    assert (told["channel"], told["user"], told["thread_ts"]) == (EXPERTS, "U8", post["ts"])
    assert "I did not pass this on. I do not answer guests" in told["text"]

    await reply_in_thread(slack, post, "The members.")
    assert "The members." in (await slack.reply("C1", refusal["thread_ts"], 2))["text"]
    await reply_in_thread(slack, post, "And the sectors.", user="U7")
    sent = await send_off(slack, view, user="U9", answer="The council.")
    assert "answered this question already" in sent.answer["errors"]["answer"]
    again = await slack.response(await press(slack, refusal, ASK))
    assert "has answered this question already" in again["text"]
    assert (len(slack.replies("C1", refusal["thread_ts"])), len(slack.replies(EXPERTS))) == (2, 1)


async def test_long_answer_comes_back_whole(slack: FakeSlack, passed: ExpertQuestionStore) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    words = [f"word{number}" for number in range(2_000)]
    await reply_in_thread(slack, post, " ".join(words))
    await slack.reply("C1", refusal["thread_ts"], 3)
    shown = str([message["blocks"] for message in slack.replies("C1", refusal["thread_ts"])])
    assert [word for word in words if word not in shown] == []


async def test_answer_that_slack_takes_nowhere_goes_back_to_the_person_who_wrote_it(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    refusal = await refused(slack)
    post = await passed_on(slack, passed, refusal)
    view = await form(slack, post)
    slack.faults["chat.postMessage"] = [Fault("refuse", error="invalid_blocks")] * 4
    await send_off(slack, view, user="U9", answer="The members.")
    returned = await slack.reply("D9")
    assert "I could not pass your answer on" in returned["text"]
    assert "The members." in returned["text"]
    assert labels(post) == ["Answer"]
    await until_stored(
        lambda: (
            not (
                ExpertAnswerStore.beside(passed).work_of(f"{slack.team}/C1/{refusal['thread_ts']}")
                is not None
            )
        )
    )
    await reply_in_thread(slack, post, "The members, I think.")
    assert "I think" in (await slack.reply("C1", refusal["thread_ts"], 2))["text"]


async def test_answer_is_not_lost_while_slack_opens_no_direct_message(
    slack: FakeSlack, passed: ExpertQuestionStore
) -> None:
    post = await passed_on(slack, passed, await refused(slack))
    slack.channels.closed.add("C1")
    slack.faults["conversations.open"] = [Fault("refuse", error="internal_error") for _ in range(4)]
    await reply_in_thread(slack, post, "The members.")
    await slack.until(lambda: any("The members." in m["text"] for m in slack.messages["D1"]))


def test_only_refusals_for_want_of_evidence_have_the_button() -> None:
    found = {}
    for reason in ("no evidence", "small talk", "language", "no change"):
        reply = answer("No.", answered=False, citations=(), reason=reason)
        message = complete_answer(reply, "T1/C1/1.0", experts=True)
        assert problems(message) == []
        found[reason] = ASK in str(message.blocks)
    assert [reason for reason, has in found.items() if has] == ["no evidence"]


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

"""Streaming with the real search and verification: no sentence that they refuse reaches Slack."""

from __future__ import annotations

import threading

import pytest

from bot.slack.core.sending.posting import payload_of
from bot.wiring import Services
from store.jobs import QuestionStore
from tests.bot.gold_runs import with_model
from tests.bot.models.fake_chat import FakeChat, Reply
from tests.bot.slack.conftest import running
from tests.bot.slack.features.questions.real_assistant import RealAssistant
from tests.bot.slack.features.questions.streaming_assistant import finished_reply, question
from tests.fake_slack.slack import FakeSlack

WHEN = "When is the Summit of the Future?"
RIGHT = "The Summit of the Future is scheduled for 22-23 September 2024 [1]."
TOLD = "The Summit of the Future is scheduled for 22-23 September 2024. [1]"
PACT = "The Summit will adopt an outcome document entitled ‘A Pact for the Future’ [1]."
FALSE = "The Summit of the Future was moved to Reykjavik [1]."


def with_reply(services: Services, reply: Reply) -> RealAssistant:
    """Return the program's own assistant with a model that replies so."""
    return RealAssistant(with_model(services, "fake:model", FakeChat([reply]).make).assistant)


async def test_sentence_of_the_model_is_streamed_at_once(
    slack: FakeSlack, state: QuestionStore, report: Services
) -> None:
    goes_on = threading.Event()
    async with running(slack, with_reply(report, [f"{RIGHT} ", goes_on, PACT]), state):
        message = await slack.mention("C1", WHEN)
        await slack.until(lambda: bool(slack.streams.texts))
        goes_on.set()
        await finished_reply(slack, state, question(slack, message))
    assert slack.streams.texts[0] == f"{TOLD} "


async def test_nothing_unverified_reaches_slack(
    slack: FakeSlack, state: QuestionStore, report: Services
) -> None:
    async with running(slack, with_reply(report, f"{FALSE} {RIGHT} {FALSE} {PACT}"), state):
        message = await slack.mention("C1", WHEN)
        reply = await finished_reply(slack, state, question(slack, message))
    assert "Pact for the Future" in str(reply["blocks"])
    assert "Reykjavik" not in str(slack.calls)


@pytest.mark.parametrize("reply", [f"{FALSE} {FALSE}", "NO ANSWER", [ConnectionError("cut")]])
async def test_answer_without_judged_sentences_is_sent_whole(
    slack: FakeSlack, state: QuestionStore, report: Services, reply: Reply
) -> None:
    async with running(slack, with_reply(report, reply), state):
        message = await slack.mention("C1", WHEN)
        posted = await finished_reply(slack, state, question(slack, message))
    # Cards may have come before it, and nothing of the text.
    assert len(slack.streams.texts) <= 1
    assert payload_of(posted)["question"] == question(slack, message).key


async def test_answer_without_a_model_is_posted_whole(
    slack: FakeSlack, state: QuestionStore, report: Services
) -> None:
    async with running(slack, RealAssistant(report.assistant), state):
        message = await slack.mention("C1", WHEN)
        await finished_reply(slack, state, question(slack, message))
    sent = [name for name, *_ in slack.calls if name.startswith("chat.")]
    assert sent == ["chat.postMessage"]

"""A bot that ends while it tells an answer in Slack: the next one deletes its beginning, and answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster
from store.jobs import QuestionStore, SlackMessage
from tests.bot.slack.conftest import Start
from tests.bot.slack.core.sending.abandoned_jobs import died_over
from tests.bot.slack.features.questions.streaming_assistant import (
    SENTENCES,
    StreamingAssistant,
    finished_reply,
    is_whole,
    question,
    words,
)
from tests.bot.slack.processes.bot_process import small_bot
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def assistant() -> StreamingAssistant:
    return StreamingAssistant()


async def test_question_of_a_bot_that_is_killed_while_it_tells_the_answer_is_answered_once(
    slack: FakeSlack, assistant: StreamingAssistant, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path / 'telling.db'}"
    async with small_bot(slack, "streaming_bot", database, "1"):
        await slack.until(lambda: slack.connections() == 1)
        asked = await slack.mention("C1", "When?")
        beginning = await slack.reply("C1", asked["ts"])
    before = beginning["text"].strip()
    async with small_bot(slack, "streaming_bot", database, str(len(SENTENCES))):
        await slack.until(lambda: any(is_whole(one, assistant) for one in slack.replies("C1", asked["ts"])))
    assert (before, len(slack.replies("C1", asked["ts"]))) == (SENTENCES[0], 1)


def begun(slack: FakeSlack, state: QuestionStore, *, recorded: bool, crashes: int = 1) -> SlackMessage:
    """Leave a question as a process does that is killed while it streams; `recorded`: it knew the message's name."""
    asked = question(slack, slack.say("C1", "When?"))
    job = died_over(state, asked, crashes)
    state.mark_sending(job.lease)
    message = slack.channels.put("C1", {"thread_ts": asked.ts, "text": words(1), "blocks": []})
    slack.channels.streaming.add(message["ts"])
    if recorded:
        state.save_reply_ts(job.lease, message["ts"])
    state.release(job.lease, failed=True)
    return asked


@pytest.mark.parametrize("recorded", [True, False])
async def test_interrupted_stream_is_replaced(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant, recorded: bool
) -> None:
    asked = begun(slack, state, recorded=recorded)
    await start()
    assert is_whole(await finished_reply(slack, state, asked), assistant)


async def test_the_stream_of_another_question_is_left_alone(slack: FakeSlack, state: QuestionStore) -> None:
    asked = begun(slack, state, recorded=True)
    other = SlackMessage(slack.team, "C1", asked.ts.replace(".", ".0"), asked.ts, "U1", "And?")
    quick = SlackClients(slack.bot_token, slack.url).unretried
    poster = Poster(quick, quick, slack.bot_user)
    found = [await poster.find_stream(other, known) for known in (set[str](), state.replies(other))]
    assert [each is None for each in found] == [False, True]


async def test_stream_over_which_two_processes_died_becomes_a_notice(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = begun(slack, state, recorded=True, crashes=2)
    await start()
    assert "interrupted" in (await finished_reply(slack, state, asked))["text"]
    assert assistant.asked == []


async def test_interrupted_stream_in_an_unreadable_channel_is_replaced(
    slack: FakeSlack, start: Start, state: QuestionStore, assistant: StreamingAssistant
) -> None:
    asked = begun(slack, state, recorded=True)
    slack.faults["conversations.replies"] = [Fault("refuse", error="missing_scope")]
    await start()
    assert is_whole(await finished_reply(slack, state, asked), assistant)

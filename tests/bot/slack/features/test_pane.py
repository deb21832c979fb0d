"""Where somebody opens a conversation with the bot: a greeting, and questions from the register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answering.question import Turn
from bot.settings import Settings
from bot.slack.core.options import ChannelData
from bot.slack.wiring import channel_data as of_audiences
from bot.wiring import build
from store.audiences import Audience
from store.errors import NoStore
from store.records import EVERYBODY
from tests.bot.slack.conftest import Assistant, Start, channel_data
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.small_store import REPORT, HashingEmbedder


async def test_person_who_opens_the_messages_is_greeted_with_prompts(slack: FakeSlack, bot: object) -> None:
    await slack.open_messages()
    await slack.until(lambda: "D1" in slack.agents.prompts)
    [greeting] = slack.replies("D1")
    assert greeting["text"].startswith("Hello!")
    assert len(slack.agents.prompts["D1"]) == 4


async def test_greeting_comes_once_and_the_prompts_each_time(slack: FakeSlack, bot: object) -> None:
    for number in (1, 2):
        await slack.open_messages()
        await slack.until(lambda n=number: len(slack.called("assistant.threads.setSuggestedPrompts")) == n)
    assert len(slack.replies("D1")) == 1


async def test_greeting_is_no_turn_of_the_conversation(
    slack: FakeSlack, bot: object, assistant: Assistant
) -> None:
    await slack.open_messages()
    greeting = await slack.reply("D1")
    await slack.direct("When is the summit?", thread=greeting["ts"])
    await slack.until(lambda: bool(assistant.asked))
    assert assistant.asked == [("When is the summit?", [])]
    await slack.direct("And where?", thread=greeting["ts"])
    await slack.until(lambda: len(assistant.asked) == 2)
    assert assistant.asked[1][1][0] == Turn("user", "When is the summit?")


async def test_greeting_says_that_a_model_writes_the_answers(slack: FakeSlack, start: Start) -> None:
    await start(model="openai:any")
    await slack.open_messages()
    assert "A language model writes the answers" in (await slack.reply("D1"))["text"]


async def test_app_for_guests_greets_them_and_suggests_nothing(slack: FakeSlack, start: Start) -> None:
    slack.agents.is_agent = False
    slack.directory.people["U5"] = {"is_restricted": True}
    await start(allow_guests=True)
    await slack.open_messages(user="U5")
    assert (await slack.reply("D5"))["text"].endswith("Ask me.")
    await slack.direct("When?", user="U5")
    assert "You asked" in (await slack.reply("D5", number=2))["text"]
    assert slack.called("assistant.threads.setSuggestedPrompts") == []


async def test_other_tabs_are_not_greeted(slack: FakeSlack, bot: object) -> None:
    event = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.5"}
    await slack.deliver(event)
    await slack.direct("When?")
    assert "You asked" in (await slack.reply("D1"))["text"]


async def test_guest_is_not_greeted(slack: FakeSlack, bot: object) -> None:
    slack.directory.people["U5"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await slack.open_messages(user="U5")
    await slack.direct("When?")
    assert "You asked" in (await slack.reply("D1"))["text"]
    assert slack.agents.prompts == {}


async def test_prompts_are_of_what_the_direct_message_may_see(slack: FakeSlack, start: Start) -> None:
    seen: list[Audience] = []

    def data(audience: Audience) -> ChannelData:
        seen.append(audience)
        return channel_data()

    await start(channel_data=data)
    await slack.open_messages()
    await slack.until(lambda: "D1" in slack.agents.prompts)
    assert seen == [f"{slack.team}/D1"]


async def test_without_documents_nothing_is_suggested(slack: FakeSlack, start: Start) -> None:
    def no_documents() -> list[object]:
        raise NoStore("there are no documents")

    await start(channel_data=replace(channel_data(), documents=no_documents))
    await slack.open_messages()
    await slack.direct("When?")
    assert "You asked" in (await slack.reply("D1"))["text"]
    assert slack.agents.prompts == {}


# What the direct messages of somebody may see, and what a channel alone does.
ALLIANCE = "Schools Alliance partners and secretary"
MINISTRY = b"""Plan of the ministry

1. Ministry
1.1\tThe Schools Alliance of the ministry and its partners and secretary are funded.
"""


@pytest.fixture
def documents(slack: FakeSlack, tmp_path: Path) -> Iterator[Callable[[Audience], ChannelData]]:
    """What audiences see of a public document on a forum and an alliance, and of one that only C1 may see."""
    services = build(Settings(data_dir=tmp_path / "data", _env_file=None), HashingEmbedder())
    for name, text, audience in (
        ("report.txt", f"Report\n\nGeneva, 20 April 2024\n\n{REPORT}".encode(), EVERYBODY),
        ("ministry.txt", MINISTRY, f"{slack.team}/C1"),
    ):
        paper = tmp_path / name
        paper.write_bytes(text)
        services.shared.ingest([paper], audience=audience, export=False)
    yield of_audiences(services)
    services.shared.close()


def topics(slack: FakeSlack) -> list[str]:
    """Return the topics of the questions that are suggested in D1."""
    asked = "Summarise the work on "
    messages = [prompt["message"] for prompt in slack.agents.prompts.get("D1", ())]
    return [message.removeprefix(asked) for message in messages if message.startswith(asked)]


async def test_prompts_are_about_the_channel_beside_the_conversation(
    slack: FakeSlack, start: Start, documents: Callable[[Audience], ChannelData]
) -> None:
    slack.directory.places["C2"] = {"name": "schools", "topic": {"value": ALLIANCE}}
    await start(channel_data=documents)
    await slack.open_messages(beside="C2")
    await slack.until(lambda: topics(slack) == ["Alliance"])


async def test_prompts_follow_the_person_to_another_channel(
    slack: FakeSlack, start: Start, documents: Callable[[Audience], ChannelData]
) -> None:
    slack.directory.places["C2"] = {"purpose": {"value": ALLIANCE}}
    await start(channel_data=documents)
    await slack.open_messages()
    await slack.until(lambda: topics(slack) == ["Forum"])
    await slack.look_at("C2")
    await slack.until(lambda: topics(slack) == ["Alliance"])
    await slack.look_at("D7")
    await slack.until(lambda: topics(slack) == ["Forum"])


async def test_prompts_are_from_nothing_that_only_the_channel_beside_may_see(
    slack: FakeSlack, start: Start, documents: Callable[[Audience], ChannelData]
) -> None:
    slack.directory.places["C1"] = {"is_private": True, "topic": {"value": f"Ministry, {ALLIANCE}"}}
    await start(channel_data=documents)
    assert "Ministry" in [hit.section.heading for hit in documents(f"{slack.team}/C1").about(ALLIANCE)]
    await slack.open_messages(beside="C1")
    await slack.until(lambda: topics(slack) == ["Alliance"])
    assert "inistry" not in str(slack.agents.prompts)


async def test_prompts_are_general_where_slack_does_not_say_the_topic(
    slack: FakeSlack, start: Start, documents: Callable[[Audience], ChannelData]
) -> None:
    slack.faults["conversations.info"] = [Fault("refuse", error="channel_not_found")]
    slack.directory.places["C2"] = {"topic": {"value": ALLIANCE}}
    await start(channel_data=documents)
    await slack.open_messages(beside="C2")
    await slack.until(lambda: topics(slack) == ["Forum"])


async def test_stranger_who_looks_elsewhere_gets_no_prompts(slack: FakeSlack, bot: object) -> None:
    slack.directory.people["U5"] = {"team_id": "T9", "is_stranger": True}
    await slack.look_at("C2", user="U5")
    await slack.look_at("C2")
    await slack.until(lambda: "D1" in slack.agents.prompts)
    assert "D5" not in slack.agents.prompts


async def test_context_of_nobody_is_left_alone(slack: FakeSlack, bot: object) -> None:
    """As in the example of Slack's reference."""
    await slack.deliver({"type": "app_context_changed", "context": {}})
    await slack.direct("When?")
    assert "You asked" in (await slack.reply("D1"))["text"]
    assert slack.agents.prompts == {}

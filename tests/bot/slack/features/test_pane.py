"""Where somebody opens a conversation with the bot: a greeting, and questions from the register."""

from __future__ import annotations

from dataclasses import replace

from bot.answering.question import Turn
from bot.slack.core.options import ChannelData
from store.audiences import Audience
from store.errors import NoStore
from tests.bot.slack.conftest import Assistant, Start, channel_data
from tests.fake_slack.slack import FakeSlack


async def test_greeting_comes_once_and_the_prompts_each_time(slack: FakeSlack, bot: object) -> None:
    for number in (1, 2):
        await slack.open_messages()
        await slack.until(lambda n=number: len(slack.called("assistant.threads.setSuggestedPrompts")) == n)
    [greeting] = slack.replies("D1")
    assert greeting["text"].startswith("Hello!")
    assert len(slack.agents.prompts["D1"]) == 4


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

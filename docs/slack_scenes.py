"""What the pictures of Slack show: people use the bot, with the bundled report, in a Slack on loopback.

Everything of the bot's is what it sent there. The Slack is that of the tests.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import slack_page
from slack_page import from_bot, from_person, pane

from bot.commands.context import bundled
from bot.settings import Settings
from bot.slack.app import run_slack_bot
from bot.slack.core.options import Timing
from bot.slack.manifest import make_manifest
from bot.slack.wiring import channel_data, slack_options
from bot.wiring import Services, build
from store.jobs import ExpertQuestionStore, MessageRef
from tests.fake_slack.channels import Message
from tests.fake_slack.forms import choose, labels, opened_by, press
from tests.fake_slack.slack import FakeSlack
from tests.store.jobs.stored_outcome import until_stored

TODAY = slack_page.day("Monday, May 6th")
PERSON = slack_page.Person("Amina Kamau", "AK")
CHANNEL = "# un-processes"
# Amina, who keeps the library, and who answers for the secretariat.
USER, EXPERT, EXPERTS = "U1", "U9", "C9"
SUMMIT = "Summit of the Future"
STILL_ON = "Is the Summit of the Future still on?"
LLDC = "Is the LLDC conference still on?"
CLIMATE = "What is ITU doing on climate?"
COST = "How much does the Summit of the Future cost?"
EXPERTS_ANSWER = (
    "The costs are not in our reports. They are in the budget that the General Assembly approved in December."
)
# The digest of a morning in Geneva is posted at 8:00.
EVE, MORNING = datetime(2024, 5, 3, 14, tzinfo=UTC), datetime(2024, 5, 6, 6, tzinfo=UTC)
AFTERNOON, LATER = datetime(2024, 5, 6, 12, tzinfo=UTC), datetime(2024, 9, 22, 6, tzinfo=UTC)


class Then(Settings):
    """Settings on a day of the past."""

    moment: datetime

    def today(self) -> date:
        """Return the day of the moment."""
        return self.moment.date()


@asynccontextmanager
async def bot_at(moment: datetime, slack: FakeSlack, folder: Path) -> AsyncIterator[Services]:
    """Run the bot at a moment; it has answered all that was due when the context is entered."""
    settings = Then(
        moment=moment,
        data_dir=folder,
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_APP_TOKEN=slack.app_token,
        slack_api_url=slack.url,
        library_users=(USER,),
        experts_channel=EXPERTS,
        _env_file=None,
    )
    services = build(settings)
    options = replace(slack_options(services), clock=lambda: moment, timing=Timing(announce_queue_after=60.0))
    ready, stop = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(
        run_slack_bot(
            lambda audience: services.seen_from(audience).assistant,
            services.shared.question_store,
            channel_data(services),
            options,
            stop=stop,
            announce=lambda line: ready.set() if "ready" in line else None,
        )
    )
    await ready.wait()
    yield services
    stop.set()
    await running
    services.shared.close()


def draw(folder: Path) -> Mapping[str, str]:
    """Return the name of each picture -> its page; the folder is for the bot's data."""
    with closing(build(Settings(data_dir=folder, _env_file=None)).shared) as services:
        services.ingest(bundled())
    return asyncio.run(_draw(folder))


async def _draw(folder: Path) -> Mapping[str, str]:
    manifest = make_manifest(Settings(library_users=(USER,), experts_channel=EXPERTS), command="/itu")
    slack = FakeSlack(manifest=manifest)
    slack.directory.people[USER] = {"tz": "Europe/Zurich"}
    await slack.start()
    try:
        async with bot_at(EVE, slack, folder):
            await _typed(slack, "subscribe daily")
        slack.messages.clear()
        async with bot_at(MORNING, slack, folder) as services:
            digest = await _newest(slack, "C1", "Coming dates, as of 6 May")
            pages = {
                "slack.png": await _questions(slack, digest),
                "slack-sources.png": await _sources(slack, services),
            }
            listed, details, made = await _reminder(slack)
            pages["slack-home.png"] = await _home(slack)
            _move_summit(services)
        direct = len(slack.messages["D1"])
        async with bot_at(AFTERNOON, slack, folder):
            alert = await _newest(slack, "C1", "29–30 September")
            moved = await _newest(slack, "D1", "29–30 September", direct)
        async with bot_at(LATER, slack, folder):
            due = await _newest(slack, "D1", "Reminder: ")
        pages["slack-dates.png"] = _dates(listed, details, made, moved, due, alert)
    finally:
        await slack.stop()
    return pages


async def _questions(slack: FakeSlack, digest: Message) -> str:
    """Return a channel with its digest, and a thread: an answer, a refusal and a further answer."""
    first = await slack.mention("C1", LLDC, user=USER)
    thread = [from_person(PERSON, LLDC, "8:12 AM")]
    asked = [(LLDC, "8:12 AM"), (COST, "8:14 AM"), (CLIMATE, "8:15 AM")]
    said = [from_bot(_blocks(await slack.reply("C1", first["ts"])), "8:12 AM")]
    for number, (question, at) in enumerate(asked[1:], start=2):
        await slack.mention("C1", question, thread=first["ts"], user=USER)
        said += [
            from_person(PERSON, question, at),
            from_bot(_blocks(await slack.reply("C1", first["ts"], number)), at),
        ]
    channel = [TODAY, from_bot(_blocks(digest), "8:00 AM"), thread[0], slack_page.replies(len(said))]
    thread += [slack_page.counted(len(said)), *said]
    return slack_page.page([pane(CHANNEL, "", channel), pane("Thread", CHANNEL, thread)])


async def _sources(slack: FakeSlack, services: Services) -> str:
    """Return an answer with the window of its source, and a question that goes to people and comes back."""
    passed_on = ExpertQuestionStore.beside(services.shared.question_store)
    asked = await slack.mention("C2", STILL_ON, user=USER)
    answer = await slack.reply("C2", asked["ts"])
    window, _ = await opened_by(slack, press(slack, answer, _sources_label(answer), user=USER, channel="C2"))
    await slack.until(lambda: "2.2" in str(window["blocks"]))
    refused = await slack.mention("C2", COST, user=USER)
    refusal = await slack.reply("C2", refused["ts"])
    told = await slack.response(await press(slack, refusal, "Ask the secretariat", user=USER, channel="C2"))
    post = await slack.reply(EXPERTS)
    shown = _blocks(post)
    await until_stored(lambda: passed_on.posted_as(MessageRef(EXPERTS, post["ts"])) is not None)
    await slack.reply_in_thread(EXPERTS, EXPERTS_ANSWER, post["ts"], user=EXPERT)
    back = await slack.reply("C2", refused["ts"], 2)
    left = [
        from_person(PERSON, STILL_ON, "8:14 AM"),
        from_bot(_blocks(answer), "8:14 AM"),
        slack_page.modal(window),
    ]
    right = [
        from_person(PERSON, COST, "8:16 AM"),
        from_bot(_blocks(refusal), "8:16 AM"),
        from_bot(_blocks(told), "8:17 AM", ephemeral=True),
        slack_page.day("In the channel of the secretariat"),
        from_bot(shown, "8:17 AM"),
        slack_page.day("Back in the thread"),
        from_bot(_blocks(back), "9:02 AM"),
    ]
    return slack_page.page(
        [pane("Thread", f"{CHANNEL}, and the window of the source", left), pane("Thread", CHANNEL, right)]
    )


async def _reminder(slack: FakeSlack) -> tuple[Message, Message, Message]:
    """Return the list of dates, the details of one, and the confirmation of a reminder of it."""
    listed = await _typed(slack, "dates")
    details = await slack.response(await choose(slack, listed, SUMMIT, user=USER))
    made = await slack.response(await choose(slack, details, "7 days before", user=USER))
    return listed, details, made


async def _home(slack: FakeSlack) -> str:
    """Return the Home tab of a person who keeps the library, and a private answer with the line that leads to it."""
    await slack.open_tab("home", user=USER)
    await slack.until(lambda: USER in slack.forms.homes)
    home = "".join(map(slack_page.block, slack.forms.homes[USER]["blocks"]))
    before = len(slack.messages["D1"])
    pointer = await _typed(slack, STILL_ON, "C3")
    private = await _newest(slack, "D1", "You asked", before)
    channel = [
        slack_page.day("Monday, May 6th, in the channel"),
        from_bot(_blocks(pointer), "9:40 AM", ephemeral=True),
        slack_page.day("In the direct messages with the bot"),
        from_bot(_blocks(private), "9:40 AM"),
    ]
    return slack_page.page(
        [pane("itubot", "Home", [f'<div class="home">{home}</div>']), pane(CHANNEL, "", channel)]
    )


def _dates(
    listed: Message, details: Message, made: Message, moved: Message, due: Message, alert: Message
) -> str:
    """Return a list of dates with the details of one, and what a person and a channel read when it moves."""
    channel = [
        TODAY,
        from_bot(_blocks(listed), "9:40 AM", ephemeral=True),
        from_bot(_blocks(details), "9:40 AM", ephemeral=True),
        from_bot(_blocks(made), "9:41 AM", ephemeral=True),
    ]
    direct = [
        TODAY,
        from_bot(_blocks(moved), "2:00 PM"),
        slack_page.day("Sunday, September 22nd"),
        from_bot(_blocks(due), "8:00 AM"),
        slack_page.day("May 6th, in the channel"),
        from_bot(_blocks(alert), "2:00 PM"),
    ]
    return slack_page.page([pane(CHANNEL, "", channel), pane("itubot", "direct messages", direct)])


def _move_summit(services: Services) -> None:
    """Take in a version of the report in which the summit is a week later."""
    with tempfile.TemporaryDirectory() as folder:
        [original] = bundled()
        paper = Path(folder, original.name)
        # Its title and date.
        shutil.copy(f"{original}.meta.toml", folder)
        text = original.read_text("utf-8").replace("22-23 September", "29-30 September")
        paper.write_text(text, encoding="utf-8")
        services.shared.ingest([paper])


async def _typed(slack: FakeSlack, text: str, channel: str = "C1") -> Message:
    """Type the command, and return the last reply that only the person sees."""
    envelope = await slack.command(text, channel=channel, user=USER)
    return await slack.response(envelope)


async def _newest(slack: FakeSlack, channel: str, words: str, after: int = 0) -> Message:
    def found() -> list[Message]:
        return [message for message in slack.messages[channel][after:] if words in str(message.get("blocks"))]

    await slack.until(lambda: bool(found()))
    return found()[-1]


def _sources_label(answer: Message) -> str:
    return next(label for label in labels(answer) if label.startswith("Source"))


def _blocks(message: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    blocks: Sequence[dict[str, Any]] = list(message["blocks"])
    return blocks

"""A bot that is killed during all that people have it do: what they gave is neither lost nor doubled."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from store.audiences import of_channel
from store.catalog import Catalog
from store.jobs import ExpertQuestionStore, MessageRef, QuestionStore, ReminderStore, SubscriptionStore
from tests.bot.slack.processes.bot_process import PATIENCE, ingest_report, serving, settings_for
from tests.bot.slack.processes.test_stop import locked
from tests.bot.slack.refusing_assistant import EXPERTS
from tests.fake_slack.channels import Message
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import View, choose, opened_by, press, send_off, vote
from tests.fake_slack.hosted_files import send_files
from tests.fake_slack.slack import FakeSlack
from tests.servers import database_url, on_servers
from tests.store.jobs.stored_outcome import open_jobs, until_stored
from tests.tools.chaos.bots import PROGRAM as PLAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BOT = "tests.bot.slack.processes.plain_hurried_bot"
QUESTION = "On which days is the Summit of the Future?"
FORUM, WORKSHOP = "Forum on Harbours", "Workshop on Lighthouses"
REPORT = b"""1 Radio

1.1 The Expert Forum on Lunar Radio Quiet will be held on 3-5 March 2099 in Nairobi.

1.2 Delegates register for the Expert Forum on Lunar Radio Quiet by 1 February 2099.
"""
UNKNOWN = "What is the budget of the Radio Regulations Board in 2031?"


def fill(data: Path, papers: Path) -> None:
    """Ingest the report and two dates to come, by the embedder that costs nothing."""
    paper = papers / "harbours.txt"
    paper.write_text(f"{_announced(1, FORUM, 40)}\n{_announced(2, WORKSHOP, 50)}", "utf-8")
    ingest_report(data, PLAIN)
    ingest_report(data, PLAIN, paper)


def _announced(number: int, title: str, days: int) -> str:
    """Return the paragraph of a document on an event that is so many days ahead."""
    day = datetime.now(UTC) + timedelta(days=days)
    return f"1.{number}\tThe {title} will be held in Geneva on {day:%-d %B %Y}.\n"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("plain")
    fill(data, tmp_path_factory.mktemp("papers"))
    return data


@pytest.fixture
def folder(plain: Path, tmp_path: Path) -> Path:
    if on_servers():
        fill(tmp_path / "data", tmp_path)
    else:
        shutil.copytree(plain, tmp_path / "data")
    return tmp_path / "data"


@dataclass(frozen=True)
class People:
    """People who act at the same moment, each in a channel of their own, and what they have before them."""

    slack: FakeSlack
    folder: Path
    answer: Message
    form: View
    refusal: Message
    passed_on: Message
    date: Message
    reminded: Message
    corrected: Message
    home: View

    def act(self) -> list[Awaitable[Any]]:
        """Return what they do."""
        slack = self.slack
        return [
            slack.mention("C1", QUESTION),
            slack.command(QUESTION, channel="C2", trigger="asked"),
            press(slack, self.refusal, "Ask the secretariat"),
            slack.reply_in_thread(EXPERTS, "The members pay.", self.passed_on["ts"], user="U9"),
            vote(slack, self.answer, positive=True, user="U2"),
            send_off(slack, self.form, user="U3", reason="wrong", comment="It moved."),
            slack.command("subscribe weekly summit", channel="C7"),
            choose(slack, self.date, "7 days before", user="U4", channel="C9"),
            press(slack, self.reminded, "Cancel reminder", user="U5", channel="C9"),
            press(slack, self.corrected, "Undo", user="U8", channel="C9"),
            press(slack, self.home, "Unsubscribe", user="U11"),
            send_files(slack, slack.hosted.add("lunar.txt", REPORT), user="U8"),
        ]

    def seen(self) -> dict[str, int]:
        """Return how often what they did has come to pass."""
        slack, database = self.slack, database_url(self.folder)
        votes, reminders = QuestionStore.open(database).votes(), ReminderStore.open(database)
        asked = next(one["ts"] for one in slack.messages["C1"] if QUESTION in one["text"])
        subscriptions = SubscriptionStore.open(database)
        with Catalog(database_url(self.folder)).snapshot() as view:
            corrections = view.corrections()
        library = Catalog(database_url(self.folder)).seen_by(frozenset({of_channel(slack.team, "D8")}))
        return {
            "mention": len(slack.replies("C1", asked)),
            "question of the command": sum("You asked" in one["text"] for one in slack.messages["D1"]),
            "question to the secretariat": sum("<#C5>" in one["text"] for one in slack.replies(EXPERTS)),
            "answer of the secretariat": sum("The members pay." in str(one) for one in slack.messages["C6"]),
            "vote": sum((one.user, one.vote) == ("U2", "good") for one in votes),
            "reason of a vote": sum((one.user, one.comment) == ("U3", "It moved.") for one in votes),
            "subscription": len(subscriptions.all(team=slack.team, channel="C7")),
            "word on the subscription": len(slack.replies("C7")),
            "reminder": len(reminders.all(team=slack.team, user="U4")),
            "cancelled reminder": 1 - len(reminders.all(team=slack.team, user="U5")),
            "undone correction": 1 - len(corrections),
            "subscription ended in the Home tab": 1 - len(subscriptions.of_person(slack.team, "U11")),
            "upload": sum(document.source == "lunar.txt" for document in library.documents()),
            "result of the upload": sum("is new here" in str(one) for one in slack.messages["D8"]),
        }


async def gathered(slack: FakeSlack, folder: Path) -> People:
    """Have people ask the bot, so that each has something before them."""

    async def reply_to(text: str, channel: str) -> Message:
        asked = await slack.mention(channel, text)
        await slack.until(lambda: bool(slack.replies(channel, asked["ts"])), PATIENCE)
        return slack.replies(channel, asked["ts"])[0]

    answer = await reply_to(QUESTION, "C10")
    form, _ = await opened_by(slack, vote(slack, answer, positive=False, user="U3"))
    refusal = await reply_to(UNKNOWN, "C5")
    await press(slack, await reply_to(UNKNOWN, "C6"), "Ask the secretariat")
    await slack.until(lambda: bool(slack.replies(EXPERTS)))
    [post] = slack.replies(EXPERTS)
    passed_on = ExpertQuestionStore.open(database_url(folder))
    await until_stored(lambda: passed_on.posted_as(MessageRef(EXPERTS, post["ts"])) is not None)
    dates = await slack.response(await slack.command("dates", channel="C9"))
    details = await slack.response(await choose(slack, dates, FORUM, channel="C9"))
    reminded = await slack.response(
        await choose(slack, details, "7 days before", user="U5", channel="C9"), seconds=PATIENCE
    )
    other = await slack.response(await choose(slack, dates, WORKSHOP, user="U8", channel="C9"))
    correction, correcting = await opened_by(slack, press(slack, other, "Correct", user="U8", channel="C9"))
    await send_off(slack, correction, user="U8", title="Lighthouses")
    corrected = await slack.response(correcting)
    await slack.response(await slack.command("subscribe weekly harbours", user="U11", channel="D11"))
    await slack.open_tab("home", user="U11")
    await slack.until(lambda: "U11" in slack.forms.homes)
    home = slack.forms.homes["U11"]
    return People(slack, folder, answer, form, refusal, post, details, reminded, corrected, home)


# How many things people do at the same moment.
ACTS = 12
# When the bot is killed.
BEFORE_IT_IS_STORED = "before what they do is stored"
BEFORE_THE_ACKNOWLEDGEMENT = "after it is stored, before the acknowledgement reaches Slack"
BEFORE_THE_CALL = "before its first call that posts"
AFTER_THE_CALL = "after that, before it knows that Slack has it"


@asynccontextmanager
async def kept_from_more(
    slack: FakeSlack, folder: Path, when: str, acting: asyncio.Future[Any]
) -> AsyncIterator[None]:
    """Keep the bot from coming any further than this with what people do, while the context is open."""
    if when == BEFORE_IT_IS_STORED:
        with locked(database_url(folder)):
            # Longer than the bot takes to acknowledge what it has not stored, if it does.
            await asyncio.wait({acting}, timeout=1.5)
            yield
    elif when == BEFORE_THE_ACKNOWLEDGEMENT:
        slack.delivery.deaf = True
        # What is shown only to the asker and is on its way when the bot is killed, they may see twice.
        slack.faults["response_url"] = [Fault("hang")] * ACTS
        await slack.until(lambda: len(slack.delivery.unheard) == ACTS, PATIENCE)
        yield
        slack.delivery.deaf = False
        slack.faults.clear()
    else:
        posted = len(slack.called("chat.postMessage"))
        for call in ("chat.postMessage", "response_url"):
            slack.faults[call] = [Fault("hang", done=when == AFTER_THE_CALL)] * 2 * ACTS
        # The mention, the answer to the command's question, two of the secretariat, the word on the subscription, the
        # status of the upload.
        await slack.until(lambda: len(slack.called("chat.postMessage")) == posted + 6, PATIENCE)
        yield
        slack.faults.clear()


@pytest.mark.parametrize(
    "when", [BEFORE_IT_IS_STORED, BEFORE_THE_ACKNOWLEDGEMENT, BEFORE_THE_CALL, AFTER_THE_CALL]
)
async def test_nothing_is_lost_or_doubled_by_a_kill(slack: FakeSlack, folder: Path, when: str) -> None:
    environment = settings_for(slack, folder) | {
        "ITUBOT_LIBRARY_USERS": "U8",
        "ITUBOT_EXPERTS_CHANNEL": EXPERTS,
    }
    async with serving(environment, BOT) as first:
        await slack.until(lambda: slack.connections() == 1, PATIENCE)
        people = await gathered(slack, folder)
        acting = asyncio.gather(*people.act())
        async with kept_from_more(slack, folder, when, acting):
            first.kill()
            await first.wait()
    async with serving(environment, BOT):
        await acting
        await slack.until(lambda: slack.connections() == 2, PATIENCE)
        await until_stored(lambda: open_jobs(QuestionStore.open(database_url(folder))) == 0, PATIENCE)
        # What is stored before the acknowledgement is no job.
        await until_stored(lambda: all(people.seen().values()), PATIENCE)

    assert people.seen() == dict.fromkeys(people.seen(), 1)

"""Every place in Slack where people meet the bot, used once: Slack finds nothing wrong with what it sends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.answers import Answer
from bot.slack.handlers.command_parser import NAMES
from bot.slack.manifest import ASK, ASK_ABOUT_MESSAGE, UPCOMING_DEADLINES
from bot.slack.options import ExpertOptions
from tests.bot.slack.conftest import Assistant
from tests.bot.slack.fakes.forms import choose, labels, opened_by, press, send_off, vote
from tests.bot.slack.fakes.hosted_files import point_at, send_files, shared
from tests.bot.slack.fakes.shortcuts import use_global_shortcut, use_message_shortcut
from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.fakes.surfaces import unasked
from tests.bot.slack.handlers.schedules import entries_of, schedule_options
from tests.bot.slack.handlers.shown_register import SUMMIT, Register
from tests.bot.slack.handlers.test_experts import form as answer_form
from tests.bot.slack.handlers.test_experts import passed_on
from tests.bot.slack.library.real_library import REPORT, RealLibrary, citations_of, upload_result
from tests.bot.slack.processes.expert_bot import expert_options, refusal
from tests.servers import state_url

# More documents than a page of the Home tab has.
MANY = 25
UNKNOWN = "Who pays?"
# What else people type after the command: a slip of the pen, a question, and the topic of a subscription.
OTHERS = ("deadlins", "When is the summit?", "subscribe weekly summit")


class KnowingAssistant(Assistant):
    """Cites two paragraphs of a document, one that was sent in Slack if there is one; knows nothing of who pays."""

    def __init__(self, library: RealLibrary) -> None:
        super().__init__()
        self._library = library

    def answer(self, question: str, **options: Any) -> Answer:
        reply = super().answer(question, **options)
        if question == UNKNOWN:
            return refusal(reply)
        catalog = self._library.store.catalog
        document = max(catalog.documents(), key=lambda document: document.original is not None)
        return replace(reply, citations=citations_of(catalog, document))


@pytest.fixture
def assistant(library: RealLibrary) -> KnowingAssistant:
    return KnowingAssistant(library)


@pytest.fixture
async def bot(register: Register, library: RealLibrary, tmp_path: Path) -> ExpertOptions:
    """The bot with everything that it can do, on a day before the summit."""
    papers = tmp_path / "papers"
    papers.mkdir()
    for number in range(MANY):
        (papers / f"{number}.txt").write_bytes(REPORT.replace(b"1.1", f"{number}.1".encode()))
    experts = expert_options(state_url(tmp_path))
    await register.open(
        "U1",
        uploads=library.upload_options("U1"),
        schedule=schedule_options(state_url(tmp_path), "2024-05-01T09:00", entries_of(library)),
        experts=experts,
        asks_assistant=lambda _message, _history: True,
    )
    await asyncio.to_thread(library.store.ingest, papers)
    return experts


async def test_slack_finds_nothing_wrong_with_any_surface(
    slack: FakeSlack, bot: ExpertOptions, register: Register
) -> None:
    await questions(slack)
    await commands(slack)
    await entries(slack, register)
    await shortcuts(slack)
    await home(slack)
    await documents(slack)
    await sources_and_feedback(slack)
    await people(slack, bot)

    assert unasked(list(slack.envelopes.values())) == set()
    assert slack.problems == []


async def questions(slack: FakeSlack) -> None:
    await slack.open_messages()
    await slack.reply("D1")
    opened = await slack.open_thread()
    await slack.direct("When is the summit?", thread=opened["ts"])
    await slack.reply("D1", opened["ts"], 2)
    asked = await slack.mention("C1", "When is the summit?")
    await slack.reply("C1", asked["ts"])
    # Once its status is cleared, the answer is recorded.
    await slack.until(lambda: slack.agents.sessions[asked["ts"]][-1] == "active")
    await slack.reply_in_thread("C1", "And where is it?", asked["ts"])
    await slack.reply("C1", asked["ts"], 2)
    await slack.press_stop("C1", asked["ts"])
    await slack.deliver(
        {"type": "assistant_thread_context_changed", "assistant_thread": {}, "event_ts": "1.0"}
    )


async def commands(slack: FakeSlack) -> None:
    for text in (*NAMES, *OTHERS):
        await slack.response(await slack.command(text))
    answered = await slack.response(await slack.command("When is the summit?"))
    await slack.response(await press(slack, answered, "Share to channel"))
    listed = await slack.response(await slack.command("subscriptions"))
    await slack.response(await press(slack, listed, "Unsubscribe"))


async def entries(slack: FakeSlack, register: Register) -> None:
    await register.reply(await press(slack, await register.details(SUMMIT), "Add to calendar"))
    await press(slack, await register.details(SUMMIT), "Share")
    await slack.until(lambda: "Shared by" in str(slack.replies("C1")))
    await register.reply(await choose(slack, await register.details(SUMMIT), "7 days before"))
    reminders = await slack.response(await slack.command("reminders"))
    await slack.response(await press(slack, reminders, "Cancel reminder"))
    corrected = await register.saved(SUMMIT, title="Future Summit")
    await register.reply(await press(slack, corrected, "Undo"))


async def shortcuts(slack: FakeSlack) -> None:
    await use_global_shortcut(slack, UPCOMING_DEADLINES)
    await use_global_shortcut(slack, ASK)
    await use_message_shortcut(slack, ASK_ABOUT_MESSAGE, slack.say("C1", "The summit moved"))
    await slack.until(lambda: len(slack.forms.opened) >= 3)
    for view in slack.forms.opened[1:]:
        await send_off(slack, view, question="When is the summit?")
    await slack.until(lambda: "asked: “When is the summit?”" in str(slack.messages["C1"]))


async def home(slack: FakeSlack) -> None:
    await slack.open_tab("home")
    await slack.until(lambda: "U1" in slack.forms.homes)
    opened = len(slack.forms.opened)
    for label in ("All deadlines", "Calendar file", "Ask a question", "Next"):
        await press(slack, slack.forms.homes["U1"], label)
    await slack.until(lambda: "Page 2" in str(slack.forms.homes["U1"]) and len(slack.forms.opened) > opened)


async def documents(slack: FakeSlack) -> None:
    file = slack.hosted.add("other.txt", REPORT.replace(b"Report", b"Other report"))
    await upload_result(slack, "D1", await send_files(slack, file))
    [done] = [message for message in slack.messages["D1"] if "Let everybody have it" in str(message)]
    await press(slack, done, "Let everybody have it")
    await slack.until(
        lambda: sum("In the library" in message["text"] for message in slack.messages["D1"]) == 2
    )
    pointed = slack.say("C1", "our report", **shared((slack.hosted.add("third.txt", REPORT),)))
    await point_at(slack, pointed)
    await upload_result(slack, "C1", pointed)


async def sources_and_feedback(slack: FakeSlack) -> None:
    asked = await slack.mention("C1", "When is the summit?")
    answer = await slack.reply("C1", asked["ts"])
    modal, _ = await opened_by(slack, press(slack, answer, labels(answer)[0]))
    await press(slack, modal, "Send me the original file")
    for act, label in ((press, "Next paragraph"), (choose, "[2]")):
        former = modal["hash"]
        await act(slack, modal, label)
        await slack.until(lambda former=former: modal["hash"] != former)
    await slack.response(await vote(slack, answer, positive=True, user="U2"))
    form, disliked = await opened_by(slack, vote(slack, answer, positive=False))
    await send_off(slack, form, comment="It moved.")
    await slack.response(disliked)


async def people(slack: FakeSlack, experts: ExpertOptions) -> None:
    asked = await slack.mention("C1", UNKNOWN)
    post = await passed_on(slack, experts, await slack.reply("C1", asked["ts"]))
    await send_off(slack, await answer_form(slack, post), user="U9", answer="ITU pays.")
    await slack.reply("C1", asked["ts"], 2)

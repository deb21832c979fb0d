"""The Home tab: a greeting, the coming dates, what a person can choose, and more for those who keep the library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain, repeat

from bot.register import RegisterEntry
from bot.slack.core.options import ChannelData
from bot.slack.core.payloads import Press
from bot.slack.core.ui.elements import actions, button, section
from bot.slack.features.home import choices_view, home_view, library_view, suggested_questions
from bot.wiring import Services
from store.audiences import Audience
from store.errors import NoStore
from store.jobs import NO_EVIDENCE, AnswerRecord, Delivery, Holder, QuestionStore, SlackMessage
from store.records import EVERYBODY, Document
from tests.bot.register_entries import AS_OF, entry, spring
from tests.bot.slack.conftest import TODAY, Start, channel_data
from tests.bot.slack.windows import choices, direct, home, window
from tests.fake_slack.faults import Fault
from tests.fake_slack.forms import choose, labels, press
from tests.fake_slack.limits import problems_of_form, problems_of_home
from tests.fake_slack.slack import FakeSlack


async def library(slack: FakeSlack, user: str = "U1") -> str:
    """Open the window of those who keep the library, and return what it shows."""
    return str(await window(slack, await home(slack, user), "Keeping the library", user))


# What it shows


async def test_home_greets_and_has_dates_and_choices(slack: FakeSlack, bot: object) -> None:
    shown = await home(slack)
    assert "Hello! I answer questions" in str(shown)
    assert "*9–10 May 2024*  UN Civil Society Conference, Nairobi" in str(shown)
    assert "Write a brief" in labels(shown)


def test_fullest_pages_keep_slacks_limits() -> None:
    register = [replace(entry, title="<!here> " * 60) for entry in spring() * 20]
    shown = [actions(*[button("x" * 70, f"a{n}", "v") for n in range(12)]), *[section("x")] * 70]
    failed = [section("x")] * 3
    assert problems_of_home(home_view(register, TODAY, ["<why> " * 90] * 4, shown, failed)) == []
    assert problems_of_home(home_view([], TODAY, [], [])) == []
    assert problems_of_form(choices_view(shown, Press("t", "U1", "T1/C1", ""), failed)) == []
    assert problems_of_form(library_view(["<!here> why? " * 60] * 50, 9)) == []
    assert "… and 5 more" in str(
        home_view([entry(f"Meeting {n}", "2024-06-03") for n in range(15)], TODAY, [], [])
    )


async def test_home_shows_only_what_everybody_may_see(slack: FakeSlack, start: Start) -> None:
    asked: list[Audience] = []

    def read(audience: Audience) -> ChannelData:
        asked.append(audience)
        return channel_data()

    await start(channel_data=read)
    await home(slack)
    assert asked == [EVERYBODY]


async def test_home_is_published_anew_in_place_of_the_one_that_is_seen(
    slack: FakeSlack, start: Start
) -> None:
    # What each opening reads, in turn.
    registers: Iterator[Sequence[RegisterEntry]] = chain([spring()], repeat([]))
    await start(channel_data=replace(channel_data(), register=lambda _day: next(registers)))
    await home(slack)
    await slack.open_tab("home")
    await slack.until(lambda: "No upcoming dates" in str(slack.forms.homes["U1"]))
    assert ["hash" in each for each in slack.called("views.publish")] == [False, True]


async def test_guest_sees_the_reason_alone(slack: FakeSlack, start: Start) -> None:
    slack.directory.people["U1"] = {"is_restricted": True}
    slack.agents.is_agent = False
    await start()
    shown = str(await home(slack))
    assert ("guests" in shown, "Conference" in shown) == (True, False)


async def test_home_without_documents_says_so(slack: FakeSlack, start: Start) -> None:
    def nothing(_audience: Audience) -> ChannelData:
        raise NoStore("there are no documents")

    await start(channel_data=nothing)
    assert "no documents yet" in str(await home(slack))


async def test_all_dates_are_a_direct_message(slack: FakeSlack, bot: object) -> None:
    await press(slack, await home(slack), "All dates")
    assert await direct(slack, "Deadlines and dates")


# The questions that it suggests


OLD = Document("old.txt", "old.txt", "Report to Council 2023", date=date(2023, 4, 1), version=3)
NEW = Document("new.txt", "new.txt", "Report to Council 2024", date=date(2024, 4, 29))


def test_questions_are_for_the_next_date_and_the_last_change() -> None:
    assert suggested_questions([entry("Forum", "2024-05-27")], [OLD, NEW], AS_OF) == [
        "What is due in the next 30 days?",
        "When is Forum?",
        "What changed in Report to Council 2023?",
        "What was postponed or cancelled?",
    ]
    assert len(suggested_questions([], [NEW], AS_OF)) == 4


def test_each_question_of_the_bundled_report_is_answered(report: Services) -> None:
    suggested = suggested_questions(report.register(AS_OF), report.catalog.documents(), AS_OF)
    assert [report.assistant.answer(question, as_of=AS_OF).answered for question in suggested] == [True] * 4


# Keeping the library


async def test_window_of_the_library_says_how_to_add_to_it(slack: FakeSlack, start: Start) -> None:
    await start(library_users=("U1",))
    assert "Send me a file under *Messages*" in await library(slack)
    assert "Keeping the library" not in labels(await home(slack, "U2"))


async def test_window_of_the_library_is_refused_to_somebody_who_keeps_it_no_more(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1",))
    # The tab that one person has open, pressed by another who has no right.
    await press(slack, await home(slack), "Keeping the library", user="U2")
    told = await slack.reply("D2")
    assert "You may not add documents" in told["text"]
    assert (slack.forms.opened, "What of C2?" in str(told)) == ([], False)


def unanswered(
    slack: FakeSlack, state: QuestionStore, channel: str, delivery: Delivery | None = None
) -> None:
    """Store a question of a channel that the documents did not answer."""
    ts = slack.say(channel, "?")["ts"]
    message = SlackMessage(slack.team, channel, ts, ts, "U2", f"What of {channel}?")
    job = state.claim(message, Holder("me", 60.0), delivery)
    assert job is not None
    state.save_reply(job.lease, "", AnswerRecord(answered=False, reason=NO_EVIDENCE))
    state.finish(job.lease, outcome="answer")


async def test_those_who_keep_the_library_see_unanswered_questions_of_public_channels(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    slack.directory.places["C7"] = {"is_private": True, "is_channel": False, "is_group": True}
    for channel in ("C2", "C7", "D2"):
        unanswered(slack, state, channel)
    unanswered(slack, state, "C3", Delivery(response_url="https://hooks.slack.com/1"))
    await start(library_users=("U1",))
    shown = await library(slack)
    assert "“What of C2?”" in shown
    assert "3 questions in private conversations" in shown
    assert not any(f"What of {channel}" in shown for channel in ("C3", "C7", "D2"))


async def test_slack_is_asked_once_whether_a_channel_is_public_unless_it_did_not_say(
    slack: FakeSlack, start: Start, state: QuestionStore
) -> None:
    unanswered(slack, state, "C2")
    await start(library_users=("U1", "U2", "U3"))
    slack.faults["conversations.info"].append(Fault("refuse"))
    assert "“What of C2?”" not in await library(slack)
    for user in ("U2", "U3"):
        assert "“What of C2?”" in await library(slack, user)
    assert [asked["channel"] for asked in slack.called("conversations.info")] == ["C2", "C2"]


async def test_press_among_the_choices_shows_them_again(slack: FakeSlack, bot: object) -> None:
    shown = await choices(slack)
    await choose(slack, shown, "Français")
    await slack.until(lambda: "Langue" in str(shown))

"""What the pictures of Slack show: pages made of the blocks that the bot makes from the bundled report."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import slack_page
from slack_page import from_bot, from_person, pane

from bot.answers import Answer
from bot.commands.context import bundled
from bot.register import RegisterEntry
from bot.register.digest import build_digest
from bot.register.following import changed_dates, known_dates, moment_before, reminder_day
from bot.register.wording import stored_dating
from bot.slack.core.ui.elements import Message
from bot.slack.core.ui.messages import with_question, with_share_button
from bot.slack.features import reminders
from bot.slack.features.experts import Experts, experts_post, experts_replies, passed_on
from bot.slack.features.feedback import Feedback
from bot.slack.features.home import Home, LibraryPart, home_view
from bot.slack.features.questions import thread_status
from bot.slack.features.questions.messages import answer_message
from bot.slack.features.register import deadlines_message, entry_details_message
from bot.slack.features.shares import shared_reply_message
from bot.slack.features.sources import SourcePlace, Sources, source_view
from bot.slack.features.subscriptions import subscriptions
from bot.slack.features.subscriptions.digests import digest_message
from bot.sources import read_source
from bot.wiring import Services
from store.jobs import Reminder, SlackMessage, Subscription

AS_OF = date(2024, 5, 1)
TODAY = slack_page.day("Wednesday, May 1st")
PERSON = slack_page.Person("Amina Kamau", "AK")
CHANNEL = "# un-processes"
KEY = "T1/C1/1714544040.000100"
STILL_ON = "Is the Summit of the Future still on?"
LLDC = "Is the LLDC conference still on?"
COST = "How much does the Summit of the Future cost?"
EXPERTS_ANSWER = (
    "The costs are not in our reports. They are in the budget that the General Assembly approved in December."
)


def questions(services: Services) -> str:
    """Return a channel with its digest, and a thread: an answer, a refusal, and a question that is worked on."""
    digest = build_digest(services.register(AS_OF), AS_OF, documents=services.catalog.documents())
    first = from_person(PERSON, LLDC, "8:12 AM")
    said = [
        from_bot(_message(_answer(services, LLDC)), "8:12 AM"),
        from_person(PERSON, COST, "8:14 AM"),
        from_bot(_message(_answer(services, COST)), "8:14 AM"),
        from_person(PERSON, "Who leads the negotiations on the Global Digital Compact?", "8:15 AM"),
    ]
    channel = [TODAY, from_bot(digest_message(digest), "8:00 AM"), first, slack_page.replies(len(said))]
    thread = [first, slack_page.counted(len(said)), *said, slack_page.status(thread_status.working())]
    return slack_page.page([pane(CHANNEL, "", channel), pane("Thread", CHANNEL, thread)])


def sources(services: Services) -> str:
    """Return an answer with the modal of its source, and a question that goes to people and comes back."""
    answer = _answer(services, STILL_ON)
    place = SourcePlace(KEY, answer.citations[0].marker)
    view = source_view(place, answer.citations, read_source(services.catalog, answer.citations[0]))
    question = SlackMessage("T1", "C1", "1714544040.000100", "", "U1", COST)
    thread = [
        from_person(PERSON, STILL_ON, "8:14 AM"),
        from_bot(_message(answer), "8:14 AM"),
        slack_page.modal(view),
    ]
    people = [
        from_person(PERSON, COST, "8:16 AM"),
        from_bot(_message(_answer(services, COST), experts=True), "8:16 AM"),
        from_bot(passed_on(), "8:17 AM", ephemeral=True),
        slack_page.day("In the channel of the secretariat"),
        from_bot(experts_post(question), "8:17 AM"),
        slack_page.day("Back in the thread"),
        from_bot(experts_replies("U9", "U1", EXPERTS_ANSWER)[0], "9:02 AM"),
    ]
    return slack_page.page(
        [pane("Thread", f"{CHANNEL}, and the window behind [1]", thread), pane("Thread", CHANNEL, people)]
    )


def home(services: Services) -> str:
    """Return the Home tab of a person who keeps the library, and a private answer that is shared."""
    register = services.register(AS_OF)
    added = datetime(2024, 4, 30, tzinfo=UTC)
    shown = Home(
        AS_OF,
        register,
        [replace(each, ingested_at=added) for each in services.catalog.documents()],
        services.changes(),
        reminders.reminder_list_message([_reminder(_summit(register))]).blocks,
        library=LibraryPart(services.corrections(), [COST], 2, 14, 1),
    )
    tab = "".join(map(slack_page.block, home_view(shown)["blocks"]))
    answer = _message(_answer(services, STILL_ON))
    private = with_share_button(with_question(answer, STILL_ON), "C1", f"answer {KEY}")
    channel = [
        TODAY,
        from_bot(private, "9:40 AM", ephemeral=True),
        from_bot(shared_reply_message(answer, "C1", "U1", STILL_ON), "9:41 AM"),
    ]
    return slack_page.page(
        [pane("itubot", "Home", [f'<div class="home">{tab}</div>']), pane(CHANNEL, "", channel)]
    )


def dates(services: Services) -> str:
    """Return a list of dates with the details of one, and what a person and a channel read when it moves."""
    documents, register = services.catalog.documents(), services.register(AS_OF)
    before = _summit(register)
    after = _summit(_moved(services))
    listed = deadlines_message(register, AS_OF, 60, documents, "/itu")
    menu = reminders.Reminders.entry_buttons(before, AS_OF)
    shown = entry_details_message(before, register, AS_OF, menu, may_correct=False, may_share=True)
    changed = changed_dates([after], known_dates([before], AS_OF), known_dates([after], AS_OF), AS_OF)
    topic = Subscription("s", "T", "C", "U", "weekly", "summit", "", 0.0, 0, {})
    channel = [
        TODAY,
        from_bot(listed, "9:40 AM", ephemeral=True),
        from_bot(shown, "9:40 AM", ephemeral=True),
    ]
    made, moved, due = _direct_messages(before, after)
    direct = [
        TODAY,
        from_bot(made, "9:41 AM"),
        from_bot(moved, "2:05 PM"),
        slack_page.day("Sunday, September 22nd"),
        from_bot(due, "8:00 AM"),
        slack_page.day("May 1st, in the channel"),
        from_bot(subscriptions.alert_message(changed, [], [topic]), "2:05 PM"),
    ]
    return slack_page.page([pane(CHANNEL, "", channel), pane("itubot", "direct messages", direct)])


def _answer(services: Services, question: str) -> Answer:
    return services.assistant.answer(question, as_of=AS_OF)


def _summit(register: Sequence[RegisterEntry]) -> RegisterEntry:
    return next(each for each in register if each.title == "Summit of the Future" and each.precision == "day")


def _reminder(entry: RegisterEntry) -> Reminder:
    dates = stored_dating([entry])
    return Reminder("r", "T", "U", "D", entry.chain_id, 7, entry.title, reminder_day(entry), dates)


def _moved(services: Services) -> Sequence[RegisterEntry]:
    """Return the register after a version of the report in which the summit is a week later."""
    with tempfile.TemporaryDirectory() as folder:
        [original] = bundled()
        paper = Path(folder, original.name)
        # Its title and date.
        shutil.copy(f"{original}.meta.toml", folder)
        text = original.read_text("utf-8").replace("22-23 September", "29-30 September")
        paper.write_text(text, encoding="utf-8")
        services.shared.ingest([paper])
    return services.register(AS_OF)


def _direct_messages(before: RegisterEntry, after: RegisterEntry) -> tuple[Message, Message, Message]:
    """Return what a person gets of a date: the confirmation of a reminder, news of the date, and the reminder."""
    reminder = _reminder(before)
    days = (reminder_day(each) or AS_OF for each in (before, after))
    first, second = (moment_before(each, 7, time(8), ZoneInfo("Europe/Zurich")) for each in days)
    return (
        reminders.reminder_made_message(reminder, before, first, new=True),
        reminders.date_change_message("moved", reminder, after, [second], reminder),
        reminders.reminder_message(after, second.date()),
    )


def _message(answer: Answer, *, experts: bool = False) -> Message:
    features = (Sources, Experts, Feedback) if experts else (Sources, Feedback)
    return answer_message(answer, [block for one in features for block in one.below_answer(answer, KEY)])

"""Makes the picture of dates in Slack anew, from the bot's blocks: the table, details, a reminder and an alert."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import slack_page
from slack_picture import AS_OF, photograph

from bot.commands.context import bundled
from bot.register import RegisterEntry
from bot.register.digest import dating_words
from bot.register.reminders import moment_before, reminder_day
from bot.register.subscriptions import changed_dates, known_dates
from bot.settings import load_settings
from bot.slack.blocks import reminders, subscriptions
from bot.slack.blocks.deadlines import deadlines_message
from bot.slack.blocks.elements import Message
from bot.slack.blocks.entry import details
from bot.wiring import build
from store.jobs import Reminder, Subscription
from store.records import Document

PICTURE = Path(__file__).parent / "img" / "slack-dates.png"
CHOSEN = "Summit of the Future"
ZONE, HOUR = ZoneInfo("Europe/Zurich"), time(8)


def read() -> tuple[list[Document], Sequence[RegisterEntry], Sequence[RegisterEntry]]:
    """Return the bundled report, and its register before and after the summit is moved."""
    with tempfile.TemporaryDirectory() as folder:
        services = build(load_settings().model_copy(update={"data_dir": Path(folder, "data")}))
        [original] = bundled()
        paper = Path(folder, original.name)
        # Its title and date.
        shutil.copy(f"{original}.meta.toml", folder)
        registers = []
        for days in ("22-23", "29-30"):
            text = original.read_text("utf-8").replace("22-23 September", f"{days} September")
            paper.write_text(text, encoding="utf-8")
            services.shared.ingest([paper])
            registers.append(services.register(AS_OF))
        return services.catalog.documents(), registers[0], registers[1]


def direct_messages(before: RegisterEntry, after: RegisterEntry) -> list[tuple[Message, str]]:
    """Return what a person gets of a date: the confirmation of a reminder, news of the date, and the reminder."""
    day, new_day = reminder_day(before) or AS_OF, reminder_day(after) or AS_OF
    reminder = Reminder("r", "T", "U", "D", before.chain_id, 7, before.title, day, dating_words(before))
    first, second = (moment_before(each, 7, HOUR, ZONE) for each in (day, new_day))
    return [
        (reminders.made(reminder, before, first, new=True), "9:41 AM"),
        (reminders.news("moved", reminder, after, [second], reminder), "2:05 PM"),
        (reminders.due(after, second.date()), "8:00 AM"),
    ]


def alert(before: RegisterEntry, after: RegisterEntry) -> Message:
    """Return what a channel gets that reads a topic."""
    changed = changed_dates([after], known_dates([before], AS_OF), known_dates([after], AS_OF))
    return subscriptions.alert(changed, Subscription("s", "T", "C", "U", "weekly", "summit", "", 0.0, 0, {}))


def conversation() -> str:
    """Return the page: a channel with a list, details and an alert, and the direct messages."""
    documents, register, later = read()
    before, after = (
        next(each for each in one if each.title == CHOSEN and each.precision == "day")
        for one in (register, later)
    )
    listed = deadlines_message(register, AS_OF, 60, documents, "/itu")
    shown = details(before, register, AS_OF, may_correct=False, may_share=True, may_remind=True)
    channel = [
        slack_page.day("Wednesday, May 1st"),
        slack_page.from_bot(listed, "9:40 AM", ephemeral=True),
        slack_page.from_bot(shown, "9:40 AM", ephemeral=True),
    ]
    direct = [slack_page.from_bot(message, at) for message, at in direct_messages(before, after)]
    return slack_page.page(
        [
            slack_page.pane(
                "# un-processes", "", [*channel, slack_page.from_bot(alert(before, after), "2:05 PM")]
            ),
            slack_page.pane("itubot", "direct messages", direct),
        ]
    )


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write(
            "docs/img/slack-dates.png is left as it is: Chromium is missing (apt install chromium)\n"
        )
        return 0
    photograph(chromium, conversation(), PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
